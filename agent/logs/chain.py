"""Possible message starts, and the chain of true ones: each message ends where the next begins."""

from collections.abc import Iterator

import numpy as np

from windsock.agent.logs.records import Offsets


class Candidates:
    """Places in file order that look like messages, and where each would end.

    False ones (a header's bytes inside a payload) are never reached by following the chain.
    """

    __slots__ = ("_breaks", "_linked", "ends", "starts")

    def __init__(self, starts: Offsets, ends: Offsets) -> None:
        self.starts = starts
        self.ends = ends
        self._linked = np.zeros(len(starts), np.bool_)
        self._linked[:-1] = ends[:-1] == starts[1:]
        self._breaks = np.flatnonzero(~self._linked)

    def __len__(self) -> int:
        return len(self.starts)

    def index_at(self, position: int) -> int | None:
        """Return the index of the candidate that starts at `position`."""
        index = int(self.starts.searchsorted(position))
        if index < len(self.starts) and self.starts[index] == position:
            return index
        return None

    def run_end(self, first: int) -> int:
        """Return the index after the last candidate linked to `first` without a break."""
        return int(self._breaks[self._breaks.searchsorted(first)]) + 1

    def next_linked(self, position: int) -> int | None:
        """Return the first candidate from `position` on that another one follows exactly."""
        index = int(self.starts.searchsorted(position))
        while index < len(self.starts):
            if self._linked[index] or self.index_at(int(self.ends[index])) is not None:
                return index
            index += 1
        return None


class Accepted:
    """The true messages found so far, kept as slices of candidates."""

    __slots__ = ("_starts", "damaged_bytes")

    def __init__(self) -> None:
        self._starts: list[Offsets] = []
        self.damaged_bytes = 0

    def add(self, starts: Offsets) -> None:
        """Append message starts that follow all earlier ones."""
        if len(starts):
            self._starts.append(starts)

    def drop_last(self) -> None:
        """Take the last message back."""
        self._starts[-1] = self._starts[-1][:-1]
        if not len(self._starts[-1]):
            self._starts.pop()

    def __iter__(self) -> Iterator[Offsets]:
        return iter(self._starts)

    def starts(self) -> Offsets:
        """Return all starts in file order."""
        return np.concatenate(self._starts) if self._starts else np.empty(0, np.int64)
