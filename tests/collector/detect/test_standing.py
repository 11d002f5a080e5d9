"""Drone states at their edges."""

import numpy as np
import pytest

from tests.collector.detect.test_inactivity import NOW, fleet
from windsock.collector.detect.inactivity import DAY_US, Limits, inactivity
from windsock.collector.detect.standing import STANDINGS, StandingLimits, standings
from windsock.collector.fleet.arrays import MISSING_US, WHOLE
from windsock.collector.roster.cells import SERVICE_STATES


def standing(days=0.0, flights=10, *, slowing=False, us=0, seen=1.0, **columns):
    """The word for one drone that last flew *days* and *us* ago, its station up all the time."""
    drone = fleet(
        **{"flown_us": np.int64(NOW - round(days * DAY_US) - us), "flights": np.int32(flights),
           "online_share": np.int16(seen * WHOLE)} | columns
    )  # fmt: skip
    judged = inactivity(drone, Limits())
    found = standings(drone, judged, np.array([slowing]), StandingLimits())
    return STANDINGS[found[0]]


@pytest.mark.parametrize("state", SERVICE_STATES[1:])
def test_the_rosters_word_counts_before_all_else(state):
    code = np.int8(SERVICE_STATES.index(state))
    assert standing(days=400, flights=0, service=code) == state
    assert standing(flown_us=np.int64(MISSING_US), service=code) == state


def test_delivered_and_never_flown():
    never = np.int64(MISSING_US)
    assert standing(flights=0, flown_us=never) == "delivered-never-flown"


@pytest.mark.parametrize(("flights", "expected"), [(1, "new"), (2, "new"), (3, "active")])
def test_three_flights_are_a_history(flights, expected):
    assert standing(flights=flights) == expected


@pytest.mark.parametrize(("us", "expected"), [(-1, "active"), (0, "active"), (1, "inactive")])
def test_inactive_after_thirty_days(us, expected):
    assert standing(days=30, us=us) == expected


@pytest.mark.parametrize(("us", "expected"), [(-1, "inactive"), (0, "inactive"), (1, "lost")])
def test_lost_after_half_a_year(us, expected):
    assert standing(days=180, us=us) == expected


def test_nobody_says_inactive_or_lost_of_a_drone_out_of_sight():
    assert standing(days=40, seen=0.0) == "unseen"
    assert standing(days=400, seen=0.0) == "unseen"
    assert standing(days=10, seen=0.0) == "active"


def test_slowing_is_said_of_drones_with_a_history_that_fly():
    assert standing(slowing=True) == "slowing"
    assert standing(flights=2, slowing=True) == "new"
    assert standing(days=40, slowing=True) == "inactive"
