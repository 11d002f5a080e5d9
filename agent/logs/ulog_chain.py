"""Where the messages of a ULog begin: data found in bulk, the others one by one, gaps skipped."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from windsock.agent.logs.chain import Accepted, Candidates
from windsock.agent.logs.records import Bytes, Offsets, at_every_byte
from windsock.agent.logs.ulog_definitions import Definitions
from windsock.agent.logs.ulog_messages import Message, is_sound

HEADER_SIZE = 3
_HEADER = struct.Struct("<HB")
_KNOWN = frozenset(b"FDIMPQARSOLCB")
_DATA = ord("D")
_IS_KNOWN = np.isin(np.arange(256), list(_KNOWN))
_SIZE_PLAUSIBLE = 10_000  # of a message of a kind that is not known, as pyulog has it
_WINDOW_MIN, _WINDOW_MAX = 1 << 14, 1 << 20


@dataclass(slots=True)
class Walk:
    """A pass over a file: what was found, and where it has come to."""

    buffer: Bytes
    position: int
    end: int  # no message of this section reaches beyond
    definitions: Definitions = field(default_factory=Definitions)
    accepted: Accepted = field(default_factory=Accepted)
    others: list[Message] = field(default_factory=list)

    def header(self, start: int) -> tuple[int, int]:
        """Return the end and the type of the message at `start`; (0, 0) beyond the section."""
        if start + HEADER_SIZE > self.end:
            return 0, 0
        size, kind = _HEADER.unpack_from(self.buffer, start)
        return start + HEADER_SIZE + size, kind

    def payload(self, start: int, end: int) -> bytes:
        """Return the payload of the message between two offsets."""
        return self.buffer[start + HEADER_SIZE : end].tobytes()


def walk_sections(walk: Walk, borders: Sequence[int]) -> None:
    """Follow the chain to the end of the file; each border is an offset where data was appended."""
    for border in [*borders, len(walk.buffer)]:
        walk.end = border
        window = _WINDOW_MIN
        while walk.position < border:
            limit = min(walk.position + window, border)
            candidates = _candidates(walk, limit)
            stale = _follow(walk, candidates, limit)
            window = _WINDOW_MIN if stale else min(2 * window, _WINDOW_MAX)


def _candidates(walk: Walk, limit: int) -> Candidates:
    """Find every data message up to `limit` whose size is the one of its topic."""
    buffer, first = walk.buffer, walk.position
    starts = np.flatnonzero(buffer[first + 2 : limit + 2] == _DATA) + first
    starts = starts[starts + HEADER_SIZE + 2 <= walk.end]
    words = at_every_byte(buffer, "<u2")
    sizes = words[starts].astype(np.int64)
    numbers = words[starts + HEADER_SIZE]
    ends = starts + HEADER_SIZE + sizes
    definitions = walk.definitions
    fits = (sizes >= definitions.size_min[numbers]) & (sizes <= definitions.size_max[numbers])
    fits &= ends <= walk.end
    return Candidates(starts[fits], ends[fits])


def _follow(walk: Walk, candidates: Candidates, limit: int) -> bool:
    """Follow the chain up to `limit`; True where new definitions made the candidates stale."""
    while walk.position < limit:
        first = candidates.index_at(walk.position)
        if first is not None:
            stop = candidates.run_end(first)
            walk.accepted.add(candidates.starts[first:stop])
            walk.position = int(candidates.ends[stop - 1])
        elif _is_data(walk, walk.position):
            return True
        elif not _take_other(walk):
            _resynchronise(walk)
    return False


def _is_data(walk: Walk, start: int) -> bool:
    end, kind = walk.header(start)
    if kind != _DATA or end > walk.end or end - start < HEADER_SIZE + 2:
        return False
    low, high = walk.buffer[start + 3 : start + 5].tolist()
    size, number = end - start - HEADER_SIZE, low + 256 * high
    definitions = walk.definitions
    return bool(definitions.size_min[number] <= size <= definitions.size_max[number])


def _take_other(walk: Walk) -> bool:
    """Take the message at the walk's position if it is whole, sound and not a topic's data."""
    start = walk.position
    end, kind = walk.header(start)
    if end > walk.end or end <= start + HEADER_SIZE or not _is_followed(walk, end):
        return False
    if kind not in _KNOWN or kind == _DATA:  # a newer kind, or a topic whose definition is lost
        if end - start > _SIZE_PLAUSIBLE or kind == 0:
            return False
        walk.accepted.damaged_bytes += end - start if kind == _DATA else 0
    elif not _take_sound(walk, Message(chr(kind), walk.payload(start, end), start)):
        return False
    walk.position = end
    return True


def _is_followed(walk: Walk, end: int) -> bool:
    """Tell whether a message may begin at `end`, or the section ends there."""
    if walk.end - end < HEADER_SIZE:
        return True
    next_end, kind = walk.header(end)
    return kind in _KNOWN and next_end > end + HEADER_SIZE


def _take_sound(walk: Walk, message: Message) -> bool:
    """Keep a message if it agrees with itself; definitions take effect at once."""
    if not is_sound(message):
        return False
    if message.kind == "F":
        return walk.definitions.add_format(message.payload)
    if message.kind == "A":
        return walk.definitions.subscribe(message.payload, message.start)
    if message.kind == "R":
        walk.definitions.unsubscribe(message.payload)
    elif message.kind != "S":
        walk.others.append(message)
    return True


def _resynchronise(walk: Walk) -> None:
    """Go to the next place that looks like a sound message, counting what is skipped."""
    begin = walk.position
    at, chunk = begin + 1, _WINDOW_MIN // 4
    while at < walk.end:
        limit = min(at + chunk, walk.end)
        for start in _likely(walk, at, limit).tolist():
            if _is_message(walk, start):
                walk.accepted.damaged_bytes += start - begin
                walk.position = start
                return
        at, chunk = limit, min(2 * chunk, _WINDOW_MAX)
    end, kind = walk.header(begin)
    cut_off = (kind in _KNOWN and end > walk.end) or walk.end - begin < HEADER_SIZE
    walk.accepted.damaged_bytes += 0 if cut_off else walk.end - begin
    walk.position = walk.end


def _likely(walk: Walk, first: int, limit: int) -> Offsets:
    """Find headers of a known kind that are followed by another one or the end."""
    buffer = walk.buffer
    starts = np.flatnonzero(_IS_KNOWN[buffer[first + 2 : limit + 2]]) + first
    sizes = at_every_byte(buffer, "<u2")[starts].astype(np.int64)
    ends = starts + HEADER_SIZE + sizes
    fits = (sizes > 0) & (ends <= walk.end)
    starts, ends = starts[fits], ends[fits]
    inside = ends + HEADER_SIZE <= walk.end
    followed = _IS_KNOWN[buffer[np.where(inside, ends + 2, 0)]]
    return starts[followed | ~inside]


def _is_message(walk: Walk, start: int) -> bool:
    """Tell whether a sound message begins at `start`, without taking it."""
    end, kind = walk.header(start)
    if kind == _DATA:
        return _is_data(walk, start)
    return is_sound(Message(chr(kind), walk.payload(start, end), start))
