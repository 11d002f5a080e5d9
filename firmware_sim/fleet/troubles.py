"""What goes wrong between a drone and the collector: never lives, only what is seen of them."""

from typing import NamedTuple

import numpy as np

from windsock.firmware_sim.fleet.lives import NEVER, Days, Mask
from windsock.firmware_sim.fleet.world import YEAR_DAYS


class Rates(NamedTuple):
    """How often; a year, but for the first."""

    never_connected_share: float = 0.01
    """Of the drones: no station ever meets them."""
    outage_rate: float = 0.5
    """Of a station: down for 1 to 45 days; what it missed comes afterwards."""
    late_share: float = 0.03
    """Of the flights: a card that comes in 1 to 60 days later."""
    lost_share: float = 0.01
    """Of the flights: no log ever comes, but the autopilot's counter has them (a jump)."""
    reset_rate: float = 0.05
    """Of the drones: parameters reset, so their counters begin again."""


class Troubles(NamedTuple):
    """Of n drones at m stations."""

    never_connected: Mask
    outage_from: Days
    """(m,) One outage a station at most, `NEVER` without one ..."""
    outage_until: Days
    reset: Days
    """Day on which a drone's counters began again."""


def befall(drones: int, stations: int, rates: Rates, rng: np.random.Generator) -> Troubles:
    """Draw what goes wrong in a fleet."""
    start = _wait(rates.outage_rate, stations, rng)
    until = np.minimum(start.astype(np.int64) + rng.integers(1, 46, stations), NEVER)
    return Troubles(
        rng.random(drones) < rates.never_connected_share,
        start,
        until.astype(np.int32),
        _wait(rates.reset_rate, drones, rng),
    )


def _wait(rate: float, n: int, rng: np.random.Generator) -> Days:
    days = np.floor(rng.exponential(YEAR_DAYS / rate, n)) if rate else np.full(n, NEVER)
    return np.minimum(days, NEVER).astype(np.int32)
