"""Incidents of flights that are measured again, or merged with a whole copy."""

import pytest

from tests.collector.judged import CRASH, FINE, HARD, STRICT, cases, events, headlines, new
from tests.collector.world import T0, S


def test_a_crash_measured_away_is_closed_silently(drone):
    flight = drone.flight(T0, facts=CRASH)
    new(drone)
    drone.measure(flight, FINE)
    new(drone)

    assert events(drone) == ["open: notify", "resolve: resolved"]


def test_a_crash_that_only_a_better_measurement_shows_is_told(drone):
    flight = drone.flight(T0, facts=FINE)
    new(drone)
    drone.measure(flight, CRASH)
    new(drone)

    assert events(drone) == ["open: notify"]


def test_a_crash_like_event_of_a_better_measurement_is_not(drone):
    flight = drone.flight(T0, facts=FINE)
    new(drone)
    drone.measure(flight, HARD)
    new(drone, settings=STRICT)

    assert events(drone) == ["open: superseded"]


def test_a_crash_measured_again_is_the_same_case(drone):
    flight = drone.flight(T0, facts=CRASH)
    new(drone)
    drone.measure(flight, CRASH | {"contact_force_m_s2": 140.0})
    new(drone)

    assert events(drone) == ["open: notify"]


@pytest.mark.parametrize("together", [True, False])
def test_another_flight_of_the_log_takes_the_incident_over(drone, together):
    old = drone.flight(T0, facts=CRASH, log="ab" * 16)
    new(drone)
    drone.retract(old)
    if not together:
        new(drone)
    drone.flight(T0 + S, facts=CRASH, log="ab" * 16, armed_boot_us=11 * S)
    new(drone)

    (case,) = cases(drone)
    assert case["state"] == "open"
    assert len(headlines(drone)) == 1


def test_a_whole_copy_takes_the_incident_over(drone):
    damaged = drone.flight(T0, facts=CRASH)
    new(drone)
    whole = drone.flight(T0, facts=CRASH)
    drone.merge(damaged, whole)
    new(drone)

    assert [row["flight_id"] for row in drone.rows("SELECT * FROM incidents")] == [whole]
    assert len(headlines(drone)) == 1
