"""What the autopilots' own counters of flight time prove. Pure: arrays in, arrays out.

Flight *time* that rose by more than the flights we have proves flights we never saw; one that
did not rise proves that there were none. A counter that fell, or another autopilot, proves nothing
of the time between (CONTRACTS: cases; PX4 `LND_FLIGHT_T_HI/LO`, ArduPilot `STAT_FLTTIME`).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.fleet.arrays import MISSING_US, Index, Mask, Micros

FLYING_S: Final = 10.0
"""What counts as flying (CONTRACTS: flights)."""
LAG_S: Final = 30.0
"""For each flight in between: ArduPilot stores its statistics every 30 s (AP_Stats.cpp)."""
SHARE: Final = 0.1
"""Of the flight time in between: logs and autopilots see take-off and landing differently."""


class Readings(NamedTuple):
    """m readings of flight time, in order of drone, then of time.

    For each drone they begin with the newest one at or before its last flight, if there is one.
    """

    drone: Index
    autopilot: Index
    seen_us: Micros
    flight_time_s: npt.NDArray[np.float64]


class Explained(NamedTuple):
    """Of n drones: the flights that we have since the first of the readings."""

    airborne_s: npt.NDArray[np.float64]
    flights: npt.NDArray[np.int64]


class Quiet(NamedTuple):
    """Of n drones: the last stretch without flights, `MISSING_US` where there is none."""

    jumped_us: Micros
    """Last reading that proved a flight we never saw: it was at this moment at the latest."""
    from_us: Micros
    until_us: Micros


def quiet_stretches(readings: Readings, flown_us: Micros, explained: Explained) -> Quiet:
    """What *readings* prove of drones that last flew at *flown_us*, as far as we saw."""
    n = len(flown_us)
    jumped_us, from_us, until_us = (np.full(n, MISSING_US, np.int64) for _ in range(3))
    if not len(readings.drone):
        return Quiet(jumped_us, from_us, until_us)
    same = readings.drone[1:] == readings.drone[:-1]
    jumped, broken = _steps(readings, flown_us, explained, same)
    np.maximum.at(jumped_us, readings.drone[1:][jumped], readings.seen_us[1:][jumped])
    last = np.append(~same, True)
    drone = readings.drone[last]
    began_us = readings.seen_us[_beginnings(~same | jumped | broken)][last]
    last_flown_us = np.maximum(flown_us, jumped_us)[drone]
    quiet = readings.seen_us[last] > last_flown_us
    from_us[drone[quiet]] = np.maximum(began_us, last_flown_us)[quiet]
    until_us[drone[quiet]] = readings.seen_us[last][quiet]
    return Quiet(jumped_us, from_us, until_us)


def _steps(
    readings: Readings, flown_us: Micros, explained: Explained, same: Mask
) -> tuple[Mask, Mask]:
    """From each reading to the next: the counter jumped, or says nothing."""
    drone = readings.drone[:-1]
    first = np.append(True, ~same)[:-1]
    over_flights = first & (readings.seen_us[:-1] <= flown_us[drone])
    seen_s = np.where(over_flights, explained.airborne_s[drone], 0.0)
    lag_s = np.where(over_flights, explained.flights[drone] * LAG_S, 0.0)
    rise_s = np.diff(readings.flight_time_s)
    swapped = readings.autopilot[1:] != readings.autopilot[:-1]
    jumped = same & ~swapped & (rise_s - seen_s >= FLYING_S + lag_s + SHARE * seen_s)
    return jumped, same & (swapped | (rise_s < 0))


def _beginnings(fresh: Mask) -> npt.NDArray[np.intp]:
    """For each reading, the one with which its stretch began."""
    begins = np.append(0, np.where(fresh, np.arange(1, len(fresh) + 1), 0))
    return np.maximum.accumulate(begins)
