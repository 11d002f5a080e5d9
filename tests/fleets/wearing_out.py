"""Drones whose wear is known, judged once a day with the rest of their fleet.

A false line is a rising edge while nothing of that drone wears: noise, a heavier payload for one
flight, another battery, a windy week.
"""

from typing import NamedTuple

import numpy as np

from windsock.collector.detect.wear import (
    FLIGHTS,
    SIGNS,
    Usual,
    WearLimits,
    fleets_shares,
    held,
    usuals,
)
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


def replay(world, seeds, limits=WearLimits(), rates=Wear(), fleet=None):  # noqa: B008 - tuples can't change
    """What X3 makes of *world*, lived once for each of *seeds*, in fleets of *fleet* drones."""
    every = [_replay(world, seed, limits, rates, fleet or world.drones) for seed in seeds]
    columns = zip(*(one[:3] for one in every), strict=True)
    return Outcome(
        *map(np.concatenate, columns),
        sum(one.false_lines for one in every),
        sum(one.drone_years for one in every),
    )


def _replay(world, seed, limits, rates, fleet):
    lives, rng = live(world, seed), np.random.default_rng((seed, 3))
    wears = wearing(lives, rates, rng)
    felt = feel(lives, wears, rates, rng)
    usual = _usuals(felt, limits)
    healthy = worn_to(wears, felt.drone, felt.nth) == 1
    # row 0 is a first flight: as good as none
    newest, before = np.zeros(len(wears.sign), int), np.zeros(len(wears.sign), bool)
    line, false_lines = np.zeros(len(felt.drone), bool), 0
    for flown in _by_day(felt):
        newest[felt.drone[flown]] = flown
        today = _judged(Usual(*(column[newest] for column in usual)), limits, fleet)
        line[newest[today]] = True
        false_lines += int((today & ~before & healthy[newest]).sum())
        before = today
    return _outcome(felt, wears, line, false_lines)


def _usuals(felt, limits):
    """Of each drone after each flight."""
    rows = np.arange(len(felt.drone))
    some = [_usual(felt, rows[begin : begin + AT_ONCE], limits)
            for begin in range(0, len(rows), AT_ONCE)]  # fmt: skip
    return Usual(*map(np.concatenate, zip(*some, strict=True)))


def _usual(felt, rows, limits):
    back = np.arange(FLIGHTS)
    flights = felt.values[np.maximum(rows[:, None] - back, 0)]
    flights[back > felt.nth[rows][:, None]] = np.nan
    return usuals(flights, limits)


def _by_day(felt):
    order = np.argsort(felt.day, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(felt.day[order])) + 1)


def _judged(usual, limits, fleet):
    """Who is worn; drones that stand side by side are a fleet."""
    n = len(usual.share)
    shares = np.full((-(-n // fleet) * fleet, len(SIGNS)), np.nan)
    shares[:n] = usual.share
    share = fleets_shares(shares.reshape(-1, fleet, len(SIGNS)))
    return held(usual, np.repeat(share, fleet, axis=0)[:n], limits).worn.any(axis=1)


def _outcome(felt, wears, line, false_lines):
    flights = np.bincount(felt.drone, minlength=len(wears.sign))
    first = np.cumsum(flights) - flights
    worn = np.flatnonzero(
        (wears.sign != NOTHING) & (wears.begins >= FLIGHTS) & (flights - wears.begins >= ENOUGH)
    )
    delay = [_delay(line, first[one], wears, one, flights[one]) for one in worn]
    flown = flights > 0
    days = felt.day[(first + flights - 1)[flown]] - felt.day[first[flown]]
    return Outcome(
        wears.sign[worn], wears.ramp[worn], np.array(delay),
        false_lines, days.sum() / YEAR_DAYS,
    )  # fmt: skip


def _delay(line, first, wears, drone, flights):
    """A line that was there before does not count: it has to come while the drone wears."""
    begins = first + wears.begins[drone]
    until = first + min(wears.repaired[drone], flights)
    new = line[begins:until] & ~np.logical_and.accumulate(line[begins - 1 : until])[1:]
    return new.argmax() if new.any() else np.inf
