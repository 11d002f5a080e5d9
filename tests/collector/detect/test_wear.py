"""X3 at its edges."""

import numpy as np
import pytest

from windsock.collector.detect.wear import (
    BEFORE,
    BETWEEN,
    FLIGHTS,
    PRIOR_DRONES,
    RECENT,
    SIGNS,
    WearLimits,
    fleets_shares,
    signs,
    wear,
)
from windsock.protocol.facts import matrix

STEADY = (5.0, 3.0, 8.0, 0.2)
EDGE = WearLimits().score * (1 + 1e-12)
"""The threshold, and what floating point takes."""


def flights(now=None, before=None, sign=0):
    """One drone, steady but for *now* (5) and *before* (20) of one sign."""
    cube = np.tile(np.array(STEADY), (1, FLIGHTS, 1))
    if now is not None:
        cube[0, :RECENT, sign] = now
    if before is not None:
        cube[0, RECENT + BETWEEN :, sign] = before
    return cube


def weighed(share, drones, sign=0):
    """What each of so many drones is held to, if *share* is that of the middle one."""
    return (PRIOR_DRONES * SIGNS[sign].share + drones * share) / (PRIOR_DRONES + drones)


def worn(cube):
    return wear(cube, WearLimits()).worn[0].tolist()


def test_a_steady_drone_is_not_worn():
    assert worn(flights()) == [False] * len(SIGNS)


@pytest.mark.parametrize("sign", range(len(SIGNS)))
@pytest.mark.parametrize(("more", "expected"), [(-1e-9, False), (0, True), (1e-9, True)])
def test_what_is_not_worth_a_look_at_its_edge(sign, more, expected):
    low = SIGNS[sign].least  # so low that what flights vary by is less than that
    cube = flights(now=low + EDGE * low + more, before=low, sign=sign)
    assert worn(cube) == [expected and one == sign for one in range(len(SIGNS))]


@pytest.mark.parametrize(("more", "expected"), [(-1e-9, False), (0, True), (1e-9, True)])
def test_a_restless_drones_edge_is_its_own(more, expected):
    before = np.resize([3.0, 7.0], BEFORE)  # median 5, median deviation 2
    cube = flights(now=5 + EDGE * 1.4826 * 2 + more, before=before)
    assert worn(cube)[0] is expected


def test_nobody_is_worn_of_no_drones():
    assert wear(np.empty((0, FLIGHTS, len(SIGNS))), WearLimits()).worn.shape == (0, len(SIGNS))


def test_falling_is_no_wear():
    assert not any(worn(flights(now=0.0)))


def test_two_rough_flights_of_five_pass_and_three_do_not():
    assert not worn(flights(now=[99.0, 5.0, 5.0, 99.0, 5.0]))[0]
    assert worn(flights(now=[99.0, 5.0, 99.0, 99.0, 5.0]))[0]


def test_the_five_before_those_count_for_neither():
    cube = flights()
    cube[0, RECENT : RECENT + BETWEEN, 0] = 99.0
    assert not worn(cube)[0]
    cube[0, :RECENT, 0] = 99.0
    assert worn(cube)[0]


@pytest.mark.parametrize(("more", "expected"), [(-1e-9, False), (0, True), (1e-9, True)])
def test_a_drone_that_seems_even_is_held_to_a_flight_of_any_drone(more, expected):
    """A maker's only drone says nothing of what flights vary by."""
    cube = flights(now=50 + EDGE * 50 * weighed(0, 1) + more, before=50.0)
    assert worn(cube)[0] is expected


@pytest.mark.parametrize(("more", "expected"), [(-1e-9, False), (0, True), (1e-9, True)])
def test_a_drone_that_seems_even_is_held_to_the_fleets_middle_one(more, expected):
    """As far as that is known: one varies by nothing, one by 20 % and one by 60 %."""
    cube = np.repeat(flights(), 3, axis=0)
    cube[:, RECENT + BETWEEN :, 0] = [
        np.full(BEFORE, 50.0), np.resize([40.0, 60.0], BEFORE), np.resize([20.0, 80.0], BEFORE),
    ]  # fmt: skip
    cube[:, :RECENT, 0] = 50 + EDGE * 50 * weighed(1.4826 * 0.2, 3) + more
    assert wear(cube, WearLimits()).worn[:, 0].tolist() == [expected, False, False]


def test_drones_that_are_not_known_say_nothing_of_the_fleet():
    shares = np.full((2, 5, len(SIGNS)), np.nan)
    shares[1, :2] = 0.7

    of_none, of_two = fleets_shares(shares)[:, 0]
    assert of_none == fleets_shares(shares[:1, :0])[0, 0] == SIGNS[0].share
    assert of_two == pytest.approx(weighed(0.7, 2))


def test_a_thousand_drones_know_better():
    assert fleets_shares(np.full((1, 1000, len(SIGNS)), 0.6))[0, 0] > 0.59


def test_rough_flights_before_do_not_hide_it():
    before = np.array([99.0] * 9 + [5.0] * 11)
    assert worn(flights(now=9.0, before=before))[0]


@pytest.mark.parametrize(("known", "expected"), [(9, False), (10, True), (11, True)])
def test_ten_flights_are_a_usual(known, expected):
    before = np.array([5.0] * known + [np.nan] * (BEFORE - known))
    assert worn(flights(now=20.0, before=before))[0] is expected


def test_a_value_that_is_missing_in_one_of_the_last_five():
    assert not worn(flights(now=[20.0, 20.0, 20.0, 20.0, np.nan]))[0]


def test_medians_are_those_of_numpy():
    cube = np.random.default_rng(3).gamma(2, size=(50, FLIGHTS, len(SIGNS)))
    cube[np.random.default_rng(4).random(cube.shape) < 0.2] = np.nan
    found = wear(cube, WearLimits())
    told = ~np.isnan(found.score)
    usual = np.nanmedian(cube[:, RECENT + BETWEEN :], axis=1)

    assert told.any()
    assert np.allclose(found.usual[told], usual[told])


def test_sag_is_a_share_of_the_battery_and_missing_stays_missing():
    found = signs(matrix([{"voltage_start_v": 25.0, "voltage_min_v": 22.0}, {"clips": 3.0}]))
    assert found[0, 2] == pytest.approx(12.0)
    assert np.isnan(found[1]).all()
