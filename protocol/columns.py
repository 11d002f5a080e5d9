"""The column codec: one signal's values as one byte string, and back.

A column is a codec byte and its data. Values are int64 at the signal's step; missing ones are
marked, never zero. Differences of neighbours, or differences of those, are zigzag-mapped (0, -1,
1, -2 ... to 0, 1, 2, 3 ...) and written as Rice codes (`protocol/rice`) or, where that is
shorter, as base-128 varints, least significant group first, as Protocol Buffers do
(https://protobuf.dev/programming-guides/encoding/). ``docs/wire-format.md`` has it to the bit.
"""

from collections.abc import Sequence
from itertools import compress
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.protocol import rice
from windsock.protocol.errors import WireError
from windsock.protocol.varints import (
    LONGEST,
    decode_varints,
    encode_varints,
    first_varints,
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
_ORDERS: Final = 2 * _SECOND_ORDER
"""Beyond such bytes."""
_PAST_THE_END: Final = bytes(max(LONGEST, rice.SPARE))


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
    values, present, _ = decode_ragged(columns, [rows] * len(columns))
    return in_table(values, present, (len(columns), rows))


def in_table(values: Integers, present: Mask, shape: tuple[int, int]) -> tuple[Integers, Mask]:
    """What `decode_ragged` found of columns that all have as many rows, (columns, rows) each."""
    if len(values) < len(present):
        table = np.zeros(len(present), np.int64)
        table[present] = values
        values = table
    return values.reshape(shape), present.reshape(shape)


class Ragged(NamedTuple):
    """Columns of different length, one after the other."""

    values: Integers
    """Those that are there, (sum of counts,)."""
    present: Mask
    """Which are, (sum of rows,)."""
    counts: Integers
    """How many of each column, (columns,)."""


def decode_ragged(columns: Sequence[bytes], rows: Sequence[int]) -> Ragged:
    """`decode_column` of many at once, ``rows[i]`` of column i."""
    if not all(0 <= count <= ROWS_LIMIT for count in rows):
        raise WireError(f"columns of {max(rows)} rows")
    counts, codecs = np.array(rows, np.int64), _codecs(columns)
    skipped, present = _presence(columns, codecs, counts)
    if not present.all():
        behind = np.cumsum(counts)
        before = np.append(0, np.cumsum(present))
        counts = before[behind] - before[behind - counts]
    values = _kept(Packed(columns, skipped, counts), codecs >= RICE)
    if values.size and (values.max() > VALUE_LIMIT or values.min() < -VALUE_LIMIT):
        raise WireError("a column value is beyond 2**53 steps")
    return Ragged(values, present, counts)


def _codecs(columns: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    """The first byte of each."""
    if not all(columns):
        raise WireError("an empty column")
    codecs = np.frombuffer(bytes([column[0] for column in columns]), np.uint8)
    if (codecs > SPARSE_RICE).any():
        raise WireError(f"unknown column codec {codecs.max()}")
    return codecs


def _presence(
    columns: Sequence[bytes], codecs: npt.NDArray[np.uint8], rows: Integers
) -> tuple[Integers, Mask]:
    """How many bytes stand before each column's values, and which are there, (sum of rows,)."""
    present = (codecs != MISSING).repeat(rows)
    skipped = np.ones(len(columns), np.int64)
    sparse = (codecs == SPARSE_DELTA) | (codecs == SPARSE_RICE)
    if not sparse.any():
        return skipped, present
    few, sizes = rows[sparse], (rows[sparse] + 7) // 8
    skipped[sparse] += sizes
    which = zip(np.flatnonzero(sparse).tolist(), skipped[sparse].tolist(), strict=True)
    maps = b"".join([columns[index][1:end] for index, end in which])
    if len(maps) < sizes.sum():
        raise WireError("a presence bitmap is cut")
    bits = np.unpackbits(np.frombuffer(maps, np.uint8), bitorder="little").view(bool)
    spare = sizes * 8 - few  # bits up to a whole byte
    used = np.repeat(np.tile([True, False], len(spare)), np.stack((few, spare), 1).ravel())
    present[np.repeat(sparse, rows)] = bits[used]
    return skipped, present


class Packed(NamedTuple):
    """Columns, how many bytes of each to skip, and how many values it has."""

    columns: Sequence[bytes]
    skipped: Integers
    counts: Integers

    def some(self, which: Mask) -> "Packed":
        """Those of them."""
        columns = list(compress(self.columns, which.tolist()))
        return Packed(columns, self.skipped[which], self.counts[which])


def _kept(packed: Packed, riced: Mask) -> Integers:
    """The values that are there, one column after the other, (sum of counts,)."""
    if not riced.any():
        return _undelta(packed)
    if riced.all():
        return _unrice(packed)
    kept = np.empty(int(packed.counts.sum()), np.int64)
    for chosen, decode in ((riced, _unrice), (~riced, _undelta)):
        kept[np.repeat(chosen, packed.counts)] = decode(packed.some(chosen))
    return kept


def _undelta(packed: Packed) -> Integers:
    """The values of DELTA columns, one column after the other, (sum of counts,)."""
    columns, skipped, counts = packed
    chunks = [column[skip:] for column, skip in zip(columns, skipped.tolist(), strict=True)]
    return _summed(decode_varints(chunks, counts), counts)


def _unrice(packed: Packed) -> Integers:
    """The values of Rice columns, one column after the other, (sum of counts,)."""
    columns, skipped, counts = packed
    if counts.min() < 1:
        raise WireError("a Rice column without a value")
    octets = np.frombuffer(b"".join(columns) + _PAST_THE_END, np.uint8)
    sizes = np.fromiter(map(len, columns), np.int64, len(columns))
    ends = sizes.cumsum()
    starts = ends - sizes + skipped
    orders = np.where(starts < ends, octets[np.minimum(starts, ends)], _ORDERS)
    if orders.max() >= _ORDERS:
        raise WireError("a Rice column is cut, or from the future")
    firsts, begins = first_varints(octets, starts + 1, ends)
    ks = (orders & rice.K_LIMIT).astype(np.int64)
    residuals = unzigzag(rice.decode_rice(rice.Streams(octets, begins, ends, counts - 1, ks)))
    heads = counts.cumsum() - counts
    deltas = np.zeros(len(residuals) + len(heads), np.int64)
    others = np.ones(len(deltas), bool)
    others[heads] = False
    deltas[others] = residuals
    second = orders >= _SECOND_ORDER
    if second.any():
        deltas = np.where(second.repeat(counts), _summed(deltas.copy(), counts), deltas)
    deltas[heads] = firsts
    return _summed(deltas, counts)


def _summed(deltas: Integers, counts: Integers) -> Integers:
    """Running sums that begin anew with each column of *counts* values, in place of *deltas*."""
    starts = (counts.cumsum() - counts)[counts > 0]
    if len(starts) > 1:
        # What a column comes to is taken off the next one: one sum runs over all, modulo 2**64.
        deltas[starts[1:]] -= np.add.reduceat(deltas, starts)[:-1]
    return deltas.cumsum(out=deltas)
