"""From crashes to cases and notices."""

import pytest

from tests.collector.judged import CRASH, HARD, STRICT, cases, events, fleet, headlines, new
from tests.collector.world import DAY, HOUR, T0, S
from windsock.collector.settings import Judge, Settings


def test_a_crash_opens_a_case_and_tells_the_csm_once(drone):
    drone.flight(T0, facts=CRASH)
    new(drone)
    new(drone)
    fleet(drone, T0 + 2 * HOUR)

    (case,) = cases(drone)
    assert (case["rule"], case["subject"], case["csm"]) == ("X1", "D1", "anna@maker")
    assert case["playbook"] == "CS: Trouble Call End User; CS: Trouble Call Distributor"
    assert case["due_us"] == T0 + HOUR + 2 * DAY
    assert headlines(drone) == [("anna@maker", "Possible crash")]


def test_an_unclaimed_autopilot_opens_none_until_it_is_claimed(world):
    world.flight(T0, facts=CRASH)
    new(world)
    fleet(world, T0 + HOUR)
    assert not cases(world)

    world.roster("D1,px4:01,Acme,,,anna@maker")
    fleet(world, T0 + 2 * HOUR)
    assert headlines(world) == [("anna@maker", "Possible crash")]


def test_it_is_the_case_of_the_owner_of_then(world):
    world.roster("D1,px4:01,Acme,,,anna@maker", "D1,,Beta,,,bob@maker,,2026-01-01")
    world.flight(T0 - HOUR, facts=CRASH)
    new(world)

    assert headlines(world) == [("anna@maker", "Possible crash")]


def test_without_a_csm_support_hears(world):
    world.roster("D1,px4:01,Acme")
    world.flight(T0, facts=CRASH)
    new(world)
    assert events(world) == ["open: no-csm"]
    assert headlines(world) == [("support@maker", "Possible crash")]

    world.roster("D1,px4:01,Acme,,,anna@maker")
    fleet(world, T0 + HOUR)
    assert headlines(world)[1:] == [("anna@maker", "Possible crash")]


def test_with_nobody_to_tell_the_case_says_so(world):
    world.roster("D1,px4:01,Acme")
    world.flight(T0, facts=CRASH)
    new(world, settings=Settings())

    assert events(world) == ["open: nobody-to-tell"]


def test_simulated_flights_open_none_unless_asked_for(drone):
    drone.flight(T0, facts=CRASH, simulated=1)
    new(drone)
    assert not cases(drone)

    drone.flight(T0 + HOUR, facts=CRASH, simulated=1)
    new(drone, settings=Settings(judge=Judge(simulated=True)))
    assert len(cases(drone)) == 1


@pytest.mark.parametrize(("late_us", "expected"), [(0, "notify"), (1, "too-old")])
def test_an_old_incident_is_recorded_and_not_told(drone, late_us, expected):
    event_us = T0 + 590 * S  # armed at 10 s since boot, struck at 600 s
    drone.flight(T0, facts=CRASH)
    new(drone, now_us=event_us + 30 * DAY + late_us)

    assert events(drone) == [f"open: {expected}"]


def test_a_second_crash_is_told_in_the_same_case(drone):
    drone.flight(T0, facts=CRASH)
    new(drone)
    drone.flight(T0 + DAY, facts=CRASH)
    new(drone, T0 + DAY + HOUR)

    assert len(cases(drone)) == 1
    assert events(drone) == ["open: notify", "update: notify"]


def test_a_light_crash_like_event_is_recorded_and_not_told(drone):
    drone.flight(T0, facts=HARD)
    new(drone)

    assert events(drone) == ["open: digest"]


def test_a_severe_crash_like_event_is_told_as_such(drone):
    drone.flight(T0, facts=HARD)
    new(drone, settings=STRICT)

    assert headlines(drone) == [("anna@maker", "Crash-like event")]
