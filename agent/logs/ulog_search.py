"""Sound messages of a ULog behind damage: looked for in bulk, then each one checked."""

import struct
from collections.abc import Iterator

import numpy as np

from windsock.agent.logs.records import Mask, Offsets, at_every_byte
from windsock.agent.logs.ulog_formats import BASIC_TYPES
from windsock.agent.logs.ulog_messages import CHECKS, SIZES
from windsock.agent.logs.ulog_walk import HEADER_SIZE, Walk

DATA = ord("D")
DATA_HEADER = struct.Struct("<HBH")
IS_KNOWN = np.isin(np.arange(256), [DATA, *CHECKS])
_ID_SIZE = 2
_CHUNK_MIN, _CHUNK_MAX = 512, 1 << 20
_SIZE_MIN, _SIZE_MAX, _KEY_AT = np.zeros((3, 256), np.int64)
for _kind, _range in SIZES.items():
    _SIZE_MIN[_kind], _SIZE_MAX[_kind] = _range.start, _range.stop - 1
for _kind in b"IPMQ":  # a key begins with a type, behind its length
    _KEY_AT[_kind] = SIZES[_kind].start + 1
_IS_KEYED = _KEY_AT > 0
_IS_TYPE_LETTER = np.isin(np.arange(256), [ord(name[0]) for name in BASIC_TYPES])


def messages(walk: Walk, first: int) -> Iterator[int]:
    """Yield where sound messages begin from `first` on, each followed by another or the end."""
    chunk = _CHUNK_MIN
    while first < walk.limit:
        limit = min(first + chunk, walk.limit)
        for start in _likely(walk, first, limit).tolist():
            if is_message(walk, start):
                yield start
        first, chunk = limit, min(2 * chunk, _CHUNK_MAX)


def _likely(walk: Walk, first: int, limit: int) -> Offsets:
    """Find headers with a size of their kind that are followed by another one or the end."""
    buffer = walk.buffer
    starts = np.flatnonzero(IS_KNOWN[buffer[first + 2 : limit + 2]]) + first
    sizes = at_every_byte(walk.pieces.padded, "<u2")[starts].astype(np.int64)
    ends = starts + HEADER_SIZE + sizes
    fits = _can_be_so_large(walk, starts, sizes) & (ends <= walk.end)
    starts, ends = starts[fits], ends[fits]
    inside = ends + HEADER_SIZE <= walk.end
    followed = IS_KNOWN[buffer[np.where(inside, ends + 2, 0)]]
    return starts[followed | ~inside]


def _can_be_so_large(walk: Walk, starts: Offsets, sizes: Offsets) -> Mask:
    """Tell for many at once, as far as the size tells, what a check would not let pass."""
    buffer, definitions = walk.pieces.padded, walk.definitions
    kinds = buffer[starts + 2]
    fits: Mask = (sizes >= _SIZE_MIN[kinds]) & (sizes <= _SIZE_MAX[kinds])
    data = np.flatnonzero(kinds == DATA)
    numbers = at_every_byte(buffer, "<u2")[starts[data] + HEADER_SIZE]
    fits[data] = (sizes[data] > 0) & (sizes[data] >= definitions.size_min[numbers])
    fits[data] &= sizes[data] <= definitions.size_max[numbers]
    keyed = np.flatnonzero(fits & _IS_KEYED[kinds])
    fits[keyed] = _IS_TYPE_LETTER[buffer[starts[keyed] + _KEY_AT[kinds[keyed]]]]
    return fits


def is_message(walk: Walk, start: int) -> bool:
    """Tell whether a whole sound message begins at `start`, or the section ends there."""
    end, kind = walk.header(start)
    if kind in CHECKS:
        return end <= walk.end and CHECKS[kind](bytes(walk.view[start + HEADER_SIZE : end]))
    return start == walk.end or is_data(walk, start)


def is_data(walk: Walk, start: int) -> bool:
    """Tell whether a whole data message of a known topic begins at `start`."""
    if start + HEADER_SIZE + _ID_SIZE > walk.end:
        return False
    size, kind, number = DATA_HEADER.unpack_from(walk.view, start)
    definitions = walk.definitions
    return (
        kind == DATA
        and start + HEADER_SIZE + size <= walk.end
        and bool(0 < definitions.size_min[number] <= size <= definitions.size_max[number])
    )
