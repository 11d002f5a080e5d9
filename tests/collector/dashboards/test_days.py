"""Days of drones, fleet and software are those of the ledger, also after late data."""

import json

import pytest

from tests.collector.influx.both_threads import Collector
from tests.collector.judged import CRASH, FINE
from tests.collector.world import DAY, HOUR, T0, World
from windsock.collector.dashboards import days
from windsock.collector.dashboards.days import DAY_US, refresh_days
from windsock.collector.dashboards.rollout import software_days
from windsock.collector.influx.client import StoreDown, open_store
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Settings
from windsock.collector.sql import insert

NOW = T0 + 40 * DAY


class Fleet(World):
    """A ledger and an InfluxDB."""

    def __init__(self, path, database):
        super().__init__(path)
        self.database = database
        self.collector = Collector(
            self.ledger, Telemetry(self.ledger, open_store(database.settings))
        )
        self.rounds = self.collector.rounds

    def flown(self, start_us, version, **columns):
        """A flight in a log with its firmware."""
        log = f"f{len(self.rows('SELECT 1 FROM logs')):031x}"
        row = {"log_id": log, "agent": "dock", "received_us": T0}
        insert(self.ledger, "logs", row | {"firmware": json.dumps({"version": version})})
        facts = FINE | columns.pop("facts", {})
        return self.flight(start_us, log=log, facts=facts, **columns)

    def of(self, measurement):
        """Rows of InfluxDB by day, and by tag where there is one."""
        rows = self.database.query(f'SELECT * FROM "{measurement}"', "windsock")
        return {
            tuple(
                filter(None, (row["time"] * 1000 // DAY_US, row.get("drone"), row.get("firmware")))
            )
            if measurement == "firmware_day"
            else tuple(filter(None, (row["time"] * 1000 // DAY_US, row.get("drone")))): row
            for row in rows
        }


def expected(fleet):
    """What the flights of the ledger come to, the plain way."""
    drones, fleet_days = {}, {}
    for row in fleet.rows(
        "SELECT f.*,"
        " (SELECT verdict FROM verdicts WHERE flight_id = f.id ORDER BY id DESC LIMIT 1)"
        " AS verdict, (SELECT state FROM incidents WHERE flight_id = f.id) AS state"
        " FROM live_flights AS f WHERE start_quality = 'gps' AND airborne_s >= 10"
    ):
        crash = row["verdict"] == "crash" and row["state"] != "withdrawn"
        day = row["start_us"] // DAY_US
        for place, key in ((drones, (day, row["drone_uid"])), (fleet_days, (day,))):
            flights, airborne_s, crashes = place.get(key, (0, 0.0, 0))
            place[key] = flights + 1, airborne_s + row["airborne_s"], crashes + crash
    return drones, fleet_days


def assert_days(fleet):
    """Row by row; a day that lost its flights says 0."""
    drones, fleet_days = expected(fleet)
    for measurement, wanted in (("drone_day", drones), ("fleet_day", fleet_days)):
        found = {
            key: (row["flights"], row["airborne_s"], row["crashes"])
            for key, row in fleet.of(measurement).items()
        }
        assert {key: row for key, row in found.items() if row[0]} == wanted
        assert {row for row in found.values() if not row[0]} <= {(0, 0, 0)}
    assert fleet.rows("SELECT * FROM stale_days") == []


@pytest.fixture
def fleet(tmp_path, database):
    fleet = Fleet(tmp_path / "ledger", database)
    yield fleet
    fleet.ledger.close()


def late(fleet):
    fleet.flown(T0 + 2 * DAY, "1.14.0")


def other_time(fleet):
    fleet._set(1, start_us=T0 + 9 * DAY, start_earliest_us=T0 + 9 * DAY)


def other_drone(fleet):
    fleet._set(1, drone_uid="px4:02")


def crashed(fleet):
    fleet.measure(1, CRASH)


def crashed_and_flew_on(fleet):
    fleet.measure(1, CRASH)
    fleet.rounds.make(NOW, last=True)
    assert sum(row["crashes"] for row in fleet.of("fleet_day").values()) == 1
    fleet.flown(T0 + 3 * HOUR, "1.15.0")


MINDS = {
    "another came": late,
    "taken back": lambda fleet: fleet.retract(1),
    "a copy": lambda fleet: fleet.merge(1, 2),
    "another time": other_time,
    "another drone": other_drone,
    "a crash": crashed,
    "a crash that was none": crashed_and_flew_on,
    "no flight": lambda fleet: fleet._set(1, airborne_s=4.0),
}


@pytest.mark.e2e
@pytest.mark.parametrize("change", MINDS.values(), ids=MINDS)
def test_rows_follow_the_ledger(fleet, change):
    fleet.flown(T0, "1.15.0")
    fleet.flown(T0 + HOUR, "1.15.0", uid="px4:02")
    fleet.flown(T0 + 20 * DAY, "1.16.0")
    fleet.flight(None)  # nobody knows when
    fleet.flight(T0, start_quality="mtime")
    fleet.rounds.make(NOW, last=True)
    assert_days(fleet)

    change(fleet)
    fleet.rounds.make(NOW + HOUR, last=True)

    assert_days(fleet)


@pytest.mark.e2e
def test_software_spreads_day_by_day(fleet):
    for day in range(60):
        fleet.flown(T0 + day * DAY, "1.15.0" if day < 30 else "1.16.0")
        fleet.flown(T0 + day * DAY, "1.15.0", uid="px4:02", facts=CRASH if day == 59 else {})
    fleet.rounds.make(T0 + 61 * DAY, last=True)

    rows = fleet.of("firmware_day")
    first, last = T0 // DAY_US, T0 // DAY_US + 61
    assert rows[first, "1.15.0"]["drones"] == 2
    assert (first, "1.16.0") not in rows
    assert [rows[last, version]["drones"] for version in ("1.15.0", "1.16.0")] == [1, 1]
    old, new = rows[last, "1.15.0"], rows[last, "1.16.0"]
    assert (old["flights"], new["flights"]) == (90, 30)
    assert old["crashes_per_1000"] == pytest.approx(1000 / 90 * old["crashes"])
    assert old["crashes_lower"] <= old["crashes_per_1000"] < old["crashes_upper"]
    assert new["crashes_per_1000"] is None, "too few flights"

    fleet.flown(T0 + 25 * DAY, "1.16.0", uid="px4:03")
    fleet.rounds.make(T0 + 61 * DAY + HOUR, last=True)
    rows = fleet.of("firmware_day")
    assert rows[first + 26, "1.16.0"]["drones"] == 1, "days in between, too"


def test_where_influxdb_is_down_days_wait(world):
    class Down:
        def write(self, *_):
            raise StoreDown("no")

    world.flight(T0)
    for _ in range(2):
        with pytest.raises(StoreDown):
            refresh_days(world.ledger, Telemetry(world.ledger, Down()), NOW, simulated=False)
        assert len(world.rows("SELECT * FROM stale_days")) == 1

    refresh_days(world.ledger, Telemetry(world.ledger, None), NOW, simulated=False)
    assert world.rows("SELECT * FROM stale_days") == []
    assert [row["flights"] for row in world.rows("SELECT * FROM drone_days")] == [1]


class Lines:
    """A store that keeps lines, and is down for some."""

    def __init__(self):
        self.lines, self.down = [], "nothing"

    def write(self, body, _precision):
        lines = body.decode().splitlines()
        if any(line.startswith(self.down) for line in lines):
            raise StoreDown("no")
        self.lines += lines

    def erase(self, _spans):
        pass


def test_days_are_refreshed_some_a_round(world, monkeypatch):
    monkeypatch.setattr(days, "_DAYS_A_STEP", 2)
    monkeypatch.setattr(days, "_STEPS_A_ROUND", 2)
    for day in range(15):
        world.flight(T0 + day * DAY)
    rounds = Rounds(Settings(), world.ledger, Telemetry(world.ledger, Lines()))

    rounds.make(NOW)
    assert len(world.rows("SELECT * FROM stale_days")) == 11
    assert rounds.rest_s(NOW) == 0
    rounds.make(NOW)
    assert len(world.rows("SELECT * FROM stale_days")) == 7
    rounds.make(NOW, last=True)
    assert world.rows("SELECT * FROM stale_days") == []


def test_days_of_software_wait_on_from_the_first_that_is_not_written(world):
    store = Lines()
    insert(world.ledger, "logs", {"log_id": "0" * 32, "agent": "dock", "received_us": T0,
                                  "firmware": '{"version": "1.15.0"}'})  # fmt: skip
    world.flight(T0, log="0" * 32)
    store.down = "firmware_day"
    with pytest.raises(StoreDown):
        refresh_days(world.ledger, Telemetry(world.ledger, store), NOW, simulated=False)
    assert world.rows("SELECT * FROM stale_days") == [], "what is written waits no more"

    world.flight(T0 + 9 * DAY, uid="px4:02")
    store.down = "nothing"
    refresh_days(world.ledger, Telemetry(world.ledger, store), NOW, simulated=False)
    refresh_days(world.ledger, Telemetry(world.ledger, store), NOW + DAY, simulated=False)

    written = [int(line.split()[-1]) for line in store.lines if line.startswith("firmware_day")]
    assert written == [(T0 + day * DAY) // 1000 for day in range(42)]


def test_simulated_flights_count_only_where_they_are_flights(world):
    world.flight(T0, simulated=1)
    refresh_days(world.ledger, Telemetry(world.ledger, None), NOW, simulated=False)
    assert world.rows("SELECT * FROM drone_days") == []


def test_drones_that_went_back_to_old_software_are_counted_there():
    flown = [(1, "a", 2, 0, 0), (2, "b", 1, 0, 0), (4, "a", 1, 1, 0)]
    moved = [(1, "a", None, 1), (2, "b", "a", 1), (4, "a", "b", 1)]

    rows = {(row.day, row.firmware): row for row in software_days(flown, moved, range(1, 6))}

    assert [rows[day, "a"].drones for day in range(1, 6)] == [1, 0, 0, 1, 1]
    assert [rows[day, "b"].drones for day in range(2, 6)] == [1, 1, 0, 0]
    assert (1, "b") not in rows
    assert (rows[5, "a"].flights, rows[5, "a"].crashes) == (3, 1)
