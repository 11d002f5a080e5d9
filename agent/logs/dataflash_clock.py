"""The autopilot's time of each DataFlash message, also of those that carry none."""

from typing import Any, NamedTuple

import numpy as np

from windsock.agent.logs.chain import Batch
from windsock.agent.logs.dataflash_definitions import TYPES, Definitions
from windsock.agent.logs.dataflash_formats import Format
from windsock.agent.logs.records import Bytes, Mask, Offsets, at_every_byte, place_of
from windsock.agent.logs.stamps import NO_STAMP, Times


class _Way(NamedTuple):
    """How a message type has its stamp: which number, and how many microseconds its unit has."""

    dtype: np.dtype[Any]
    unit_us: int


class Stamps:
    """Where and how each message type has its time stamp, by the definitions seen so far."""

    __slots__ = ("_at", "_known", "_way", "_ways")

    def __init__(self) -> None:
        self._known = 0
        self._at = np.zeros(TYPES, np.int64)
        self._way = np.full(TYPES, -1, np.int8)
        self._ways: list[_Way] = []

    def read(self, definitions: Definitions, buffer: Bytes, batch: Batch) -> Times:
        """Return the time since boot of each message, or NO_STAMP."""
        self._learn(definitions)
        ways, at = self._way.take(batch.kinds), self._at.take(batch.kinds)
        at += batch.starts
        for number, way in enumerate(self._ways):
            if (ways == number).all():
                return _read(buffer, at, way)
        times = np.full(len(at), NO_STAMP)
        for number, way in enumerate(self._ways):
            own = ways == number
            times[own] = _read(buffer, at[own], way)
        return times

    def _learn(self, definitions: Definitions) -> None:
        if len(definitions.formats) == self._known:
            return
        self._known = len(definitions.formats)
        for number, definition in definitions.formats.items():
            stamp = definition.stamp
            found = place_of(definition.dtype, stamp.field) if stamp else None
            if stamp and found:
                way = _Way(found[0], stamp.unit_us)
                self._ways += [way] if way not in self._ways else []
                self._way[number], self._at[number] = self._ways.index(way), found[1]


def _read(buffer: Bytes, at: Offsets, way: _Way) -> Times:
    values: Times = at_every_byte(buffer, way.dtype)[at].astype(np.int64, copy=False)
    return values if way.unit_us == 1 else values * way.unit_us


def has_stamps(definition: Format) -> bool:
    """Tell whether messages of a type say when they were written."""
    return definition.stamp is not None


class Interpolation:
    """The time at any file offset, between the messages that have stamps.

    Only those beside messages without one are remembered.
    """

    __slots__ = ("_offsets", "_times")

    def __init__(self) -> None:
        self._offsets: list[Offsets] = []
        self._times: list[Times] = []

    def note(self, starts: Offsets, times: Times, base: int) -> None:
        """Take the next messages in file order, by their piece's base; times may be NO_STAMP."""
        stamped = times != NO_STAMP
        anchors = _beside(stamped)
        self._offsets.append(starts[anchors] + base)
        self._times.append(times[anchors])

    def at(self, offsets: Offsets) -> Times:
        """Return times between those before and behind; zeros where no message has a stamp."""
        anchors, times = np.concatenate(self._offsets), np.concatenate(self._times)
        if not len(anchors):
            return np.zeros(len(offsets), np.int64)
        return np.rint(np.interp(offsets, anchors, times)).astype(np.int64)


def _beside(stamped: Mask) -> Offsets:
    """Return which stamped messages are the first, the last, or next to ones without a stamp."""
    if len(stamped) and stamped.all():
        return np.array([0, len(stamped) - 1])
    rows = np.flatnonzero(stamped)
    if not len(rows):
        return rows
    apart = np.diff(rows) > 1
    anchors: Offsets = rows[np.r_[True, apart] | np.r_[apart, True]]
    return anchors
