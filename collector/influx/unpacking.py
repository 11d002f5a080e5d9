"""The columns of many messages as numbers, decoded together: most of the cost is there once."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from typing import Final, NamedTuple

import numpy as np

from windsock.protocol.columns import Integers, Mask, decode_ragged
from windsock.protocol.errors import WireError

_TOGETHER: Final = 100_000
"""Numbers at once: more of them only take memory."""


class Packed(NamedTuple):
    """Columns of one message as they came, and how many rows each has."""

    columns: Sequence[bytes] = ()
    rows: Sequence[int] = ()


class Unpacked(NamedTuple):
    """Values that are there, one column after the other, and which are, (sum of rows,)."""

    values: Integers
    present: Mask


def unpack(messages: Sequence[Packed]) -> Iterator[Unpacked | WireError]:
    """Each message's numbers, or what is wrong with them: one that is bad harms no other."""
    group: list[Packed] = []
    cells: list[int] = []
    size = 0
    for message in messages:
        own = sum(message.rows)
        if group and size + own > _TOGETHER:
            yield from _one_by_one_if_need_be(group, cells)
            group, cells, size = [], [], 0
        group.append(message)
        cells.append(own)
        size += own
    if group:
        yield from _one_by_one_if_need_be(group, cells)


def _one_by_one_if_need_be(
    group: Sequence[Packed], cells: Sequence[int]
) -> Iterator[Unpacked | WireError]:
    try:
        yield from _together(group, cells)
    except WireError as error:
        if len(group) == 1:
            yield error
            return
        for message, own in zip(group, cells, strict=True):
            yield from _one_by_one_if_need_be([message], [own])


def _together(group: Sequence[Packed], cells: Sequence[int]) -> list[Unpacked]:
    """Messages of so many *cells*. Raises WireError where one of them is bad."""
    columns = list(chain.from_iterable([message.columns for message in group]))
    rows = list(chain.from_iterable([message.rows for message in group]))
    values, present, counts = decode_ragged(columns, rows)
    last = np.cumsum([len(message.columns) for message in group])
    ends = np.append(0, np.cumsum(counts))[last].tolist()
    behind = list(accumulate(cells))
    return [
        Unpacked(values[start:end], present[first:last])
        for start, end, first, last in zip([0, *ends], ends, [0, *behind], behind, strict=False)
    ]
