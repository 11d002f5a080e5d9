"""InfluxDB has of every flight what the ledger has, also after the ledger changed its mind."""

import msgspec
import numpy as np
import pytest

from tests.collector.arrivals import START_US, arrived, flight, log_id, record, sent
from tests.collector.influx.both_threads import NOW, Collector
from tests.protocol.examples import SERIES, WINDOW
from windsock.collector.fleet.states import DroneState
from windsock.collector.influx.client import open_store
from windsock.collector.influx.state_rows import StateRows
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger
from windsock.protocol.facts import NAMES
from windsock.protocol.messages import Utc

pytestmark = pytest.mark.e2e

HOUR_US = 3_600_000_000
UNKNOWN = f"unidentified:{log_id(1)}"
CRASH = {"peak_force_m_s2": 300.0, "rest_tilt_deg": 80.0, "tilt_over_60_s": 3.0}


@pytest.fixture
def collector(tmp_path, database):
    ledger = open_ledger(tmp_path / "ledger")
    return Collector(ledger, Telemetry(ledger, open_store(database.settings)))


def flights_of(ledger):
    """What InfluxDB must have in `flight`: every fact of every flight that stands."""
    return {
        (row["drone_uid"], row["start_us"] // 1000): {
            name: float(str(value))
            for name, value in zip(NAMES, np.frombuffer(row["facts"], "<f4"), strict=True)
            if np.isfinite(value)
        }
        | {"flight_id": f"{row['log_id']}/{row['armed_boot_us']}"}
        for row in ledger.execute("SELECT * FROM live_flights")
    }


def verdicts_of(ledger):
    """What it must have in `verdict`."""
    rows = ledger.execute(
        "SELECT drone_uid, start_us, verdict, flight_id, max(verdicts.id) FROM live_flights"
        " JOIN verdicts ON flight_id = live_flights.id GROUP BY flight_id"
    )
    return {(row["drone_uid"], row["start_us"] // 1000): row["verdict"] for row in rows}


def assert_equal(database, ledger):
    names = {*NAMES, "flight_id"}
    rows = database.query('SELECT * FROM "flight"', "windsock")
    assert {
        (row["drone"], row["time"]): {
            name: row[name] for name in names & set(row) if row[name] is not None
        }
        for row in rows
    } == flights_of(ledger)
    assert len(rows) == len(flights_of(ledger))
    rows = database.query('SELECT * FROM "verdict"', "windsock")
    assert {(row["drone"], row["time"]): row["verdict"] for row in rows} == verdicts_of(ledger)


OTHER_MINDS = {
    "no such flight": record(
        flight(99, START_US + 500_000_000), log_id=log_id(1), facts_version=2
    ),
    "merged into a whole copy": record(
        flight(10.26, START_US + 1_900_000), log_id=log_id(2), damaged_bytes=0
    ),
    "merged at the same moment": record(flight(10.26), log_id=log_id(2), damaged_bytes=0),
    "another time": record(
        flight(10.26, START_US + 7 * HOUR_US), log_id=log_id(1), facts_version=2
    ),
    "a fact less": record(
        msgspec.structs.replace(flight(10.26), facts={"airborne_s": 5.0}),
        log_id=log_id(1),
        facts_version=2,
    ),
    "another verdict": record(flight(10.26, **CRASH), log_id=log_id(1), facts_version=2),
}


@pytest.mark.parametrize("second", OTHER_MINDS.values(), ids=OTHER_MINDS)
def test_what_no_longer_stands_is_gone(collector, database, second):
    neighbour = flight(5, START_US - HOUR_US)
    collector.take(sent(record(flight(10.26), log_id=log_id(1), damaged_bytes=9)))
    collector.take(sent(record(neighbour, log_id=log_id(9))))
    assert_equal(database, collector.ledger)
    before = flights_of(collector.ledger)

    collector.take(sent(second))

    assert flights_of(collector.ledger) != before
    assert_equal(database, collector.ledger)


def test_a_copy_that_stands_again_is_there_again(collector, database):
    collector.take(sent(record(flight(10.26), log_id=log_id(1), damaged_bytes=9)))
    collector.take(sent(record(flight(10.26, START_US + 1_000_000), log_id=log_id(2))))
    assert_equal(database, collector.ledger)

    other = record(flight(99, START_US + 500_000_000), log_id=log_id(2), facts_version=2)
    collector.take(sent(other))

    assert len(flights_of(collector.ledger)) == 2
    assert_equal(database, collector.ledger)


def test_a_flight_whose_drone_became_known_leaves_nothing_under_its_old_name(collector, database):
    def said(uid):
        start = Utc(quality="gps", us=START_US)
        return [
            sent(record(flight(), log_id=log_id(1), drone_uid=uid)),
            *(
                arrived(msgspec.structs.replace(part, drone_uid=uid, start=start))
                for part in (SERIES, WINDOW)
            ),
        ]

    collector.take(*said(UNKNOWN))
    collector.take(*said("as:SN'1"))

    assert_equal(database, collector.ledger)
    for name in ("flight", "verdict", "series", "window"):
        rows = database.query(f'SELECT * FROM "{name}"', "windsock")
        assert {row["drone"] for row in rows} == {"as:SN'1"}, name


def test_a_drone_has_one_row_an_hour_also_when_its_state_changes(tmp_path, database):
    ledger = open_ledger(tmp_path / "ledger")
    telemetry = Telemetry(ledger, open_store(database.settings))

    def drone(serial, state, customer="Acme"):
        return DroneState(serial=serial, drone_uid=None, state=state, customer=customer)

    def rows():
        found = database.query('SELECT * FROM "drone_state"', "windsock")
        return sorted((row["time"] // 3_600_000, row["drone"], row["state"]) for row in found)

    hour = NOW // HOUR_US
    states = StateRows(telemetry)
    states.write([drone("1", "active"), drone("2", "active"), drone("3", "stock")], NOW - HOUR_US)
    states.write([drone("1", "active"), drone("2", "active"), drone("3", "stock")], NOW)
    states.write([drone("1", "inactive"), drone("2", "active", "Hafen")], NOW + 1_000_000)
    now = [(hour, "as:1", "inactive"), (hour, "as:2", "active")]
    past = [
        (hour - 1, "as:1", "active"),
        (hour - 1, "as:2", "active"),
        (hour - 1, "as:3", "stock"),
    ]
    assert rows() == past + now

    restarted = StateRows(telemetry)
    restarted.write([drone("1", "active"), drone("2", "active")], NOW + 2_000_000)
    assert rows() == [*past, (hour, "as:1", "active"), (hour, "as:2", "active")]


def test_an_autopilot_that_changed_drones_is_in_one_row(tmp_path, database):
    ledger = open_ledger(tmp_path / "ledger")
    states = StateRows(Telemetry(ledger, open_store(database.settings)))

    def drone(serial, flown_us, uid="px4:01"):
        return DroneState(serial=serial, drone_uid=uid, state="active", flown_us=flown_us)

    states.write(
        [drone("1", 5), drone("2", 9), drone("3", None), drone("4", 9, "px4:02"),
         drone(None, 1, "px4:02"), drone("5", None, None)], NOW
    )  # fmt: skip

    rows = database.query('SELECT * FROM "drone_state"', "windsock")
    assert {(row["drone"], row["serial"]) for row in rows} == {
        ("as:1", "1"), ("px4:01", "2"), ("as:3", "3"), ("as:4", "4"), ("px4:02", None),
        ("as:5", "5"),
    }  # fmt: skip
    assert len(rows) == 6
