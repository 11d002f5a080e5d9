"""A real InfluxDB gives back what it was sent, and what it refuses is known line by line."""

import numpy as np
import pytest

from windsock.collector.influx.client import open_store
from windsock.collector.influx.digits import Steps
from windsock.collector.influx.lines import Columns, Points
from windsock.collector.influx.measurements import FLIGHT, SERIES, WINDOW
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger
from windsock.protocol.signals import SIGNALS, WINDOW_BY_NAME

pytestmark = pytest.mark.e2e

START_US = 1_795_467_600_000_000
SECOND_US = 1_000_000
HARD_TAGS = ["as:plain", "as:a,b=c", "as:\"quoted'", "as:back/slash", "as:\u00fc\u2713", "as:p=1,"]


@pytest.fixture
def telemetry(tmp_path, database):
    return Telemetry(open_ledger(tmp_path / "ledger"), open_store(database.settings))


def dead_letters(telemetry):
    rows = telemetry.ledger.execute("SELECT line, error FROM dead_letters").fetchall()
    return {row["line"]: row["error"] for row in rows}


def columns(rows, drone, chance):
    """Ten signals of any size, some values missing."""
    fields = {
        signal.name: Steps(
            chance.integers(-(10 ** chance.integers(1, 16)), 10 ** chance.integers(1, 16), rows),
            signal.scale,
            chance.random(rows) < chance.choice([0.1, 0.9, 1]),
        )
        for signal in SIGNALS
    }
    times_us = START_US + SECOND_US * np.arange(rows)
    return Columns(SERIES, {"drone": drone}, times_us, fields)


def test_every_value_is_read_back(telemetry, database):
    chance = np.random.default_rng(9)
    tables = [columns(1200, drone, chance) for drone in HARD_TAGS]

    telemetry.write(tables, START_US)

    for table in tables:
        assert read_back(database, table) == expected(table)
    assert not dead_letters(telemetry)


def test_windows_are_read_back_to_the_nanosecond(telemetry, database):
    offsets = np.array([0, 1, 19_999, 20_000])
    steps = Steps(np.array([-1, 0, 5, 99_999]), 100, np.array([1, 1, 0, 1], bool))
    telemetry.write(
        [Columns(WINDOW, {"drone": "as:1"}, START_US + offsets, {"height_m_min": steps})], START_US
    )

    rows = database.query('SELECT height_m_min FROM "window"', "windsock", epoch="ns")
    assert [(row["time"], row["height_m_min"]) for row in rows] == [
        (START_US * 1000, -0.01),
        (START_US * 1000 + 1000, 0.0),
        (START_US * 1000 + 20_000_000, 999.99),
    ]
    assert WINDOW_BY_NAME["height_m"].scale == 100


def read_back(database, table):
    """Time and values of each row of a drone."""
    drone = table.tags["drone"].replace("'", "\\'")
    rows = database.query(f"SELECT * FROM \"series\" WHERE drone = '{drone}'", "windsock")
    return {
        row["time"]: {
            name: value
            for name, value in row.items()
            if value is not None and name not in ("time", "drone")
        }
        for row in rows
    }


def expected(table):
    values = {
        time_us // 1000: {
            name: float(steps[row] / scale)
            for name, (steps, scale, present) in table.fields.items()
            if present[row]
        }
        for row, time_us in enumerate(table.times_us.tolist())
    }
    return {time: row for time, row in values.items() if row}


def test_lines_at_fault_are_dead_and_all_others_are_stored(telemetry, database):
    """A field of another type, among a thousand lines."""
    database.write(f"series,drone=as:old roll_deg=1i {START_US // 1000}", "windsock")
    chance = np.random.default_rng(1)
    table = columns(1000, "as:1", chance)
    roll = table.fields["roll_deg"]
    roll.present[:] = False
    roll.present[[3, 500, 999]] = True

    telemetry.write([table], START_US)

    dead = dead_letters(telemetry)
    assert sorted(line.rsplit(" ", 1)[1] for line in dead) == [
        str((START_US + second * SECOND_US) // 1000) for second in (3, 500, 999)
    ]
    assert all("type" in error for error in dead.values())
    whole = expected(table)
    stored = read_back(database, table)
    bad = {int(line.rsplit(" ", 1)[1]) for line in dead}
    assert {time: row for time, row in stored.items() if time not in bad} == {
        time: row for time, row in whole.items() if time not in bad
    }


def test_what_cannot_be_parsed_is_dead(telemetry, database):
    rows = Points(FLIGHT, {"drone": "as:1"}, [2**80, START_US], {"airborne_s": [1.0, 2.0]})

    telemetry.write([rows], START_US)

    assert len(dead_letters(telemetry)) == 1
    (row,) = database.query("SELECT airborne_s FROM flight", "windsock")
    assert row["airborne_s"] == 2.0


def test_rows_that_the_servers_retention_forbids_are_no_dead_letters(telemetry, database):
    if getattr(database, "generation", str)() == "3":
        pytest.skip("InfluxDB 3 keeps what it has for as long as it was made for")
    database.expire("windsock", days=2)
    table = Columns(
        SERIES,
        {"drone": "as:1"},
        np.array([START_US - 10**15, START_US]),
        {"roll_deg": Steps(np.array([1, 2]), 10, np.ones(2, bool))},
    )

    telemetry.write([table], START_US)

    assert not dead_letters(telemetry)
