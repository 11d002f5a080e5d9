"""Drones by the days on which they flew."""

import numpy as np

from windsock.collector.detect.clock import FlightDays
from windsock.collector.detect.habits import habits
from windsock.collector.detect.history import History

DAYS = 700


def flown(matrix):
    drone, day = np.nonzero(np.asarray(matrix).T)
    return FlightDays(drone.astype(np.int32), day.astype(np.int32))


def index(values):
    return np.asarray(values, np.int32)


def calendar(drones, days):
    return np.tile(np.arange(days + 1, dtype=np.float32), (drones, 1))


def one(days, today, clock=None, **more):
    """The habits of a drone that flew on *days*."""
    own = calendar(1, today) if clock is None else clock
    return habits(FlightDays(index([0] * len(days)), index(days)), own, **more)


def history(days):
    """Of a drone that flew on *days* of a clock."""
    own = History.empty(1)
    for day in days:
        own.fly(np.array([0]), np.array([day], np.float32))
    return own


def share(winter=0.2, drones=60, seed=1):
    """All fly on half of the days, in the second half of each year on *winter* of that."""
    chance = np.where(np.arange(DAYS) % 365 < 182, 0.5, 0.5 * winter)
    return np.random.default_rng(seed).random((DAYS, drones)) < chance[:, None]
