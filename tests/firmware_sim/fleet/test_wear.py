"""Simulated flights feel as they are told to."""

import numpy as np
import pytest

from windsock.firmware_sim.fleet.lives import live
from windsock.firmware_sim.fleet.wear import (
    NOTHING,
    SIGNS,
    SPREAD,
    WORN_FLIGHTS,
    Wear,
    feel,
    wearing,
    worn_to,
)
from windsock.firmware_sim.fleet.world import STEADY

WORLD = STEADY._replace(drones=400, days=730)
CALM = Wear(worn_share=0, heavy_share=0, pack_flights=1e9, windy_weeks=0)


def felt(rates, seed=1):
    lives, rng = live(WORLD, seed), np.random.default_rng(seed)
    wears = wearing(lives, rates, rng)
    return wears, feel(lives, wears, rates, rng)


def own_spread(found):
    """Of the logarithms, within drones."""
    logs = np.log(found.values)
    flights = np.maximum(np.bincount(found.drone, minlength=WORLD.drones), 1)
    sums = np.stack([np.bincount(found.drone, one, WORLD.drones) for one in logs.T], axis=1)
    return (logs - (sums / flights[:, None])[found.drone]).std(axis=0)


def test_the_same_seed_feels_the_same():
    np.testing.assert_array_equal(felt(Wear())[1].values, felt(Wear())[1].values)
    assert len(felt(Wear(), 2)[1].values) != len(felt(Wear())[1].values)


def test_healthy_drones_vary_as_they_should():
    wears, found = felt(CALM)

    assert (wears.sign == NOTHING).all()
    assert own_spread(found) == pytest.approx(SPREAD, rel=0.05)


@pytest.mark.parametrize(
    "more", [{"heavy_share": 0.3}, {"pack_flights": 20.0}, {"windy_weeks": 20.0}]
)
def test_what_looks_like_wear_shakes_them(more):
    assert own_spread(felt(CALM._replace(**more))[1])[2] > 1.03 * SPREAD[2]


def test_one_thing_wears_and_is_repaired():
    rates = CALM._replace(worn_share=1.0)
    wears, found = felt(rates)
    _, healthy = felt(CALM)
    grown = worn_to(wears, found.drone, found.nth)
    drone = int(np.flatnonzero(wears.sign != NOTHING)[0])
    own = found.drone == drone
    begins, ramp = int(wears.begins[drone]), int(wears.ramp[drone])

    assert set(wears.sign[wears.sign != NOTHING]) == set(range(len(SIGNS)))
    assert (grown[own][:begins] == 1).all()
    assert (np.diff(grown[own][begins : begins + ramp]) > 0).all()
    assert (grown[own][begins + ramp + WORN_FLIGHTS :] == 1).all()
    ratio = found.values[own] / healthy.values[own]
    sign = wears.sign[drone]
    np.testing.assert_allclose(ratio[:, sign], grown[own])
    np.testing.assert_allclose(np.delete(ratio, sign, axis=1), 1)
