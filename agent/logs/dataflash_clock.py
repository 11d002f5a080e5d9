"""The autopilot's time of each DataFlash message, also of those that carry none."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from windsock.agent.logs.dataflash_formats import Format
from windsock.agent.logs.records import Bytes, Offsets, at_every_byte, place_of
from windsock.agent.logs.stamps import Mask, Times


def read_stamps(
    buffer: Bytes, starts: Offsets, formats: Mapping[int, Format]
) -> tuple[Times, Mask]:
    """Return the time in microseconds since boot of each message, and where it has one."""
    types = buffer[starts + 2]
    places, units, kinds = np.zeros(256, np.int64), np.ones(256, np.int64), np.zeros(256, np.int8)
    integers: dict[np.dtype[Any], int] = {}
    for number, definition in formats.items():
        stamp = definition.stamp
        found = place_of(definition.dtype, stamp.field) if stamp else None
        if stamp and found:
            kind, places[number] = found
            units[number] = stamp.unit_us
            kinds[number] = integers.setdefault(kind, len(integers) + 1)
    times = np.zeros(len(starts), np.int64)
    for kind, code in integers.items():
        chosen = kinds[types] == code
        values = at_every_byte(buffer, kind)[(starts + places[types])[chosen]]
        times[chosen] = values.astype(np.int64) * units[types[chosen]]
    return times, kinds[types] > 0


def fill_gaps(times: Times, stamped: Mask, starts: Offsets) -> Times:
    """Return all times: messages without a stamp lie between their neighbours by file offset.

    Zeros where no message of the log has a stamp.
    """
    if stamped.all() or not stamped.any():
        return times
    filled = times.copy()
    between = np.interp(starts[~stamped], starts[stamped], times[stamped])
    filled[~stamped] = np.rint(between).astype(np.int64)
    return filled
