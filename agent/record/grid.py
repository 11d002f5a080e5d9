"""A regular time base for the logic that compares quantities logged at different rates."""

from dataclasses import dataclass

import numpy as np

from windsock.agent.record.tracks import Floats, Mask, Times, Track

STEP_US = 100_000
"""Short against a fall, long against the sample interval of heights (10 Hz and more)."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Cells [start + i * STEP_US, start + (i + 1) * STEP_US) for i < count."""

    start_us: int
    count: int

    @classmethod
    def over(cls, start_us: int, end_us: int) -> "Grid":
        """The cells that cover [start_us, end_us], at least one."""
        return cls(start_us, max(1, (end_us - start_us) // STEP_US + 1))

    @property
    def times_us(self) -> Times:
        """Middle of each cell, (count,)."""
        return self.start_us + STEP_US // 2 + STEP_US * np.arange(self.count, dtype=np.int64)

    def cell(self, boot_us: int) -> int:
        """The cell of a time, the nearest one for times outside."""
        return int(np.clip((boot_us - self.start_us) // STEP_US, 0, self.count - 1))

    def time_us(self, cell: int) -> int:
        """Where a cell begins."""
        return self.start_us + cell * STEP_US

    def _inside(self, track: Track) -> tuple[Times, Floats]:
        end_us = self.start_us + self.count * STEP_US - 1
        part = track.between(self.start_us, end_us)
        return (part.boot_us - self.start_us) // STEP_US, part.values

    def top(self, track: Track) -> Floats:
        """Greatest value in each cell, NaN where there is none."""
        return self._reduced(track, np.maximum)

    def low(self, track: Track) -> Floats:
        """Least value in each cell, NaN where there is none."""
        return self._reduced(track, np.minimum)

    def _reduced(self, track: Track, reduce: np.ufunc) -> Floats:
        cells, values = self._inside(track)
        result = np.full(self.count, np.nan)
        if len(cells):
            firsts = np.flatnonzero(np.diff(cells, prepend=-1))
            result[cells[firsts]] = reduce.reduceat(values, firsts)
        return result

    def mean(self, track: Track) -> Floats:
        """Mean of each cell, NaN where there is none."""
        cells, values = self._inside(track)
        counts = np.bincount(cells, minlength=self.count)
        sums = np.bincount(cells, weights=values, minlength=self.count)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(sums / counts)

    def line(self, track: Track, gap_us: int = 1_500_000) -> Floats:
        """Linear between samples at most `gap_us` apart, NaN elsewhere.

        The outermost samples reach half a gap further: quantities begin at different moments.
        """
        times = self.times_us
        track = track.between(int(times[0]) - gap_us, int(times[-1]) + gap_us)
        if not len(track):
            return np.full(self.count, np.nan)
        values = np.interp(times, track.boot_us, track.values)
        after = np.searchsorted(track.boot_us, times)
        left = track.boot_us[np.maximum(after - 1, 0)]
        right = track.boot_us[np.minimum(after, len(track) - 1)]
        within = (right - left <= gap_us) & (times >= left - gap_us // 2)
        values[~(within & (times <= right + gap_us // 2))] = np.nan
        return values

    def hold(self, track: Track, before: float = np.nan, fresh_us: int | None = None) -> Floats:
        """The newest value at each cell's end, `before` ahead of the first.

        With `fresh_us`, also `before` where the newest value is older.
        """
        ends = self.times_us + STEP_US // 2
        places = np.searchsorted(track.boot_us, ends) - 1
        values = np.full(self.count, before)
        known = places >= 0
        if fresh_us is not None:
            known[known] = ends[known] - track.boot_us[places[known]] <= fresh_us
        values[known] = track.values[places[known]]
        return values


def cells(seconds: float) -> int:
    """How many cells a time is, at least one."""
    return max(1, round(seconds * 1e6 / STEP_US))


def runs(mask: Mask, gap: int = 0) -> list[tuple[int, int]]:
    """Each run of true cells as [first, last], runs at most `gap` false cells apart joined."""
    edges = np.diff(np.concatenate(([False], mask, [False])).astype(np.int8))
    pairs = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1, strict=True)
    joined: list[tuple[int, int]] = []
    for first, last in pairs:
        if joined and first - joined[-1][1] - 1 <= gap:
            joined[-1] = (joined[-1][0], int(last))
        else:
            joined.append((int(first), int(last)))
    return joined


def windowed(values: Floats, before: int, after: int, reduce: np.ufunc) -> Floats:
    """`reduce` (np.fmax, np.fmin) over cells [i - before, i + after]; NaN only if all are."""
    width = before + after + 1
    padded = np.concatenate((np.full(before, np.nan), values, np.full(after, np.nan)))
    result = padded[: len(values)].copy()
    for shift in range(1, width):
        reduce(result, padded[shift : shift + len(values)], out=result)
    return result


def smoothed(values: Floats, width: int) -> Floats:
    """Mean of the known of `width` cells around each known cell; NaN stays NaN."""
    known = np.isfinite(values)
    kernel = np.ones(width)
    sums = _around(np.where(known, values, 0.0), kernel)
    counts = _around(known.astype(np.float64), kernel)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, sums / counts, np.nan))


def _around(values: Floats, kernel: Floats) -> Floats:
    """Sums over a window centred on each cell."""
    whole = np.convolve(values, kernel)
    first = (len(kernel) - 1) // 2
    return whole[first : first + len(values)]
