"""Simulated lives are as their world says."""

import numpy as np
import pytest

from windsock.firmware_sim.fleet.lives import NEVER, live, season
from windsock.firmware_sim.fleet.world import MIXED, PROJECTS, STEADY, YEAR_DAYS

SMALL = STEADY._replace(drones=1500)


def test_the_same_seed_is_the_same_fleet():
    world = MIXED._replace(drones=50, days=400)

    for ours, again in zip(live(world, 7), live(world, 7), strict=True):
        np.testing.assert_array_equal(ours, again)
    assert (live(world, 7).flew != live(world, 8).flew).any()


def test_rates_and_stops():
    lives = live(SMALL, 1)
    alive = np.arange(SMALL.days)[:, None] < lives.stops

    assert not lives.flew[~alive].any()
    assert lives.flew.sum() / alive.sum() * YEAR_DAYS == pytest.approx(58, rel=0.08)
    assert (lives.stops < YEAR_DAYS).mean() == pytest.approx(0.25, abs=0.04)
    assert lives.rate_a_year.mean() == pytest.approx(70, rel=0.08)


def test_projects_come_in_runs():
    """Of two drones as busy, one in projects has the longer silences."""

    def longest(world):
        flew = live(world._replace(stop_rate=0, seasonal_share=0), 1).flew
        last = np.where(flew, np.arange(len(flew))[:, None], 0)
        return np.median((np.arange(len(flew))[:, None] - np.maximum.accumulate(last)).max(axis=0))

    assert longest(PROJECTS._replace(drones=800)) > 1.3 * longest(STEADY._replace(drones=800))


def test_seasons_of_both_hemispheres():
    north, south = season(STEADY, southern=False), season(STEADY, southern=True)

    assert north[:YEAR_DAYS].mean() == pytest.approx(1)
    assert north[196] > 1.5
    assert 0.5 > north[20] > north[357]
    assert south[20] > 1.5
    assert south[196] < 0.5


def test_what_befalls_them():
    world = MIXED._replace(drones=1500, seasonal_share=0, project_share=0, rate_shape=50)
    lives = live(world, 1)
    day = np.arange(world.days)[:, None]
    paused = (day >= lives.paused_from) & (day < lives.paused_until)
    plain = (day >= lives.delivered) & (day < lives.stops) & ~paused & (lives.rate_a_year > 0)

    assert not lives.flew[~plain].any()
    after = plain & (day >= lives.drops)
    before = plain & (day < lives.drops)
    assert lives.flew[after].mean() / lives.flew[before].mean() == pytest.approx(0.25, rel=0.15)
    assert (lives.drops < NEVER).any()
    assert 5 <= np.bincount(lives.region).min() <= 15
    assert (
        len(np.unique(np.stack([lives.account, lives.region]), axis=1).T) == lives.account[-1] + 1
    )
    assert np.bincount(np.unique(lives.account, return_counts=True)[1]).argmax() == 1
