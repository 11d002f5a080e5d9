"""Records of many kinds into one byte stream, in order of time, without a loop over records."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


class Records(NamedTuple):
    """Records of one kind: when each was written, (n,), and its bytes, (n, size)."""

    times_us: npt.NDArray[np.int64]
    rows: Bytes


def as_rows(table: npt.NDArray[np.void]) -> Bytes:
    """Packed structures (n,) as their bytes, (n, size)."""
    return np.ascontiguousarray(table).view(np.uint8).reshape(len(table), table.dtype.itemsize)


def single(time_us: int, record: bytes) -> Records:
    """One record of its own size."""
    return Records(np.array([time_us], np.int64), np.frombuffer(record, np.uint8)[None])


def interleaved(kinds: Iterable[Records]) -> bytes:
    """All records by time, those of one moment in the order of `kinds`."""
    parts = [one for one in kinds if len(one.times_us)]
    if not parts:
        return b""
    times = np.concatenate([one.times_us for one in parts])
    sizes = np.concatenate([np.full(len(one.rows), one.rows.shape[1]) for one in parts])
    order = np.argsort(times, kind="stable")
    places = np.empty(len(times), np.int64)
    places[order] = np.cumsum(sizes[order]) - sizes[order]
    stream = np.empty(int(sizes.sum()), np.uint8)
    start = 0
    for one in parts:
        count, size = one.rows.shape
        stream[places[start : start + count, None] + np.arange(size)] = one.rows
        start += count
    return stream.tobytes()
