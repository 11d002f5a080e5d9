"""What each drone's own flights say of how it flies, on the fleet clock. Pure: arrays in, out.

A `History` grows a day at a time, all drones that flew on it together; a `Standing` is what the
periodic rules look at. Formulas: docs/detection-inactivity.md.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.fleet.arrays import Codes, Index, Reals

Counts = npt.NDArray[np.int16]
Few = npt.NDArray[np.uint8]

DROPPED_SHARE: Final = 0.25
"""The fall of a rate that the CUSUM waits for. DETECTION: flying rarely."""
KNOWN_FLIGHTS: Final = 3
"""Flight-days from which a drone has a baseline of its own. DETECTION: rules around it."""
RECOVERED_FLIGHTS: Final = 2
"""Within the old typical gap, and a drone is no longer recovering. DETECTION: hysteresis."""
SILENCE_DAYS: Final = 30.0
"""Clock days of a gap that a drone has to recover from. D1a's month, on the clock."""
_SLACK: Final = (1 - DROPPED_SHARE) / -np.log(DROPPED_SHARE)
"""Of the usual rate: between the usual one and a quarter, where a CUSUM for Poisson counts
stands still (Hawkins and Olwell 1998)."""


@dataclass(slots=True)
class History:
    """Of n drones, or accounts; moments are readings of their clocks, in days."""

    flights: Index
    """Flight-days."""
    began: Reals
    flown: Reals
    longest: Reals
    """Longest of the gaps between flight-days."""
    squares: Reals
    """Sum of the squares of the gaps."""
    cusum: Reals
    """Flights missing against the usual rate, as of the last flight-day; never below 0."""
    recovering: Codes
    """Flights still to come within its usual gap, after a silence that was its longest."""
    usual: Reals
    """That gap: the mean of those before the silence."""
    stopped: Reals
    """By how much its clock is behind its region's: planned pauses."""

    @classmethod
    def empty(cls, n: int) -> "History":
        """Nothing has flown yet."""
        kinds = {"flights": np.int32, "recovering": np.int8}
        return cls(**{field.name: np.zeros(n, kinds.get(field.name, np.float32))
                      for field in fields(cls)})  # fmt: skip

    def copy(self) -> "History":
        """One that goes its own way."""
        return replace(self, **{field.name: getattr(self, field.name).copy()
                                for field in fields(self)})  # fmt: skip

    def fly(self, rows: npt.NDArray[np.intp], clock: Reals) -> None:
        """The drones *rows*, each once, flew on a day on which their clocks showed *clock*."""
        at = clock - self.stopped[rows]
        first = self.flights[rows] == 0
        gap = np.where(first, 0, at - self.flown[rows]).astype(np.float32)
        missing = self.cusum[rows] + _SLACK * self._rate(rows) * gap - 1
        self.cusum[rows] = np.where(first, 0, np.maximum(missing, 0))
        self._recover(rows, gap)
        self.began[rows] = np.where(first, at, self.began[rows])
        self.longest[rows] = np.maximum(self.longest[rows], gap)
        self.squares[rows] += gap * gap
        self.flown[rows] = at
        self.flights[rows] += 1

    def pause(self, rows: npt.NDArray[np.intp], clock_days: Reals) -> None:
        """For so many days of their region's clock those of *rows* stood still."""
        self.stopped[rows] += clock_days

    def forget(self, rows: npt.NDArray[np.intp]) -> None:
        """They begin anew: another owner."""
        for field in fields(self)[:-1]:
            getattr(self, field.name)[rows] = 0

    def _recover(self, rows: npt.NDArray[np.intp], gap: Reals) -> None:
        """A silence over: two flights within the old usual gap, and it flies as before."""
        rate = self._rate(rows)
        record = (gap > np.maximum(self.longest[rows], SILENCE_DAYS)) & (rate > 0)
        timely = gap <= np.maximum(self.usual[rows], 1)
        left = np.maximum(self.recovering[rows] - timely, 0)
        self.usual[rows] = np.where(record, 1 / np.maximum(rate, 1e-6), self.usual[rows])
        self.recovering[rows] = np.where(record, RECOVERED_FLIGHTS, left)

    def _rate(self, rows: npt.NDArray[np.intp]) -> Reals:
        """Flight-days a clock day; 0 before there is a baseline."""
        exposure = self.flown[rows] - self.began[rows]
        known = (self.flights[rows] >= KNOWN_FLIGHTS) & (exposure > 0)
        rate = (self.flights[rows] - 1).astype(np.float32) / np.maximum(exposure, 1e-6)
        return np.where(known, rate, 0)


class Standing(NamedTuple):
    """Of n drones, or accounts, at one moment; 23 bytes each. Days are the clock's."""

    gaps: Counts
    """Gaps between its flight-days: one less than those; -1 for none."""
    exposure: Reals
    """Days from the first to the last flight-day."""
    longest: Reals
    gap: Reals
    """Days since the last."""
    missing: Reals
    """Flights missing against the usual rate, for each unit of `dispersion` (at least 1)."""
    recent: Few
    """Flight-days in the window of `habits.WINDOW_DAYS` ..."""
    expected: Reals
    """... and as many as it would have at the rate before it; 0 without a baseline."""

    def rows(self, at: slice) -> "Standing":
        """Some of them."""
        columns: list[Any] = [column[at] for column in self]
        return Standing(*columns)


def standing(now: History, clock: Reals, before: History, clock_before: Reals) -> Standing:
    """*now* as the clocks (n,) show *clock*, against *before*, when they showed *clock_before*."""
    here, there = clock - now.stopped, clock_before - before.stopped
    gap = np.where(now.flights > 0, here - now.flown, 0)
    rate = now._rate(np.arange(len(clock)))  # noqa: SLF001 - our own
    cusum = now.cusum + np.float32(_SLACK) * rate * gap
    return Standing(
        gaps=(now.flights - 1).astype(np.int16),
        exposure=now.flown - now.began,
        longest=now.longest.copy(),
        gap=gap,
        missing=(cusum / np.maximum(dispersion(before), 1)).astype(np.float32, copy=False),
        recent=(now.flights - before.flights).astype(np.uint8),
        expected=usual_rate(before, clock_before) * (here - there),
    )


def usual_rate(before: History, clock: Reals) -> Reals:
    """Flight-days a day until the clocks show *clock*; 0 without a baseline."""
    exposure = np.where(before.flights > 0, clock - before.stopped - before.began, 0)
    known = (before.flights >= KNOWN_FLIGHTS) & (exposure > 0)
    rate = (before.flights - 1) / np.maximum(exposure, np.float32(1e-6))
    return np.where(known, rate, 0).astype(np.float32)


def dispersion(before: History) -> Reals:
    """Variance over squared mean of the gaps, 1 below two.

    About 1 where flights come by chance, far above where they come in projects.
    """
    gaps = before.flights - 1
    exposure = np.maximum(before.flown - before.began, np.float32(1e-6))
    spread = before.squares * gaps / (exposure * exposure) - 1
    return np.where(gaps > 1, spread, 1).astype(np.float32)
