"""Drones that fall to a quarter of their flights on a known day, judged in a real ledger.

Flights are written as they come, the station is up all the time, and the whole fleet is judged
again and again: cases open and close, and every drone has a state.
"""

from typing import NamedTuple

import numpy as np

from tests.collector.world import DAY, HOUR, T0, World
from windsock.collector.cases.judge import judge_fleet
from windsock.collector.fleet.states import drone_states
from windsock.collector.settings import Judge, Settings
from windsock.firmware_sim.fleet.lives import DROPPED_TO, live
from windsock.firmware_sim.fleet.world import STEADY, YEAR_DAYS

DROP_DAY = YEAR_DAYS + 90
"""After a year and a quarter of history, on 1 April, every other drone drops."""
WATCHED_DAYS = 196
WORLD = STEADY._replace(days=DROP_DAY + WATCHED_DAYS, stop_rate=0.0)
"""Steady flyers, none of which stops."""
SETTINGS = Settings(judge=Judge(required=()))


class Replay(NamedTuple):
    """The states of n drones on r days."""

    days: np.ndarray
    """Since the drop."""
    states: np.ndarray
    """(r, n) words."""
    dropped: np.ndarray
    rate_a_year: np.ndarray
    """Flight-days, before."""

    def delay_days(self, least_a_year, words=("slowing",)):
        """Until a drone that dropped, and flew so often before, is called so; inf: never."""
        rows = self.dropped & (self.rate_a_year >= least_a_year)
        called = np.isin(self.states[:, rows], words)
        return np.where(called.any(axis=0), self.days[called.argmax(axis=0)], np.inf)

    def false_a_year(self, least_a_year):
        """How often a year a drone is called slowing that flies so often, as it always did."""
        rows = ~self.dropped & (self.rate_a_year >= least_a_year)
        called = self.states[:, rows] == "slowing"
        rising = called & ~np.vstack([np.zeros((1, called.shape[1]), bool), called[:-1]])
        return float(rising.sum() / (called.shape[1] * WATCHED_DAYS / YEAR_DAYS))


def replay(path, drones, seed, every_days=14):
    """Live through `WORLD` in a ledger at *path*."""
    lives, dropped = live(WORLD._replace(drones=drones), seed), np.arange(drones) % 2 == 0
    flew = lives.flew.copy()
    kept = np.random.default_rng((seed, 5)).random(flew.shape) < DROPPED_TO
    flew[DROP_DAY:, dropped] &= kept[DROP_DAY:, dropped]
    world = World(path)
    world.ledger.execute("PRAGMA synchronous = OFF")
    world.roster(*(f"D{drone:03},px4:{drone:03},A{drone}" for drone in range(drones)))
    days = np.arange(every_days, WATCHED_DAYS + 1, every_days)
    states, until = [], 0
    for day in (DROP_DAY + days).tolist():
        world.flights(_flown(flew, until, day))
        world.online(T0 + until * DAY, T0 + day * DAY)
        until, now_us = day, T0 + day * DAY
        judge_fleet(world.ledger, now_us, SETTINGS)
        states.append([one.state for one in drone_states(world.ledger, now_us, SETTINGS)])
    world.ledger.close()
    return Replay(days, np.array(states), dropped, lives.rate_a_year)


def _flown(flew, first, until):
    """Autopilot, start and station of the flights of some days."""
    return [
        (f"px4:{drone:03}", T0 + (first + day) * DAY + (6 + drone % 12) * HOUR, "dock-1")
        for day, drone in np.argwhere(flew[first:until]).tolist()
    ]
