"""How much of the flight time that autopilots counted we have seen. Pure: arrays in, out."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.fleet.arrays import Mask, Micros

Seconds = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.intp]


class Steps(NamedTuple):
    """From one reading of flight time to the next of the same autopilot, where it did not fall."""

    drone: Numbers
    autopilot: Numbers
    from_us: Micros
    until_us: Micros
    rise_s: Seconds

    def of(self, some: Mask) -> "Steps":
        """Some of them."""
        columns: list[Any] = [column[some] for column in self]
        return Steps(*columns)


class Airborne(NamedTuple):
    """Flights by autopilot; what is not dated, or was not in the air, is left out."""

    autopilot: Numbers
    start_us: Micros
    airborne_s: Seconds

    def in_order(self) -> "Airborne":
        """Of autopilots, then of time."""
        order = np.lexsort((self.start_us, self.autopilot))
        columns: list[Any] = [column[order] for column in self]
        return Airborne(*columns)


def steps(drone: Numbers, autopilot: Numbers, seen_us: Micros, flight_time_s: Seconds) -> Steps:
    """Readings in any order, those of an autopilot in a drone in order of time, as steps."""
    order = np.lexsort((autopilot, drone))  # stable: what is equal keeps its order
    drone, autopilot = drone[order], autopilot[order]
    seen_us, flight_time_s = seen_us[order], flight_time_s[order]
    rise_s = np.diff(flight_time_s)
    same = (drone[1:] == drone[:-1]) & (autopilot[1:] == autopilot[:-1]) & (rise_s >= 0)
    every = Steps(drone[1:], autopilot[1:], seen_us[:-1], seen_us[1:], rise_s)
    return every.of(same)


def flown_within(them: Steps, flights: Airborne) -> tuple[Seconds, Numbers]:
    """For each step: the time in the air of the flights that began in it, and how many."""
    flights = flights.in_order()
    first = _before(flights, them.autopilot, them.from_us)
    end = np.maximum(_before(flights, them.autopilot, them.until_us), first)
    number = end - first
    step = np.repeat(np.arange(len(number)), number)
    flight = np.arange(len(step)) + np.repeat(end - np.cumsum(number), number)
    # Not as differences of one running sum: what a station says in error stays in its own step.
    sums = np.bincount(step, flights.airborne_s[flight], len(number))
    return sums.astype(np.float64), number  # whole numbers where there is nothing to sum


def _before(flights: Airborne, autopilot: Numbers, moment_us: Micros) -> Numbers:
    """How many of the sorted *flights* come before each autopilot's moment."""
    asks = np.repeat([True, False], [len(autopilot), len(flights.autopilot)])
    whose = np.concatenate([autopilot, flights.autopilot])
    when = np.concatenate([moment_us, flights.start_us])
    order = np.lexsort((~asks, when, whose))  # at one moment, who asks comes first
    counted = np.cumsum(~asks[order])
    found = np.empty(len(order), np.intp)
    found[order] = counted
    return found[: len(autopilot)]
