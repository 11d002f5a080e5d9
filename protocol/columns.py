"""The column codec: one signal's values as one byte string, and back.

A column is a codec byte and its data. Values are int64 at the signal's step; missing ones are
marked, never zero. Differences of neighbours, or differences of those, are zigzag-mapped (0, -1,
1, -2 ... to 0, 1, 2, 3 ...) and written as Rice codes (`protocol/rice`) or, where that is
shorter, as base-128 varints, least significant group first, as Protocol Buffers do
(https://protobuf.dev/programming-guides/encoding/). ``docs/wire-format.md`` has it to the bit.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.protocol import rice
from windsock.protocol.errors import WireError
from windsock.protocol.varints import (
    decode_varints,
    encode_varints,
    first_varint,
    unzigzag,
    zigzag,
)

MISSING: Final = 0
"""No value at all; no data follow."""
DELTA: Final = 1
"""Every value is there."""
SPARSE_DELTA: Final = 2
"""A presence bitmap (bit ``i % 8`` of byte ``i // 8``), then the values that are there."""
RICE: Final = 3
"""As DELTA, in Rice codes."""
SPARSE_RICE: Final = 4
"""As SPARSE_DELTA, in Rice codes."""

ROWS_LIMIT: Final = 1_000_000
VALUE_LIMIT: Final = 2**53
"""Beyond it a double, and so JSON and InfluxDB's floats, could not hold the integer."""

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_RICE_VALUES: Final = 600
"""Longer columns are varints: deflate makes them nearly as short, and they read faster."""
_SECOND_ORDER: Final = 0x20
"""Of a Rice column's parameter byte: differences of differences. The lower five bits are k."""


class _Rice(NamedTuple):
    """One Rice column, opened: all of its values but the first are in ``stream``."""

    first: int
    second_order: bool
    k: int
    stream: bytes


def encode_column(values: Integers, present: Mask, *, alone: bool = False) -> bytes:
    """Encode *values* (n,) where *present* (n,) is true.

    *alone*: no other column of the message resembles this one, so it may take Rice codes. They
    are shorter in themselves, but deflate finds no repeats in them. Raises ValueError for a
    present value outside +-2**53.
    """
    kept = np.asarray(values, np.int64)[present]
    if kept.size == 0:
        return bytes([MISSING])
    if kept.max() > VALUE_LIMIT or kept.min() < -VALUE_LIMIT:
        raise ValueError("a value is beyond 2**53 steps")
    varints = encode_varints(zigzag(np.diff(kept, prepend=np.int64(0))))
    riced = _riced(kept, len(varints)) if alone and kept.size <= _RICE_VALUES else None
    codec, data = (DELTA, varints) if riced is None else (RICE, riced)
    if kept.size == len(present):
        return bytes([codec]) + data
    return bytes([codec + 1]) + np.packbits(present, bitorder="little").tobytes() + data


def _riced(kept: Integers, limit: int) -> bytes | None:
    """*kept* (n,) as a Rice column's data, None unless it is shorter than *limit* bytes."""
    first = encode_varints(zigzag(kept[:1]))
    deltas = np.diff(kept)
    orders = [(0, zigzag(deltas)), (_SECOND_ORDER, zigzag(np.diff(deltas, prepend=np.int64(0))))]
    tried = [(order, numbers, rice.best_k(numbers)) for order, numbers in orders]
    order, numbers, k = min(tried, key=lambda one: rice.stream_bits(one[1], one[2]))
    size = (rice.stream_bits(numbers, k) + 7) // 8
    if size > rice.BYTES_A_NUMBER * len(numbers) or 1 + len(first) + size >= limit:
        return None
    return bytes([order | k]) + first + rice.encode_rice(numbers, k)


def decode_column(column: bytes, rows: int) -> tuple[Integers, Mask]:
    """Values (rows,) and where they are present (rows,); absent values are 0.

    Raises WireError for anything that `encode_column` could not have written.
    """
    values, present = decode_columns([column], rows)
    return values[0], present[0]


def decode_columns(columns: Sequence[bytes], rows: int) -> tuple[Integers, Mask]:
    """`decode_column` of many at once: (columns, rows) each, in a fraction of the time."""
    decoded = decode_ragged(columns, [rows] * len(columns))
    values = np.array([one for one, _ in decoded], np.int64).reshape(len(columns), rows)
    return values, np.array([one for _, one in decoded], bool).reshape(len(columns), rows)


def decode_ragged(columns: Sequence[bytes], rows: Sequence[int]) -> list[tuple[Integers, Mask]]:
    """`decode_column` of many at once, ``rows[i]`` of column i."""
    if not all(0 <= count <= ROWS_LIMIT for count in rows):
        raise WireError(f"columns of {max(rows)} rows")
    present = [np.ones(count, bool) for count in rows]
    data = [_presence(column, mask) for column, mask in zip(columns, present, strict=True)]
    counts = np.array([np.count_nonzero(mask) for mask in present], np.int64)
    riced = np.array([column[0] in (RICE, SPARSE_RICE) for column in columns], bool)
    values: list[Integers] = [np.zeros(0, np.int64)] * len(columns)
    for chosen, decode in ((np.flatnonzero(~riced), _undelta), (np.flatnonzero(riced), _unrice)):
        if len(chosen):
            kept = decode([data[index] for index in chosen], counts[chosen])
            if kept.size and (kept.max() > VALUE_LIMIT or kept.min() < -VALUE_LIMIT):
                raise WireError("a column value is beyond 2**53 steps")
            starts = np.cumsum(counts[chosen]) - counts[chosen]
            for index, start in zip(chosen.tolist(), starts.tolist(), strict=True):
                part = kept[start : start + counts[index]]
                values[index] = _placed(part, present[index])
    return list(zip(values, present, strict=True))


def _placed(kept: Integers, present: Mask) -> Integers:
    """*kept* where *present*, 0 elsewhere."""
    if len(kept) == len(present):
        return kept
    values = np.zeros(len(present), np.int64)
    values[present] = kept
    return values


def _presence(column: bytes, present: Mask) -> bytes:
    """Clears where *present* (rows,) is not so; the bytes that hold what is."""
    if not column:
        raise WireError("an empty column")
    codec, data = column[0], column[1:]
    if codec == MISSING:
        present[:] = False
    elif codec in (SPARSE_DELTA, SPARSE_RICE):
        rows = len(present)
        size = (rows + 7) // 8
        if len(data) < size:
            raise WireError("a presence bitmap is cut")
        bits = np.unpackbits(np.frombuffer(data[:size], np.uint8), bitorder="little")
        present[:] = bits[:rows]
        data = data[size:]
    elif codec not in (DELTA, RICE):
        raise WireError(f"unknown column codec {codec}")
    return data


def _undelta(chunks: Sequence[bytes], counts: Integers) -> Integers:
    """The values of DELTA columns, one column after the other, (sum of counts,)."""
    return _summed(unzigzag(decode_varints(chunks, counts)), counts)


def _unrice(chunks: Sequence[bytes], counts: Integers) -> Integers:
    """The values of Rice columns, one column after the other, (sum of counts,)."""
    if counts.min() < 1:
        raise WireError("a Rice column without a value")
    columns = [_opened(chunk) for chunk in chunks]
    ks = np.array([one.k for one in columns])
    residuals = unzigzag(rice.decode_rice([one.stream for one in columns], counts - 1, ks))
    heads = np.cumsum(counts) - counts
    deltas = np.insert(residuals, heads - np.arange(len(heads)), 0)
    second = np.array([one.second_order for one in columns])
    if second.any():
        deltas = np.where(np.repeat(second, counts), _summed(deltas, counts), deltas)
    deltas[heads] = [one.first for one in columns]
    return _summed(deltas, counts)


def _opened(data: bytes) -> _Rice:
    """The parts of a Rice column."""
    if not data or data[0] >= 2 * _SECOND_ORDER:
        raise WireError("a Rice column is cut, or from the future")
    first, size = first_varint(data[1:])
    signed = (first >> 1) ^ -(first & 1)
    k = data[0] & rice.K_LIMIT
    return _Rice(signed, data[0] >= _SECOND_ORDER, k, data[1 + size :])


def _summed(deltas: Integers, counts: Integers) -> Integers:
    """Running sums that begin anew with each column of *counts* values."""
    if np.all(counts == counts[0]):
        return np.cumsum(deltas.reshape(len(counts), -1), axis=1).ravel()
    before = np.cumsum(counts) - counts
    sums = np.concatenate((np.zeros(1, np.int64), np.cumsum(deltas)))
    within: Integers = sums[1:] - np.repeat(sums[before], counts)
    return within
