"""Called back and gone away; landed by a failsafe, and how far from any plan."""

import numpy as np
import pytest

from tests.agent.record import scripted
from tests.agent.record.scripted import normal, rows, table
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.homeward import DEGREE_M
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.wanted import WANTED

LAT, LON = 47.0, 8.0
PLANE = "ArduPlane V4.4.0 (0123abcd)"
STABILIZE, RTL, LAND, PLANE_RTL = 0, 6, 9, 11
UNSAID, PILOT, BATTERY = 0, 1, 4
BATTERY_ERROR = [(30.0, 6, 1)]


def steps(*points):
    return scripted.steps(60, *points)


def flight_log(north_m, modes, banner=scripted.BANNER, errors=()):
    """The facts of a flight whose GPS says where it is; *modes* are (second, mode, reason)."""
    script = normal(errors=list(errors))
    log = scripted.dataflash(script, banner)
    log.tables["GPS"] = {0: located("GPS", script, north_m, Status=3, Lat=LAT, Lng=LON)}
    mode = rows("MODE", [(second, number) for second, number, _ in modes], "ModeNum")
    reasons = np.array([reason for *_, reason in modes])
    fields = {"ModeNum": mode["ModeNum"], "Rsn": reasons}
    log.tables["MODE"] = {0: table("MODE", mode.boot_us, **fields)}
    return log


def located(name, script, north_m, **fields):
    """GPS at 5 Hz; of *fields* the second is the latitude that *north_m* adds to."""
    us = np.rint(script.times * 1e6).astype(np.int64)[::10]
    north = np.broadcast_to(np.asarray(north_m, float), script.times.shape)[::10]
    columns = {one: np.full(len(us), float(value)) for one, value in fields.items()}
    columns[list(fields)[1]] += north / DEGREE_M
    return table(name, us, **columns)


def facts(log):
    (flight,) = measure(log, Origin("0" * 32)).record.flights
    return flight.facts


def test_a_copter_that_goes_on_while_called_back_is_timed_from_where_it_did():
    away = steps((10, 0), (15, 50), (55, 450))
    found = facts(flight_log(away, [(0, STABILIZE, PILOT), (15, RTL, BATTERY)]))

    assert found["return_away_boot_s"] == pytest.approx(15.0, abs=0.3)
    assert found["return_away_s"] == pytest.approx(37.0, abs=1.0)  # until it is down
    assert found["return_away_m"] == pytest.approx(370.0, abs=10.0)


@pytest.mark.parametrize(
    "north_m",
    [
        steps((10, 0), (20, 300), (24, 320), (50, 0)),  # brakes, turns round, comes home
        steps((10, 0), (20, 300), (30, 300), (30.1, 900), (40, 900), (40.1, 300)),  # a glitch
        100 + 80 * np.sin(2 * np.pi * np.arange(3000) / 50 / 33),  # a loiter beside home
        0.5 * np.random.default_rng(1).normal(size=3000),  # a fix that wanders
    ],
    ids=["returns", "glitch", "loiters", "wanders"],
)
def test_a_return_that_is_followed_is_no_going_away(north_m):
    assert facts(flight_log(north_m, [(0, RTL, PILOT)]))["return_away_s"] < 20.0


def test_going_away_by_the_pilots_own_will_is_not_measured():
    found = facts(flight_log(steps((10, 0), (50, 400)), [(0, STABILIZE, PILOT)]))

    assert "return_away_s" not in found
    assert "failsafe_landing_m" not in found


@pytest.mark.parametrize(
    ("reason", "errors", "forced"),
    [
        (BATTERY, (), True),
        (PILOT, BATTERY_ERROR, False),
        (UNSAID, BATTERY_ERROR, True),  # firmware before it logged reasons
        (UNSAID, (), False),
    ],
)
def test_a_landing_is_a_failsafes_by_its_reason_or_the_error_beside_it(reason, errors, forced):
    away = steps((10, 0), (30, 200))
    log = flight_log(away, [(0, STABILIZE, reason and PILOT), (30.2, LAND, reason)], errors=errors)
    found = facts(log)

    assert ("failsafe_landing_m" in found) == forced
    if forced:
        assert found["failsafe_landing_m"] == pytest.approx(200.0, abs=1.0)
        assert found["failsafe_landing_boot_s"] == pytest.approx(30.2, abs=0.1)


@pytest.mark.parametrize("name", ["RALY", "ORGN", "CMD"])
def test_a_rally_point_home_and_the_missions_landing_are_planned_places(name):
    log = flight_log(steps((10, 0), (30, 200)), [(0, STABILIZE, PILOT), (30.2, LAND, BATTERY)])
    place = {"Lat": LAT + 190 / DEGREE_M, "Lng": LON, "Type": 1, "CId": 21, "Seq": 0}
    log.tables[name] = {0: table(name, [0], **{one: np.array([v]) for one, v in place.items()})}

    assert facts(log)["failsafe_landing_m"] == pytest.approx(10.0, abs=1.0)


def test_a_pilot_who_takes_over_ends_the_failsafes_landing():
    modes = [(0, STABILIZE, PILOT), (30, LAND, BATTERY), (35, STABILIZE, PILOT)]

    assert "failsafe_landing_m" not in facts(flight_log(steps((10, 0), (30, 200)), modes))


@pytest.mark.parametrize(
    ("mode", "status", "forced"),
    [
        (12, {}, True),  # descend: nobody can choose it
        (18, {"failsafe": 1}, True),
        (18, {}, False),
        (18, {"failsafe": 1, "nav_state_user_intention": 18}, False),
        (18, {"failsafe": 1, "failsafe_and_user_took_over": 1}, False),
    ],
)
def test_a_landing_of_px4s_is_a_failsafes_unless_somebody_chose_it(mode, status, forced):
    script = normal(mode=[(0.0, 2), (30.0, mode)])
    log = scripted.ulog(script)
    log.tables["vehicle_gps_position"] = {
        0: located(
            "vehicle_gps_position", script, steps((10, 0), (30, 200)),
            fix_type=3, latitude_deg=LAT, longitude_deg=LON,
        )
    }  # fmt: skip
    states = log.tables["vehicle_status"][0]
    since = states.boot_us >= 30_000_000
    more = {name: np.where(since, value, 0) for name, value in status.items()}
    log.tables["vehicle_status"] = {
        0: table("vehicle_status", states.boot_us, **states.fields, **more)
    }

    assert ("failsafe_landing_m" in facts(log)) == forced


def test_recorded_failsafes_that_ended_where_they_should(shared_logs):
    """One brings it home and lands it there; one has to land where it is, near enough."""
    home, here = (
        facts(read_flight_log((shared_logs / "recorded" / name).read_bytes(), WANTED))
        for name in ("c1_batt_low_rtl.BIN", "c4_gps_lost_ekf_fs.BIN")
    )

    assert home["failsafe"] == here["failsafe"] == 1
    assert home["return_away_s"] == 0
    assert "failsafe_landing_m" not in home
    assert here["failsafe_landing_m"] == pytest.approx(25.3, abs=1.0)


def test_a_planes_return_is_another_mode():
    log = flight_log(steps((10, 0), (55, 450)), [(0, PLANE_RTL, PILOT)], PLANE)

    assert facts(log)["return_away_s"] > 30.0


def test_no_distance_leaves_a_station_that_sends_no_positions():
    away = steps((10, 0), (15, 50), (55, 450))
    log = flight_log(away, [(0, STABILIZE, PILOT), (15, RTL, BATTERY), (47, LAND, BATTERY)])
    (flight,) = measure(log, Origin("0" * 32, positions="none")).record.flights

    assert {"return_away_m", "failsafe_landing_m"} <= set(facts(log))
    assert not {"return_away_m", "failsafe_landing_m"} & set(flight.facts)
    assert flight.facts["return_away_s"] > 25.0
