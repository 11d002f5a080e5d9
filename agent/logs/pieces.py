"""A file, piece by piece, in one buffer that is used again: memory does not grow with the log."""

import io
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from windsock.agent.logs.records import Bytes

PIECE_BYTES = 1 << 20, 3 << 20
"""Least and most: large enough that work on whole pieces is numpy's, small enough for a cache.

A small file in many pieces touches less memory, and every page that is new costs microseconds. A
piece is larger than any message, so that the walk comes on.
"""
_PIECES = 16  # of a file, if they may be as large
REACH_BYTES = 2 * 65_538 + 8
"""How far a walk may look ahead: a message and the one behind it, as large as they can be."""
_FREED_BYTES = 2 << 20
"""Of a block that is freed once, unused: up to its size, and twice as much at the heap's end,
glibc's malloc keeps what is freed from then on (mallopt's M_MMAP_THRESHOLD and M_TRIM_THRESHOLD).
Else the arrays of each piece would take all their pages anew."""
_PAD_BYTES = 16  # zeros behind the file, so that a number may be read at its very end


class BinaryFile(Protocol):
    """What is needed of a file; `io.BytesIO` has it, too."""

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Go to a place."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill the buffer as far as possible; 0 at the end."""


class Pieces:
    """One piece of a file at a time. Offsets are into `buffer`, which begins at `base`.

    `padded` is the same with some zeros behind it. Raises OSError as the file does.
    """

    __slots__ = ("_file", "_store", "base", "buffer", "padded", "reach", "size")

    def __init__(
        self, file: BinaryFile, piece_bytes: int | None = None, reach: int = REACH_BYTES
    ) -> None:
        self._file = file
        self.reach = reach
        self.size = file.seek(0, io.SEEK_END)
        least, most = PIECE_BYTES
        np.empty(_FREED_BYTES, np.uint8)
        piece_bytes = piece_bytes or min(max(self.size // _PIECES, least), most)
        # empty, not zeros: numpy asks for huge pages then, and every page costs microseconds
        self._store = np.empty(min(self.size, piece_bytes + reach) + _PAD_BYTES, np.uint8)
        self.rewind()

    @property
    def is_last(self) -> bool:
        """Whether nothing of the file comes behind this piece."""
        return self.base + len(self.buffer) >= self.size

    def rewind(self) -> None:
        """Go back to the first piece."""
        self.go_to(0)

    def go_to(self, base: int) -> None:
        """Read the piece that begins at an offset of the file."""
        self._file.seek(base)
        self.base = base
        self._fill(0)

    def advance(self, keep_from: int) -> None:
        """Forget what is before an offset, and read on; all offsets shrink by as much."""
        rest = self.buffer[keep_from:].copy()
        self.base += keep_from
        self._store[: len(rest)] = rest
        self._fill(len(rest))

    def _fill(self, filled: int) -> None:
        room = self._store.data[: len(self._store) - _PAD_BYTES]
        while filled < len(room) and (count := self._file.readinto(room[filled:])):
            filled += count
        if filled < len(room):  # the file's end; it may have become shorter, too
            self.size = self.base + filled
        self._store[filled : filled + _PAD_BYTES] = 0
        self.buffer: Bytes = self._store[:filled]
        self.padded: Bytes = self._store[: filled + _PAD_BYTES]
