"""A normal flight soon after takes a possible crash back."""

import pytest

from tests.collector.judged import CRASH, CUT, FINE, HARD, cases, events, headlines, new
from tests.collector.world import DAY, HOUR, T0, S


@pytest.mark.parametrize(
    ("after_us", "facts", "withdrawn"),
    [
        (-HOUR, FINE, False),
        (HOUR, FINE, True),
        (DAY, FINE, True),
        (DAY + 1, FINE, False),
        (HOUR, {}, False),  # unknown proves nothing
        (HOUR, HARD, False),
        (HOUR, FINE | {"airborne_s": 9.0}, False),
    ],
)
def test_a_normal_flight_within_a_day_after(drone, after_us, facts, withdrawn):
    event_us = T0 + 590 * S
    drone.flight(T0, facts=CRASH)
    new(drone)
    drone.flight(event_us + after_us, facts=facts)
    new(drone, T0 + 2 * DAY)

    (case,) = cases(drone)[:1]
    assert (case["state"] == "resolved") is withdrawn


@pytest.mark.parametrize(
    ("facts", "before", "after", "withdrawn"),
    [
        (CUT, {"boot_count": 41, "flight_time_s": 900}, (42, 1500), True),
        (CUT, {"boot_count": 41, "flight_time_s": 900}, (42, 1499), False),  # lost its power
        (CUT, {"boot_count": 41, "flight_time_s": 900}, (43, 2500), False),  # flown since
        (CUT, {}, (42, 1500), False),
        (CRASH, {"boot_count": 41, "flight_time_s": 900}, (42, 1500), False),
    ],
)
def test_the_next_starts_counters_show_that_it_landed(drone, facts, before, after, withdrawn):
    drone.flight(T0, facts=facts, log="a" * 32)
    drone.counters("a" * 32, **before)
    drone.flight(T0 + 9 * DAY, facts=FINE, log="b" * 32)
    drone.counters("b" * 32, boot_count=after[0], flight_time_s=after[1])
    new(drone, T0 + 10 * DAY)

    assert [row["state"] for row in drone.rows("SELECT state FROM incidents")] == [
        "withdrawn" if withdrawn else "possible"
    ]


def test_px4_counts_its_flights(drone):
    for number, seen_s in ((17, 900.0), (18, 1500.0)):
        log = f"{number:032x}"
        facts = CUT if number == 17 else FINE
        drone.flight(T0 + (number - 17) * 9 * DAY, facts=facts, log=log)
        drone.counters(log, flight_uuid=number, flight_time_s=seen_s)
    new(drone, T0 + 10 * DAY)

    assert drone.rows("SELECT state FROM incidents") == [{"state": "withdrawn"}]


def test_who_was_told_hears_of_it(drone):
    drone.flight(T0, facts=CRASH)
    new(drone)
    drone.flight(T0 + HOUR, facts=FINE)
    new(drone)

    assert headlines(drone)[-1] == ("anna@maker", "Withdrawn")


def test_no_case_where_the_normal_flight_was_there_first(drone):
    drone.flight(T0 + HOUR, facts=FINE)
    new(drone)
    drone.flight(T0, facts=CRASH)
    new(drone)

    assert not cases(drone)


def test_another_drones_flight_takes_nothing_back(drone):
    drone.flight(T0, facts=CRASH)
    drone.flight(T0 + HOUR, facts=FINE, uid="px4:02")
    new(drone)

    assert cases(drone)[0]["state"] == "open"


def test_a_flight_that_may_have_been_before_takes_nothing_back(drone):
    drone.flight(T0, facts=CRASH)
    drone.flight(T0 + HOUR, facts=FINE, start_earliest_us=T0 - DAY)
    new(drone)

    assert cases(drone)[0]["state"] == "open"


def test_in_one_log_the_boot_clock_decides(drone):
    drone.flight(None, facts=CRASH, log="ab" * 16)
    drone.flight(None, facts=FINE, log="ab" * 16, armed_boot_us=700 * S, flight=2)
    new(drone, T0)

    assert not cases(drone)


def test_it_comes_back_silently_when_the_normal_flight_goes(drone):
    drone.flight(T0, facts=CRASH)
    new(drone)
    normal = drone.flight(T0 + HOUR, facts=FINE)
    new(drone)
    drone.retract(normal)
    new(drone)

    assert events(drone) == ["open: notify", "resolve: withdrawn", "reopen: already-told"]
    assert len(cases(drone)) == 1
