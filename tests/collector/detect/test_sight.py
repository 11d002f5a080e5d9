"""Data states at their edges."""

import numpy as np
import pytest

from windsock.collector.detect.sight import (
    DATA_STATES,
    Contact,
    Counted,
    SightLimits,
    Stations,
    data_states,
    fleet_silence,
    seen_share,
    unexplained,
)
from windsock.collector.fleet.arrays import MISSING_US, NOWHERE, ages_s, spans_hours

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOW = 1_800_000_000_000_000


def state(  # noqa: PLR0913 - one drone's columns, of which each test sets one
    heard_us=NOW, contact_us=NOW, ahead_us=0, *, field=False, unset=False, home=0,
    counted_s=0.0, seen_s=0.0, flights=0,
):  # fmt: skip
    """The word for one drone that all is well with, but for what is said."""
    stations = Stations(np.array([heard_us]), np.array([field]), np.array([unset]))
    counted = Counted(np.array([counted_s], np.float32), np.array([seen_s], np.float32))
    contact = Contact(
        home=np.array([home], np.int32),
        contact_s=ages_s(np.array([contact_us]), NOW),
        ahead_hours=spans_hours(np.array([ahead_us])),
        unexplained=unexplained(counted, np.array([flights], np.int32)),
    )
    return DATA_STATES[data_states(contact, stations, NOW, SightLimits())[0]]


@pytest.mark.parametrize(("field", "patience_us"), [(False, 24 * HOUR), (True, 30 * DAY)])
@pytest.mark.parametrize(
    ("more_us", "expected"), [(-1, "fresh"), (0, "fresh"), (1, "agent-silent")]
)
def test_a_silent_station(field, patience_us, more_us, expected):
    assert state(heard_us=NOW - patience_us - more_us, field=field) == expected


def test_a_station_that_was_never_heard_of_is_silent():
    assert state(heard_us=MISSING_US) == "agent-silent"


@pytest.mark.parametrize(
    ("more_us", "expected"), [(-1, "fresh"), (0, "fresh"), (1, "drone-not-connected")]
)
def test_a_drone_that_was_not_in_reach(more_us, expected):
    assert state(contact_us=NOW - 30 * DAY - more_us) == expected


def test_a_drone_that_never_was_in_reach_has_no_station():
    assert state(contact_us=MISSING_US, home=NOWHERE, heard_us=MISSING_US) == "drone-not-connected"


@pytest.mark.parametrize(("more_us", "expected"), [(-1, "fresh"), (0, "fresh"), (1, "clock-bad")])
def test_a_flight_that_began_after_its_arrival(more_us, expected):
    assert state(ahead_us=24 * HOUR + more_us) == expected


def test_a_flight_from_years_ahead():
    assert state(ahead_us=4000 * DAY) == "clock-bad"


def test_a_station_that_says_its_clock_is_not_set():
    assert state(unset=True) == "clock-bad"
    assert state(unset=True, home=NOWHERE) == "fresh"


@pytest.mark.parametrize(
    ("counted_s", "expected"),
    [(1159.0, "fresh"), (1160.0, "logs-missing"), (1161.0, "logs-missing")],
)
def test_a_counter_that_jumped(counted_s, expected):
    # 1000 s seen in two flights: 10 s + 2 x 30 s + 100 s - 10 s of rounding are allowed for
    assert state(counted_s=counted_s + 10.0, seen_s=1000.0, flights=2) == expected


def test_what_hides_the_rest_comes_first():
    everything = {"contact_us": MISSING_US, "unset": True, "counted_s": 9e9}
    assert state(heard_us=MISSING_US, **everything) == "agent-silent"
    assert state(**everything) == "clock-bad"
    assert state(**everything | {"unset": False}) == "drone-not-connected"


@pytest.mark.parametrize(
    ("counted_s", "seen_s", "share"),
    [(9.9, 5.0, None), (10.0, 5.0, 0.5), (100.0, 0.0, 0.0), (100.0, 110.0, 1.0)],
)
def test_share_of_flown_time_seen(counted_s, seen_s, share):
    counted = Counted(np.array([counted_s], np.float32), np.array([seen_s], np.float32))
    (found,) = seen_share(counted)

    assert (None if np.isnan(found) else float(found)) == share


def silence(heard_us, field=None, **limits):
    n = len(heard_us)
    stations = Stations(
        np.array(heard_us, np.int64),
        np.array(field or [False] * n, np.bool_),
        np.zeros(n, np.bool_),
    )
    return fleet_silence(stations, NOW, SightLimits(**limits))


@pytest.mark.parametrize(("silent", "expected"), [(7, False), (8, True), (9, True)])
def test_eight_of_ten_stations_are_the_fleet(silent, expected):
    quiet, awake = [NOW - DAY - 1] * silent, [NOW] * (10 - silent)
    found = silence(quiet + awake)

    assert (found.of_all, found.silent, found.known) == (expected, silent, 10)


@pytest.mark.parametrize(("stations", "expected"), [(2, False), (3, True), (4, True)])
def test_of_two_stations_nothing_is_said_together(stations, expected):
    assert silence([NOW - 2 * DAY] * stations).of_all is expected


def test_field_stations_and_those_long_gone_are_no_part_of_it():
    quiet = [NOW - 2 * DAY] * 3
    gone = NOW - 32 * DAY - 1
    assert silence([*quiet, NOW, NOW, gone], [False] * 3 + [True, True, False]).known == 3
    assert silence([*quiet, gone + 1]).known == 4


def test_a_silence_of_months_is_one():
    found = silence([NOW - 200 * DAY] * 5)
    assert (found.of_all, found.last_heard_us) == (True, NOW - 200 * DAY)


def test_without_stations_there_is_no_silence():
    assert not silence([]).of_all
    assert not silence([MISSING_US] * 5).of_all
