"""The autopilot's time of each DataFlash message, also of those that carry none."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from windsock.agent.logs.dataflash_formats import Format
from windsock.agent.logs.records import Bytes, Offsets, at_every_byte, place_of
from windsock.agent.logs.stamps import NO_STAMP, Times


class _Place(NamedTuple):
    """Where and how a message type has its stamp."""

    dtype: np.dtype[Any]
    unit_us: int
    offset: int


def read_stamps(buffer: Bytes, starts: Offsets, formats: Mapping[int, Format]) -> Times:
    """Return the time since boot of each message, or NO_STAMP."""
    types = buffer[starts + 2]
    offsets, kinds = np.zeros(256, np.int64), np.zeros(256, np.int8)
    ways: list[tuple[np.dtype[Any], int]] = []
    for number, definition in formats.items():
        place = _place(definition)
        if place:
            way = place[:2]
            ways += [way] if way not in ways else []
            kinds[number], offsets[number] = ways.index(way) + 1, place.offset
    kind = kinds[types]
    at = starts + offsets[types]
    if len(ways) == 1 and kind.all():
        return _read(buffer, at, *ways[0])
    times = np.full(len(starts), NO_STAMP)
    for code, (dtype, unit_us) in enumerate(ways, start=1):
        chosen = np.flatnonzero(kind == code)
        times[chosen] = _read(buffer, at[chosen], dtype, unit_us)
    return times


def _place(definition: Format) -> _Place | None:
    stamp = definition.stamp
    found = place_of(definition.dtype, stamp.field) if stamp else None
    return _Place(found[0], stamp.unit_us, found[1]) if stamp and found else None


def _read(buffer: Bytes, at: Offsets, dtype: np.dtype[Any], unit_us: int) -> Times:
    values: Times = at_every_byte(buffer, dtype)[at].astype(np.int64, copy=False)
    return values if unit_us == 1 else values * unit_us


class Interpolation:
    """The time at any file offset, between the messages that have stamps."""

    __slots__ = ("_anchors", "_starts", "_times")

    def __init__(self, starts: Offsets, times: Times) -> None:
        """Take all messages in file order; times may be NO_STAMP."""
        self._starts, self._times = starts, times
        self._anchors: tuple[Offsets, Times] | None = None

    def at(self, starts: Offsets) -> Times:
        """Return times between those before and behind; zeros where no message has a stamp."""
        if self._anchors is None:
            stamped = np.flatnonzero(self._times != NO_STAMP)
            self._anchors = self._starts[stamped], self._times[stamped]
        if not len(self._anchors[0]):
            return np.zeros(len(starts), np.int64)
        return np.rint(np.interp(starts, *self._anchors)).astype(np.int64)
