"""Drones whose wear is known, judged after each of their flights.

A false line is a rising edge while nothing of that drone wears: noise, a heavier payload for one
flight, another battery, a windy week.
"""

from typing import NamedTuple

import numpy as np

from windsock.collector.detect.wear import FLIGHTS, WearLimits, wear
from windsock.firmware_sim.fleet.lives import live
from windsock.firmware_sim.fleet.wear import NOTHING, Wear, feel, wearing, worn_to
from windsock.firmware_sim.fleet.world import YEAR_DAYS

ENOUGH = 20
"""Flights for which a drone has to fly on after it began to wear, to count."""
AT_ONCE = 20_000


class Outcome(NamedTuple):
    """Of the wear that was planted: in *k* drones."""

    sign: np.ndarray
    """(k,) index into the simulator's `SIGNS`."""
    ramp: np.ndarray
    """(k,) in how many flights it grew."""
    delay: np.ndarray
    """(k,) flights from the first worn one to the line; inf: there was none."""
    false_lines: int
    drone_years: float

    @property
    def recall(self):
        return float(np.isfinite(self.delay).mean())

    @property
    def delay_flights(self):
        return float(np.median(self.delay[np.isfinite(self.delay)]))

    @property
    def false_a_year(self):
        return self.false_lines / self.drone_years

    def of(self, which):
        """Only some of the wear."""
        return self._replace(sign=self.sign[which], ramp=self.ramp[which], delay=self.delay[which])


def replay(world, seeds, limits=WearLimits(), rates=Wear()):  # noqa: B008 - tuples can't change
    """What X3 makes of *world*, lived once for each of *seeds*."""
    every = [_replay(world, seed, limits, rates) for seed in seeds]
    columns = zip(*(one[:3] for one in every), strict=True)
    return Outcome(
        *map(np.concatenate, columns),
        sum(one.false_lines for one in every),
        sum(one.drone_years for one in every),
    )


def _replay(world, seed, limits, rates):
    lives, rng = live(world, seed), np.random.default_rng((seed, 3))
    wears = wearing(lives, rates, rng)
    felt = feel(lives, wears, rates, rng)
    line = np.zeros(len(felt.drone), bool)
    rows = np.flatnonzero(felt.nth >= FLIGHTS - 1)
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        cube = felt.values[some[:, None] - np.arange(FLIGHTS)]
        line[some] = wear(cube, limits).worn.any(axis=1)
    return _outcome(felt, wears, line)


def _outcome(felt, wears, line):
    flights = np.bincount(felt.drone, minlength=len(wears.sign))
    first = np.cumsum(flights) - flights
    rising = line & ~(np.append(False, line[:-1]) & (felt.nth > 0))
    healthy = worn_to(wears, felt.drone, felt.nth) == 1
    worn = np.flatnonzero(
        (wears.sign != NOTHING) & (wears.begins >= FLIGHTS) & (flights - wears.begins >= ENOUGH)
    )
    delay = [_delay(line, first[one], wears, one, flights[one]) for one in worn]
    flown = flights > 0
    days = felt.day[(first + flights - 1)[flown]] - felt.day[first[flown]]
    return Outcome(
        wears.sign[worn], wears.ramp[worn], np.array(delay),
        int((rising & healthy).sum()), days.sum() / YEAR_DAYS,
    )  # fmt: skip


def _delay(line, first, wears, drone, flights):
    """A line that was there before does not count: it has to come while the drone wears."""
    begins = first + wears.begins[drone]
    until = first + min(wears.repaired[drone], flights)
    new = line[begins:until] & ~np.logical_and.accumulate(line[begins - 1 : until])[1:]
    return new.argmax() if new.any() else np.inf
