"""Possible message starts, and the chain of true ones: each message ends where the next begins."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.pieces import Pieces
from windsock.agent.logs.records import Bytes, Offsets

Kinds = NDArray[Any]  # message ids (ULog) or type numbers (DataFlash)


class Candidates:
    """Places in file order that look like messages, what kind they are, and where each would end.

    False ones (a header's bytes inside a payload) are never reached by following the chain.
    """

    __slots__ = ("_breaks", "_runs", "ends", "kinds", "starts")

    def __init__(self, starts: Offsets, ends: Offsets, kinds: Kinds) -> None:
        self.starts = starts
        self.ends = ends
        self.kinds = kinds
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


class Batch(NamedTuple):
    """True messages of one piece, in file order: where they begin in it, and their kinds."""

    starts: Offsets
    kinds: Kinds


class Accepted:
    """The true messages found since the last `take`."""

    __slots__ = ("_kinds", "_nothing", "_starts", "damaged_bytes", "last")

    def __init__(self, nothing: Kinds) -> None:
        self._nothing = nothing  # an empty array of kinds
        self._starts: list[Offsets] = []
        self._kinds: list[Kinds] = []
        self.damaged_bytes = 0
        self.last: int | None = None  # start of the latest message, as long as it can be dropped

    def add(self, starts: Offsets, kinds: Kinds) -> None:
        """Append messages that follow all earlier ones."""
        self._starts.append(starts)
        self._kinds.append(kinds)
        self.last = int(starts[-1])

    def drop_last(self) -> None:
        """Take the latest message back: what follows it shows that it is damaged."""
        self._starts[-1] = self._starts[-1][:-1]
        self._kinds[-1] = self._kinds[-1][:-1]
        self.last = None

    def take(self) -> Batch:
        """Return what was found, but for a last message that can still be dropped."""
        starts = np.concatenate([*self._starts, np.empty(0, np.int64)])
        kinds = np.concatenate([*self._kinds, self._nothing])
        kept = len(starts) - (self.last is not None)
        self._starts, self._kinds = [starts[kept:]], [kinds[kept:]]
        return Batch(starts[:kept], kinds[:kept])

    def shift(self, offset: int) -> None:
        """Move all offsets: the piece now begins that much later."""
        self._starts = [starts - offset for starts in self._starts]
        self.last = None if self.last is None else self.last - offset


class PieceWalk:
    """A pass over a file, piece by piece: what was found, and where it has come to.

    Offsets are into the present piece.
    """

    __slots__ = ("accepted", "pieces", "position")

    def __init__(self, pieces: Pieces, position: int, nothing: Kinds) -> None:
        self.pieces = pieces
        self.position = position
        self.accepted = Accepted(nothing)

    @property
    def buffer(self) -> Bytes:
        """The bytes of the piece."""
        return self.pieces.buffer

    @property
    def share(self) -> float:
        """How much of the file was walked, 0 to 1; it may have become shorter meanwhile."""
        return min(1.0, (self.pieces.base + self.position) / max(self.pieces.size, 1))

    def advance(self) -> None:
        """Go on to the next piece of the file."""
        last = self.accepted.last
        keep_from = self.position if last is None else last
        self.pieces.advance(keep_from)
        self.position -= keep_from
        self.accepted.shift(keep_from)
