"""How the flights of a simulated fleet feel: noise, wind, payloads, and what wears. Pure, seeded.

How much a healthy drone varies from flight to flight, what wears, by how much and how fast is our
choice: there are no logs of drones known to wear out, and few of one drone's many flights.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.firmware_sim.fleet.lives import Index, Lives, Mask, Reals

SIGNS: Final = ("vibration", "motor", "battery", "estimator")
NOTHING: Final = -1
"""No sign: this drone does not wear."""
FEWEST_FLIGHTS: Final = 60
"""A drone that flies less has no time to wear."""
WORN_FLIGHTS: Final = 30
"""Flown with it fully worn before somebody repairs it."""
SPREAD: Final = np.array([0.25, 0.28, 0.25, 0.38])
"""Of the logarithms, from flight to flight."""
_LEVEL: Final = np.array([3.0, 7.0, 8.0, 0.25])
"""m/s2, %, %, ratio: of the middle drone ..."""
_LEVELS: Final = np.array([0.7, 0.4, 0.25, 0.4])
"""... and how far drones differ, in logarithms."""
_GROWS: Final = ((1.6, 4.0), (1.8, 4.0), (1.6, 3.0), (2.0, 6.0))
"""To how many times its level a worn sign rises, log-uniformly."""
_RAMP_FLIGHTS: Final = (3.0, 60.0)
"""In how many flights, log-uniformly."""
_WIND: Final = np.array([0.35, 0.3, 0.2, 0.6])
"""By what share a windy week raises each sign."""
_HEAVY: Final = np.array([0.3, 0.3, 0.4, 0.1])
"""The same of a flight with a heavier payload."""
_PACKS: Final = 0.15
"""By how much batteries differ, in logarithms."""
_FULL_V: Final = (16.2, 16.8)


class Wear(NamedTuple):
    """How often; shares are of the drones, or of the flights."""

    worn_share: float = 0.3
    """Of the drones with flights enough: one thing wears, once."""
    heavy_share: float = 0.03
    """Of the flights: a heavier payload than usual."""
    pack_flights: float = 60.0
    """Mean number of flights after which a drone gets another battery."""
    windy_weeks: float = 3.0
    """A year and region."""
    restless: float = 1.0
    """Flights vary by so many times `SPREAD`."""


class Wearing(NamedTuple):
    """Of n drones; flights count from 0."""

    sign: Index
    """Into `SIGNS`, or `NOTHING`."""
    begins: Index
    """The flight from which on it wears ..."""
    ramp: Index
    """... for so many flights, until it is as worn as it gets ..."""
    repaired: Index
    """... and the first flight after somebody repaired it."""
    grows: Reals
    """To how many times its level."""


class Felt(NamedTuple):
    """Of k flights, in order of drone, then of day."""

    drone: Index
    day: Index
    nth: Index
    """Of its drone's flights."""
    values: Reals
    """(k, len(SIGNS)): m/s2, %, % of the voltage at the start, ratio."""
    full_v: Reals
    """Voltage at the start."""


def wearing(lives: Lives, rates: Wear, rng: np.random.Generator) -> Wearing:
    """Who wears, and how."""
    flights = lives.flew.sum(axis=0)
    n = len(flights)
    worn = (rng.random(n) < rates.worn_share) & (flights >= FEWEST_FLIGHTS)
    sign = np.where(worn, rng.integers(0, len(SIGNS), n), NOTHING)
    least, most = np.log(_RAMP_FLIGHTS)
    ramp = np.exp(rng.uniform(least, most, n)).astype(np.int32)
    begins = rng.integers(0, np.maximum(flights, 1)).astype(np.int32)
    least, most = np.log(np.array(_GROWS)[sign]).T
    grows = np.exp(rng.uniform(least, most))
    return Wearing(sign.astype(np.int32), begins, ramp, begins + ramp + WORN_FLIGHTS, grows)


def feel(lives: Lives, wears: Wearing, rates: Wear, rng: np.random.Generator) -> Felt:
    """Every flight of *lives* as its log would tell it."""
    drone, day = (index.astype(np.int32) for index in np.nonzero(lives.flew.T))
    nth = _nth(drone)
    n, k = len(wears.sign), len(drone)
    level = _LEVEL * np.exp(rng.normal(0, 1, (n, len(SIGNS))) * _LEVELS)
    values = level[drone] * np.exp(rng.normal(0, 1, (k, len(SIGNS))) * SPREAD * rates.restless)
    values *= 1 + _windy(lives, rates, rng)[day // 7, lives.region[drone], None] * _WIND
    values *= 1 + (rng.random(k) < rates.heavy_share)[:, None] * _HEAVY
    swaps = np.cumsum(rng.random(k) < 1 / rates.pack_flights) + drone
    values[:, SIGNS.index("battery")] *= np.exp(rng.normal(0, _PACKS, k + n))[swaps]
    worn = np.flatnonzero(wears.sign[drone] != NOTHING)
    values[worn, wears.sign[drone[worn]]] *= worn_to(wears, drone, nth)[worn]
    return Felt(drone, day, nth, values, rng.uniform(*_FULL_V, k))


def worn_to(wears: Wearing, drone: Index, nth: Index) -> Reals:
    """(k,) to how many times its level what wears has risen by each flight; 1: it does not."""
    share = np.clip((nth - wears.begins[drone] + 1) / wears.ramp[drone], 0, 1)
    share[(nth >= wears.repaired[drone]) | (wears.sign[drone] == NOTHING)] = 0
    return np.asarray(1 + (wears.grows[drone] - 1) * share)


def _nth(drone: Index) -> Index:
    first = np.searchsorted(drone, np.arange(int(drone.max(initial=0)) + 1))
    return (np.arange(len(drone)) - first[drone]).astype(np.int32)


def _windy(lives: Lives, rates: Wear, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """(weeks, regions): how windy, mostly 0."""
    shape = len(lives.flew) // 7 + 1, int(lives.region.max(initial=0)) + 1
    windy: Mask = rng.random(shape) < rates.windy_weeks / 52
    return np.where(windy, rng.uniform(0.5, 1.5, shape), 0.0)
