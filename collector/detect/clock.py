"""The fleet clock: how much a region flies, so that winter and holidays need no calendar. Pure.

A day's tick is the rate at which recently active drones fly, from the share of them that flew
that day, over the mean of that rate in the year before. A gap measured in ticks is as long in
January as it is in June. Each region has two clocks, for those that keep its seasons and for those
that fly all year; a drone goes by the one that explains its flights, and its silence, better.
Formulas, thresholds and their sources: docs/detection-inactivity.md.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.fleet.arrays import Index, Reals

Counts = npt.NDArray[np.int64]

YEAR_DAYS: Final = 365
LEAST_TICK: Final = 0.02
"""A flight on a day on which hardly anybody flies is no proof by itself. Our choice."""
ROUNDS: Final = 3
"""Of two-means; more change little."""


class ClockLimits(NamedTuple):
    """The thresholds of the clock."""

    flying_days: int = 1
    """Flew within so many days: flying. A week lags, and is full of busy drones. Replay."""
    season_days: int = 7
    """The same where drones are grouped by season: so that a drone's own flights weigh little on
    the day that they are held against. DETECTION: tick."""
    active_days: int = 180
    """Flew within so many days on which any did: recently active. Our choice: longer than a
    winter."""
    warm_days: int = 90
    """A fleet that is younger has the calendar; later, whoever flew in its region's first ones was
    there from its first day on. Our choice."""
    region_drones: int = 20
    """A region with fewer drones runs on the whole fleet's clock. DETECTION: rules around it."""


DEFAULTS: Final = ClockLimits()


class FlightDays(NamedTuple):
    """The days on which drones flew, in order of drone, then of day, each once."""

    drone: Index
    day: Index
    """From 0 on."""


def fleet_clock(
    flown: FlightDays, region: Index, days: int, limits: ClockLimits = DEFAULTS, parents: int = 1
) -> Reals:
    """The clock of each drone's region, (regions, days + 1), in days: what passed until that day.

    *region* (drones,) counts from 0; small ones run by the sum of every *parents*-th, their own.
    Of a fleet as small as that its drones' silence would stop the clock: there a day is a day.
    """
    regions = (int(region.max(initial=-1)) // parents + 1) * parents
    if len(region) < limits.region_drones or days < limits.warm_days:
        ticks = np.ones((regions, days))
    else:
        ticks = _ticks(_flying(flown, region, (regions, days), limits, parents))
    passed = np.cumsum(ticks, axis=1)
    return np.pad(passed, ((0, 0), (1, 0))).astype(np.float32)


def season_groups(
    flown: FlightDays, region: Index, days: int, limits: ClockLimits = DEFAULTS
) -> Index:
    """Split each region into those that keep its seasons and those that fly all year.

    Two clusters a region by likelihood: a drone goes with the clock under which its flight-days
    come more evenly. (drones,): 2 x region, plus 1 for those that keep the seasons.
    """
    limits = limits._replace(flying_days=limits.season_days)
    keeps = np.ones(len(region), np.bool_)
    clock = fleet_clock(flown, 2 * region + 1, days, limits, parents=2)
    even = np.broadcast_to(np.arange(days + 1, dtype=np.float32), clock.shape)
    for _ in range(ROUNDS):
        group: Index = (2 * region).astype(np.int32)
        keeps = _likelihood(flown, clock, group + 1) > _likelihood(flown, even, group)
        clock = fleet_clock(flown, group + keeps, days, limits, parents=2)
        even = clock
    return group + keeps


def _likelihood(flown: FlightDays, clock: Reals, group: Index) -> npt.NDArray[np.float64]:
    """Of each drone's flight-days and its silence since, as Poisson on its group's clock.

    Logarithms, but for what both groups have in common.
    """
    n, of = len(group), group[flown.drone]
    begin = clock[of, flown.day]
    tick = np.maximum(clock[of, flown.day + 1] - begin, LEAST_TICK)
    first = clock[group, -1].astype(np.float64)
    np.minimum.at(first, flown.drone, begin)
    length = np.maximum(clock[group, -1] - first, 1)
    logs = np.bincount(flown.drone, np.log(tick), minlength=n)
    number = np.bincount(flown.drone, minlength=n)
    return np.asarray(logs - number * np.log(length))


def _flying(
    flown: FlightDays, region: Index, shape: tuple[int, int], limits: ClockLimits, parents: int
) -> npt.NDArray[np.float64]:
    """On each day, at what rate the recently active drones of each region fly.

    As if one more of them had stayed at home: of few drones, all may fly on one day.
    """
    drones = np.bincount(region, minlength=shape[0])
    flying = _counts(flown, region, shape, limits.flying_days)
    _lend_parents(flying, drones, limits, parents)
    active = _active(flown, region, flying, limits)
    _lend_parents(active, drones, limits, parents)
    warm = np.minimum(_first_days(flying) + limits.warm_days, shape[1])
    there = np.where(np.arange(shape[1]) < warm, np.take_along_axis(active, warm - 1, 1), active)
    return np.asarray(-np.log1p(-flying / (there + 1)))


def _first_days(flying: npt.NDArray[Any]) -> Counts:
    """The day on which each region began to fly, (regions, 1)."""
    return np.asarray(np.argmax(flying > 0, axis=1, keepdims=True))


def _active(flown: FlightDays, region: Index, flying: Counts, limits: ClockLimits) -> Counts:
    """On each day, the recently active drones of each region.

    Days on which none of it flies make nobody less active: after a long winter the first ones back
    are not all that there are.
    """
    busy = np.maximum(np.cumsum(flying > 0, axis=1) - 1, 0)
    on_busy = flown._replace(day=busy[region[flown.drone], flown.day].astype(np.int32))
    counts = _counts(on_busy, region, flying.shape, limits.active_days)
    return np.take_along_axis(counts, busy, 1)


def _lend_parents(count: Counts, drones: Counts, limits: ClockLimits, parents: int) -> None:
    """Small regions count their kind's drones everywhere, or all drones where these are few."""
    small = drones < limits.region_drones
    kind = np.arange(len(drones)) % parents
    own = count.copy()
    for parent in range(parents):
        few = drones[kind == parent].sum() < limits.region_drones
        among = np.ones_like(small) if few else kind == parent
        count[small & (kind == parent)] = own[among].sum(axis=0)


def _counts(flown: FlightDays, region: Index, shape: tuple[int, int], within_days: int) -> Counts:
    """On each day, the drones of each region that flew within so many days."""
    changes = np.zeros((shape[0], shape[1] + 1), np.int64)
    until = np.minimum(flown.day + within_days, shape[1])
    again = flown.drone[1:] == flown.drone[:-1]
    until[:-1][again] = np.minimum(until[:-1], flown.day[1:])[again]
    of = region[flown.drone]
    np.add.at(changes, (of, flown.day), 1)
    np.add.at(changes, (of, until), -1)
    return np.cumsum(changes, axis=1)[:, :-1]


def _ticks(flying: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Each day's rate of flying over its mean in the year up to that day, or in the first year.

    The first year is each region's own. One that never flew has the calendar.
    """
    days, first = flying.shape[1], _first_days(flying)
    total = np.pad(np.cumsum(flying, axis=1), ((0, 0), (1, 0)))
    end = np.maximum(np.arange(1, days + 1), np.minimum(first + YEAR_DAYS, days))
    begin = np.maximum(end - YEAR_DAYS, first)
    mean = (np.take_along_axis(total, end, 1) - np.take_along_axis(total, begin, 1)) / (
        end - begin
    )
    ticks = np.where(flying.any(axis=1, keepdims=True), np.zeros_like(flying), 1)
    np.divide(flying, mean, out=ticks, where=flying > 0)
    return ticks
