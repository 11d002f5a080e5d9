"""Where the messages of a DataFlash log begin: found in bulk, the chain checked, gaps skipped."""

from dataclasses import dataclass, field

import numpy as np

from windsock.agent.logs.chain import Accepted, Candidates
from windsock.agent.logs.dataflash_formats import (
    FMT,
    FMT_SIZE,
    FMT_TYPE,
    HEADER,
    Format,
    parse_format,
)
from windsock.agent.logs.records import Bytes, Offsets

_BLOCK = 1 << 20
_PADDING = (0x00, 0xFF)  # erased or cleared flash behind the last message of a page


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
        limit = min(walk.position + _BLOCK, len(buffer))
        _follow(walk, _candidates(walk, walk.position, limit), limit)
    return Messages(walk.accepted.starts(), walk.formats, walk.accepted.damaged_bytes)


def _candidates(walk: _Walk, first: int, limit: int) -> Candidates:
    """Find every header from `first` to `limit` whose type is defined by then."""
    buffer = walk.buffer
    starts = np.flatnonzero(buffer[first:limit] == HEADER[0]) + first
    starts = starts[starts + 2 < len(buffer)]
    starts = starts[buffer[starts + 1] == HEADER[1]]
    types = buffer[starts + 2]
    _define(walk, starts[types == FMT_TYPE])
    ends = starts + walk.sizes[types]
    whole = (ends > starts) & (ends <= len(buffer))
    return Candidates(starts[whole], ends[whole])


def _define(walk: _Walk, starts: Offsets) -> None:
    """Take the first sound definition of each type: a later one can only be damaged."""
    for start in starts.tolist():
        message = walk.buffer[start : start + FMT_SIZE].tobytes()
        found = parse_format(message) if len(message) == FMT_SIZE else None
        if found and found.number not in walk.formats:
            walk.formats[found.number] = found
            walk.sizes[found.number] = found.length


def _follow(walk: _Walk, candidates: Candidates, limit: int) -> None:
    """Accept chained candidates up to `limit`, going round what is not a message."""
    while walk.position < limit:
        first = candidates.index_at(walk.position)
        if first is None:
            _resynchronise(walk, candidates, limit)
            continue
        stop = candidates.run_end(first)
        walk.accepted.add(candidates.starts[first:stop])
        walk.position = int(candidates.ends[stop - 1])


def _resynchronise(walk: _Walk, candidates: Candidates, limit: int) -> None:
    """Go to the next candidate, or to `limit`; what lies between is padding or damage."""
    index = int(candidates.starts.searchsorted(walk.position))
    target = int(candidates.starts[index]) if index < len(candidates) else limit
    skipped = walk.buffer[walk.position : target]
    if not any((skipped == filler).all() for filler in _PADDING):
        walk.accepted.damaged_bytes += len(skipped)
    walk.position = target
