"""The column codec: one signal's values as one byte string, and back.

A column is a codec byte and its data. Values are int64 at the signal's step; missing ones are
marked, never zero. Differences of neighbours are zigzag-mapped (0, -1, 1, -2 ... to 0, 1, 2, 3
...) and written as base-128 varints, least significant group first, as Protocol Buffers do
(https://protobuf.dev/programming-guides/encoding/). ``docs/wire-format.md`` has it to the bit.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from windsock.protocol.errors import WireError

MISSING: Final = 0
"""No value at all; no data follow."""
DELTA: Final = 1
"""Every value is there."""
SPARSE_DELTA: Final = 2
"""A presence bitmap (bit ``i % 8`` of byte ``i // 8``), then the values that are there."""

ROWS_LIMIT: Final = 1_000_000
VALUE_LIMIT: Final = 2**53
"""Beyond it a double, and so JSON and InfluxDB's floats, could not hold the integer."""

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_GROUP_BITS = 7
_LONGEST_VARINT = 10
_CONTINUED = 0x80


def encode_column(values: Integers, present: Mask) -> bytes:
    """Encode *values* (n,) where *present* (n,) is true.

    Raises ValueError for a present value outside +-2**53.
    """
    kept = np.asarray(values, np.int64)[present]
    if kept.size == 0:
        return bytes([MISSING])
    if kept.max() > VALUE_LIMIT or kept.min() < -VALUE_LIMIT:
        raise ValueError("a value is beyond 2**53 steps")
    data = encode_varints(zigzag(np.diff(kept, prepend=np.int64(0))))
    if kept.size == len(present):
        return bytes([DELTA]) + data
    return bytes([SPARSE_DELTA]) + np.packbits(present, bitorder="little").tobytes() + data


def decode_column(column: bytes, rows: int) -> tuple[Integers, Mask]:
    """Values (rows,) and where they are present (rows,); absent values are 0.

    Raises WireError for anything that `encode_column` could not have written.
    """
    if not 0 <= rows <= ROWS_LIMIT:
        raise WireError(f"a column of {rows} rows")
    if not column:
        raise WireError("an empty column")
    present, data = _presence(column, rows)
    deltas = unzigzag(decode_varints(data, int(np.count_nonzero(present))))
    kept = np.cumsum(deltas)
    if kept.size and (kept.max() > VALUE_LIMIT or kept.min() < -VALUE_LIMIT):
        raise WireError("a column value is beyond 2**53 steps")
    values = np.zeros(rows, np.int64)
    values[present] = kept
    return values, present


def _presence(column: bytes, rows: int) -> tuple[Mask, bytes]:
    """Which rows are present, and the bytes that hold them."""
    codec, data = column[0], column[1:]
    if codec == MISSING:
        return np.zeros(rows, bool), data
    if codec == DELTA:
        return np.ones(rows, bool), data
    if codec == SPARSE_DELTA:
        size = (rows + 7) // 8
        if len(data) < size:
            raise WireError("a presence bitmap is cut")
        bits = np.unpackbits(np.frombuffer(data[:size], np.uint8), bitorder="little")
        return bits[:rows].astype(bool), data[size:]
    raise WireError(f"unknown column codec {codec}")


def zigzag(values: Integers) -> npt.NDArray[np.uint64]:
    """Signed to unsigned, small magnitudes staying small."""
    return ((values << 1) ^ (values >> 63)).view(np.uint64)


def unzigzag(values: npt.NDArray[np.uint64]) -> Integers:
    """The inverse of `zigzag`."""
    sign = (values & np.uint64(1)).view(np.int64)
    return (values >> np.uint64(1)).view(np.int64) ^ -sign


def encode_varints(values: npt.NDArray[np.uint64]) -> bytes:
    """Base-128 varints of *values* (n,), one after the other."""
    shifts = np.arange(_LONGEST_VARINT, dtype=np.uint64) * np.uint64(_GROUP_BITS)
    groups = values[:, None] >> shifts
    used = groups != 0
    used[:, 0] = True
    continued = np.zeros_like(used)
    continued[:, :-1] = used[:, 1:]
    octets: npt.NDArray[np.uint8] = (groups & np.uint64(0x7F)).astype(np.uint8)
    octets |= continued.astype(np.uint8) << np.uint8(_GROUP_BITS)
    return bytes(octets[used])


def decode_varints(data: bytes, count: int) -> npt.NDArray[np.uint64]:
    """The *count* varints that *data* holds, exactly.

    Raises WireError if there are more or fewer, or one does not fit 64 bits.
    """
    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets < _CONTINUED)
    if len(ends) != count or (len(octets) and octets[-1] >= _CONTINUED):
        raise WireError(f"a column holds {len(ends)} values where {count} belong")
    if count == 0:
        return np.zeros(0, np.uint64)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    longest = int(lengths.max())
    if longest > _LONGEST_VARINT or np.any(octets[ends[lengths == _LONGEST_VARINT]] > 1):
        raise WireError("a varint does not fit 64 bits")
    place = np.arange(len(octets)) - np.repeat(starts, lengths)
    shifted = (octets & 0x7F).astype(np.uint64) << (place * _GROUP_BITS).astype(np.uint64)
    return np.bitwise_or.reduceat(shifted, starts)
