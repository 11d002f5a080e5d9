"""Where the messages of a DataFlash log begin: found in bulk, the chain checked, gaps skipped.

A message counts when the next header, padding or the end of the file follows it: where anything
else does, bytes are missing from it, foreign ones are in it, or its length is wrong.
"""

from dataclasses import dataclass, field

import numpy as np

from windsock.agent.logs.chain import Accepted, Candidates
from windsock.agent.logs.dataflash_formats import (
    FMT,
    FMT_SIZE,
    FMT_TYPE,
    HEADER,
    HEADER_SIZE,
    Format,
    parse_format,
)
from windsock.agent.logs.records import Bytes, Offsets

_BLOCK = 1 << 20
_FILLER_SIZE = 8  # as little already tells padding from what may follow a false header
_FILLERS = (0x00, 0xFF)  # cleared and erased flash behind the last message of a page


@dataclass(slots=True)
class Messages:
    """Starts of the true messages in file order, and the formats they have by type number."""

    starts: Offsets
    formats: dict[int, Format]
    damaged_bytes: int


@dataclass(slots=True)
class _Walk:
    buffer: Bytes
    formats: dict[int, Format] = field(default_factory=lambda: {FMT_TYPE: FMT})
    sizes: Offsets = field(default_factory=lambda: np.zeros(256, np.int64))
    accepted: Accepted = field(default_factory=Accepted)
    position: int = 0


def find_messages(buffer: Bytes) -> Messages:
    """Find the chain of messages. Each byte is looked at a fixed number of times."""
    walk = _Walk(buffer)
    walk.sizes[FMT_TYPE] = FMT_SIZE
    while walk.position < len(buffer):
        limit = walk.position + _BLOCK
        _follow(walk, _candidates(walk, walk.position, limit), limit)
    return Messages(walk.accepted.starts(), walk.formats, walk.accepted.damaged_bytes)


def _candidates(walk: _Walk, first: int, limit: int) -> Candidates:
    """Find every whole message from `first` to `limit` whose type is defined by then."""
    buffer = walk.buffer
    starts = np.flatnonzero(buffer[first:limit] == HEADER[0]) + first
    starts = starts[: starts.searchsorted(len(buffer) - HEADER_SIZE, side="right")]
    starts = starts[buffer[starts + 1] == HEADER[1]]
    types = buffer[starts + 2]
    _define(walk, starts[types == FMT_TYPE])
    ends = starts + walk.sizes[types]
    whole = (ends > starts) & (ends <= len(buffer))
    return Candidates(starts[whole], ends[whole])


def _define(walk: _Walk, starts: Offsets) -> None:
    """Take the first sound definition of each type: a later, other one can only be damaged."""
    for start in starts.tolist():
        message = walk.buffer[start : start + FMT_SIZE].tobytes()
        if len(message) < FMT_SIZE or message[HEADER_SIZE] in walk.formats:
            continue
        found = parse_format(message)
        if found:
            walk.formats[found.number] = found
            walk.sizes[found.number] = found.length


def _follow(walk: _Walk, candidates: Candidates, limit: int) -> None:
    """Accept chained candidates up to `limit`, going round what is not a message."""
    while walk.position < min(limit, len(walk.buffer)):
        first = candidates.index_at(walk.position)
        if first is None:
            _go_round(walk, candidates, limit)
            continue
        stop = candidates.run_end(first)
        walk.accepted.add(candidates.starts[first:stop])
        walk.position = int(candidates.ends[stop - 1])


def _go_round(walk: _Walk, candidates: Candidates, limit: int) -> None:
    """Go to the next message; what lies between is padding, the cut-off tail, or damage."""
    position, last = walk.position, walk.accepted.last
    doubtful = last is not None and not _is_header(walk, position)
    begin = last + 1 if last is not None and doubtful else position + 1
    target = _next_message(walk, candidates, begin, limit)
    walk.position = target
    if position <= target and _is_filler(walk.buffer[position:target]):
        return
    if target == len(walk.buffer) and _is_cut_off(walk, position):
        return
    if doubtful:
        walk.accepted.drop_last()
        position = begin - 1
    walk.accepted.damaged_bytes += target - position


def _next_message(walk: _Walk, candidates: Candidates, first: int, limit: int) -> int:
    """Return the next place from `first` where a message begins that another one follows."""
    while True:
        for start, end in candidates.between(first, limit):
            if _is_header(walk, end) or _is_filler(walk.buffer[end : end + _FILLER_SIZE]):
                return start
        if limit >= len(walk.buffer):
            return len(walk.buffer)
        first, limit = limit, limit + _BLOCK
        candidates = _candidates(walk, first, limit)


def _is_header(walk: _Walk, position: int) -> bool:
    """Tell whether a message begins here, be its type defined or not, or the file ends."""
    head = walk.buffer[position : position + len(HEADER)].tobytes()
    return HEADER.startswith(head)


def _is_cut_off(walk: _Walk, position: int) -> bool:
    """Tell whether the file ends within the message that begins here."""
    rest = len(walk.buffer) - position
    size = walk.sizes[walk.buffer[position + 2]] if rest >= HEADER_SIZE else HEADER_SIZE
    return _is_header(walk, position) and bool(rest < size)


def _is_filler(skipped: Bytes) -> bool:
    return any(bool((skipped == filler).all()) for filler in _FILLERS)
