"""Possible message starts, and the chain of true ones: each message ends where the next begins."""

from collections.abc import Iterator

import numpy as np

from windsock.agent.logs.records import Mask, Offsets

_SOME = 64


class Candidates:
    """Places in file order that look like messages, and where each would end.

    False ones (a header's bytes inside a payload) are never reached by following the chain.
    """

    __slots__ = ("_breaks", "_runs", "ends", "likely", "starts")

    def __init__(self, starts: Offsets, ends: Offsets) -> None:
        self.starts = starts
        self.ends = ends
        self.likely: Mask | None = None  # for `between`, once it is needed
        linked = np.zeros(len(starts), np.bool_)
        linked[:-1] = ends[:-1] == starts[1:]
        self._breaks = np.flatnonzero(~linked)
        firsts = np.r_[0, self._breaks[:-1] + 1] if len(starts) else self._breaks
        stops = (self._breaks + 1).tolist()
        runs = zip(firsts.tolist(), stops, strict=True)
        self._runs = dict(zip(starts[firsts].tolist(), runs, strict=True))

    def run_at(self, position: int) -> slice | None:
        """Return the unbroken chain that starts at `position`, as a slice of the candidates."""
        run = self._runs.get(position)
        if run is None:
            first = int(self.starts.searchsorted(position))
            if first == len(self.starts) or self.starts[first] != position:
                return None
            run = first, int(self._breaks[self._breaks.searchsorted(first)]) + 1
        return slice(*run)

    def between(self, first: int, limit: int, likely: Mask) -> Iterator[tuple[int, int]]:
        """Yield start and end of the likely candidates that start from `first`, before `limit`."""
        index, stop = self.starts.searchsorted((first, limit)).tolist()
        while index < stop:  # few at a time: the caller mostly takes one of the first
            some = slice(index, min(index + _SOME, stop))
            chosen = likely[some]
            yield from zip(
                self.starts[some][chosen].tolist(), self.ends[some][chosen].tolist(), strict=True
            )
            index = some.stop


class Accepted:
    """The true messages found so far, kept as slices of candidates."""

    __slots__ = ("_starts", "damaged_bytes", "last")

    def __init__(self) -> None:
        self._starts: list[Offsets] = []
        self.damaged_bytes = 0
        self.last: int | None = None  # start of the latest message, as long as it can be dropped

    def add(self, starts: Offsets) -> None:
        """Append message starts that follow all earlier ones."""
        self._starts.append(starts)
        self.last = int(starts[-1])

    def drop_last(self) -> None:
        """Take the latest message back: what follows it shows that it is damaged."""
        self._starts[-1] = self._starts[-1][:-1]
        self.last = None

    def starts(self) -> Offsets:
        """Return all starts in file order."""
        return np.concatenate(self._starts) if self._starts else np.empty(0, np.int64)
