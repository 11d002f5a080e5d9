"""How every drone, or account, flies, from all its flight-days. Pure: arrays in, arrays out."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.clock import FlightDays
from windsock.collector.detect.history import History, Standing, standing, usual_rate
from windsock.collector.fleet.arrays import Codes, Index, Reals

WINDOW_DAYS: Final = 42
"""Calendar days held against the baseline before them. DETECTION: flying rarely."""


class Pauses(NamedTuple):
    """Planned pauses of drones, as days from 0 on; half-open."""

    drone: Index
    from_day: Index
    until_day: Index


NO_PAUSES: Final = Pauses(*(np.zeros(0, np.int32) for _ in range(3)))


class Habits(NamedTuple):
    """Of n drones."""

    standing: Standing
    recovering: Codes
    """Flights still to come before a silence counts as over."""
    usual: Reals
    """Flight-days a clock day before the window, or 0: what a case says, no rule reads it."""


def habits(flown: FlightDays, clock: Reals, pauses: Pauses = NO_PAUSES) -> Habits:
    """How those of *clock* (n, days + 1) stand on its last day, after the days of *flown*.

    *clock* holds each drone's own reading of its group's clock at the beginning of each day.
    """
    n, today = len(clock), clock.shape[1] - 1
    window = max(today - WINDOW_DAYS, 0)
    by_day = np.argsort(flown.day, kind="stable")
    rows = flown.drone[by_day].astype(np.intp)
    edges = np.searchsorted(flown.day[by_day], np.arange(today + 1))
    now, before = History.empty(n), History.empty(n)
    for day in range(today):
        if day == window:
            before = now.copy()
        _pause(now, clock, pauses, day)
        flew = rows[edges[day] : edges[day + 1]]
        if len(flew):
            now.fly(flew, clock[flew, day])
    _pause(now, clock, pauses, today)
    stand = standing(now, clock[:, today], before, clock[:, window])
    return Habits(stand, now.recovering, usual_rate(before, clock[:, window]))


def seen_later(stand: Standing, clock: Reals, day: Index) -> Standing:
    """As *stand*, where counters prove a flight that we never saw, by *day* (n,) at the latest."""
    rows = np.arange(len(day))
    gap = np.minimum(stand.gap, np.maximum(clock[:, -1] - clock[rows, day], 0))
    return stand._replace(gap=gap)


def _pause(history: History, clock: Reals, pauses: Pauses, day: int) -> None:
    """What ended by this day stops the clock for as long as it took."""
    over: npt.NDArray[np.intp] = np.flatnonzero(pauses.until_day == day)
    drones = pauses.drone[over].astype(np.intp)
    took = clock[drones, pauses.until_day[over]] - clock[drones, pauses.from_day[over]]
    np.add.at(history.stopped, drones, took)
