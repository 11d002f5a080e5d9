"""The messages of a log of which everything is wanted: noted first, copied when all are known.

A hundred tables that grow with each piece of the file are moved to larger places again and again,
into pages never used before: that costs more than to read the file a second time.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from windsock.agent.logs.dataflash_formats import Stamp
from windsock.agent.logs.flightlog import LateTimes, LogError
from windsock.agent.logs.pieces import Pieces
from windsock.agent.logs.records import Bytes, Offsets, at_every_byte
from windsock.agent.logs.rows import GivenTimes


class _Note(NamedTuple):
    rows: "LateRows"
    base: int
    starts: Offsets


class Noted:
    """Which records are to be copied into which rows, in file order."""

    __slots__ = ("_notes", "base")

    def __init__(self) -> None:
        self._notes: list[_Note] = []
        self.base = 0  # of the piece that is walked

    def add(self, rows: "LateRows", starts: Offsets) -> None:
        """Note records that begin at `starts` in the piece."""
        self._notes.append(_Note(rows, self.base, starts))

    def copy(self, pieces: Pieces) -> None:
        """Copy all that is noted. Raises LogError where the file has become shorter."""
        notes, self._notes = self._notes, []
        for rows, base, starts in notes:
            if pieces.base != base:
                pieces.go_to(base)
            rows.copy(pieces.padded, starts)


class LateRows:
    """Times and records of one table, as `Rows` gathers them; of all fields."""

    __slots__ = ("_copied", "_count", "_dtype", "_noted", "_offsets", "_records", "_stamp")

    def __init__(self, dtype: np.dtype[Any], stamp: Stamp | None, noted: Noted) -> None:
        self._dtype, self._stamp, self._noted = dtype, stamp, noted
        self._offsets: list[Offsets] = []  # of those without a time
        self._count = self._copied = 0
        self._records: NDArray[Any] = np.empty(0, f"V{dtype.itemsize}")

    def extend(
        self, buffer: Bytes, starts: Offsets, times: NDArray[np.int64], _share: float
    ) -> None:
        """Note the records that begin at `starts`, but for those that the file's end cuts off."""
        if starts[-1] + self._dtype.itemsize > len(buffer):
            whole = starts + self._dtype.itemsize <= len(buffer)
            starts, times = starts[whole], times[whole]
        if self._stamp is None:
            self._offsets.append(times)
        if len(starts):
            self._count += len(starts)
            self._noted.add(self, starts)

    def copy(self, buffer: Bytes, starts: Offsets) -> None:
        """Copy records that were noted; the first time all of them are known."""
        if not self._copied:
            self._records = np.empty(self._count, self._records.dtype)
        opaque = at_every_byte(buffer, self._records.dtype)
        if starts[-1] >= len(opaque):
            raise LogError("the file became shorter while it was read")
        stop = self._copied + len(starts)
        self._records[self._copied : stop] = opaque[starts]
        self._copied = stop

    def records(self) -> NDArray[Any]:
        """Return the records that were copied, (n,), read-only."""
        records = self._records.view(self._dtype)
        records.flags.writeable = False
        return records

    @property
    def times(self) -> LateTimes:
        """Times since boot; of messages that have none where they are in the file."""
        if self._stamp is None:
            return GivenTimes(np.concatenate(self._offsets))
        return RecordTimes(self.records()[self._stamp.field], self._stamp.unit_us)


class RecordTimes:
    """Times that stand in the records themselves, in units of so many microseconds."""

    __slots__ = ("_stamps", "_unit_us")

    def __init__(self, stamps: NDArray[Any], unit_us: int) -> None:
        self._stamps, self._unit_us = stamps, unit_us

    def __len__(self) -> int:
        return len(self._stamps)

    def times(self) -> NDArray[np.int64]:
        """Return them, (n,), read-only."""
        times = self._stamps.astype(np.int64)
        times *= self._unit_us
        times.flags.writeable = False
        return times
