"""Where the messages of a DataFlash log begin: found in bulk, the chain checked, gaps skipped.

A message counts when the next header, padding or the end of the file follows it: where anything
else does, bytes are missing from it, foreign ones are in it, or its length is wrong.
"""

from collections import Counter
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
from windsock.agent.logs.dataflash_repair import is_suspect, possible_formats
from windsock.agent.logs.records import Bytes, Mask, Offsets

_BLOCK = 1 << 20
_SIZE_MAX = 255
_GAPS_TO_BELIEVE = 3  # of one size behind headers of one type
_ATTEMPTS_MAX = 8
_SAMPLE = 100  # messages of a type whose definition is damaged
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
    gaps: Counter[tuple[int, int]] = field(default_factory=Counter)  # undefined type, bytes
    attempts: Counter[int] = field(default_factory=Counter)  # to read a type's definition
    accepted: Accepted = field(default_factory=Accepted)
    position: int = 0


def find_messages(buffer: Bytes) -> Messages:
    """Find the chain of messages. Each byte is looked at a fixed number of times."""
    walk = _Walk(buffer)
    walk.sizes[FMT_TYPE] = FMT_SIZE
    while walk.position < len(buffer):
        limit = walk.position + _BLOCK
        _follow(walk, _candidates(walk, walk.position, limit), limit)
    starts = walk.accepted.starts()
    types = buffer[starts + 2]
    defined = np.isin(np.arange(256), list(walk.formats))[types]
    lost_bytes = int(walk.sizes[types[~defined]].sum())
    return Messages(starts[defined], walk.formats, walk.accepted.damaged_bytes + lost_bytes)


def _candidates(walk: _Walk, first: int, limit: int) -> Candidates:
    """Find every whole message from `first` to `limit` whose type has a size by then."""
    buffer = walk.buffer
    starts = np.flatnonzero(buffer[first:limit] == HEADER[0]) + first
    starts = starts[: starts.searchsorted(len(buffer) - HEADER_SIZE, side="right")]
    starts = starts[buffer[starts + 1] == HEADER[1]]
    types = buffer[starts + 2]
    _define(walk, starts, types)
    ends = starts + walk.sizes[types]
    whole = (ends > starts) & (ends <= len(buffer))
    return Candidates(starts[whole], ends[whole])


def _define(walk: _Walk, starts: Offsets, types: Bytes) -> None:
    """Take the first sound definition of each type: a later, other one can only be damaged."""
    heads = starts[types == FMT_TYPE]
    heads = heads[heads <= len(walk.buffer) - FMT_SIZE]
    damaged = []
    for start, number in zip(heads.tolist(), walk.buffer[heads + 3].tolist(), strict=True):
        if number in walk.formats or walk.attempts[number] == _ATTEMPTS_MAX:
            continue
        message = walk.buffer[start : start + FMT_SIZE].tobytes()
        found = parse_format(message)
        if found and not is_suspect(found):
            _add_format(walk, found)
        else:
            walk.attempts[number] += 1
            damaged.append(message)
    for message in damaged:
        _mend(walk, message, starts, types)


def _mend(walk: _Walk, message: bytes, starts: Offsets, types: Bytes) -> None:
    """Take the reading of a damaged definition that most messages of its type agree with."""
    possible = possible_formats(message)
    if not possible or possible[0].number in walk.formats:
        return
    own = starts[types == possible[0].number][:_SAMPLE]
    counts = [_count_followed(walk, own, one) for one in possible]
    if any(counts):
        _add_format(walk, possible[counts.index(max(counts))])


def _add_format(walk: _Walk, definition: Format) -> None:
    walk.formats[definition.number] = definition
    walk.sizes[definition.number] = definition.length


def _count_followed(walk: _Walk, starts: Offsets, definition: Format) -> int:
    """Count messages of a type that, if this is its format, are followed by a header."""
    ends = starts + definition.length
    ends = ends[ends < len(walk.buffer) - 1]
    heads = (walk.buffer[ends] == HEADER[0]) & (walk.buffer[ends + 1] == HEADER[1])
    return int(heads.sum())


def _follow(walk: _Walk, candidates: Candidates, limit: int) -> None:
    """Accept chained candidates up to `limit`, or until more could be found there."""
    while walk.position < min(limit, len(walk.buffer)):
        run = candidates.run_at(walk.position)
        if run:
            walk.accepted.add(candidates.starts[run])
            walk.position = int(candidates.ends[run.stop - 1])
        elif _go_round(walk, candidates, limit):
            return


def _go_round(walk: _Walk, candidates: Candidates, limit: int) -> bool:
    """Go to the next message; what lies between is padding, the cut-off tail, or damage.

    True where it was a type without a format often enough to know its size by now.
    """
    position, last = walk.position, walk.accepted.last
    doubtful = last is not None and not _is_header(walk, position)
    begin = last if last is not None and doubtful else position
    target = _next_message(walk, candidates, begin + 1, limit)
    walk.position = target
    if position <= target and _is_filler(walk.buffer[position:target]):
        return False
    if target == len(walk.buffer) and _is_cut_off(walk, position):
        return False
    if doubtful:
        walk.accepted.drop_last()
    walk.accepted.damaged_bytes += target - begin
    return not doubtful and _learn_size(walk, position, target)


def _learn_size(walk: _Walk, position: int, target: int) -> bool:
    size = target - position
    if not _is_header(walk, position) or not HEADER_SIZE < size <= _SIZE_MAX:
        return False
    number = int(walk.buffer[position + 2])
    if walk.sizes[number]:
        return False
    walk.gaps[number, size] += 1
    if walk.gaps[number, size] < _GAPS_TO_BELIEVE:
        return False
    walk.sizes[number] = size
    return True


def _next_message(walk: _Walk, candidates: Candidates, first: int, limit: int) -> int:
    """Return the next place from `first` where a message begins that another one follows."""
    while True:
        for start, end in candidates.between(first, limit, _likely(walk, candidates)):
            if _is_header(walk, end) or _is_filler(walk.buffer[end : end + _FILLER_SIZE]):
                return start
        if limit >= len(walk.buffer):
            return len(walk.buffer)
        first, limit = limit, limit + _BLOCK
        candidates = _candidates(walk, first, limit)


def _likely(walk: _Walk, candidates: Candidates) -> Mask:
    """Mark candidates with the first byte of a header, of padding, or the file's end behind."""
    if candidates.likely is None:
        last = len(walk.buffer) - 1
        behind = walk.buffer[np.minimum(candidates.ends, last)]
        candidates.likely = np.isin(behind, (HEADER[0], *_FILLERS)) | (candidates.ends > last)
    return candidates.likely


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
