"""Where the messages of a ULog begin: data found in bulk, the others one by one, gaps skipped.

A data message counts when a sound message or the end of the file follows it: where anything else
does, bytes are missing from it, foreign ones are in it, or its size is wrong.
"""

import string
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from windsock.agent.logs.chain import Accepted, Candidates
from windsock.agent.logs.records import Bytes, Offsets, at_every_byte
from windsock.agent.logs.ulog_definitions import Definitions
from windsock.agent.logs.ulog_messages import CHECKS, Message

HEADER_SIZE = 3
_ID_SIZE = 2
_HEADER = struct.Struct("<HB")
_DATA_HEADER = struct.Struct("<HBH")
_DATA, _FORMAT, _SUBSCRIPTION, _REMOVAL = b"DFAR"
_LETTERS = frozenset(string.ascii_letters.encode("ascii"))
_SAID = {kind: chr(kind) for kind in b"IMPQOLC"}
_IS_KNOWN = np.isin(np.arange(256), [_DATA, *CHECKS])
_DEFINITION_MAX = 8192  # bytes
_TOPIC_AT = 3
_NEWER_SIZE_MAX = 10_000  # of a message of a kind that is not known, as pyulog has it
_WINDOW_MIN, _WINDOW_MAX = 1 << 14, 1 << 20
_CHUNK_MIN = 512


@dataclass(slots=True)
class Walk:
    """A pass over a file: what was found, and where it has come to."""

    buffer: Bytes
    position: int
    definitions: Definitions = field(default_factory=Definitions)
    accepted: Accepted = field(default_factory=Accepted)
    others: list[Message] = field(default_factory=list)
    view: memoryview = field(init=False)
    end: int = field(init=False)  # no message of this section reaches beyond

    def __post_init__(self) -> None:
        self.view = self.buffer.data
        self.end = len(self.buffer)

    def header(self, start: int) -> tuple[int, int]:
        """Return the end and the type of the message at `start`; (0, 0) beyond the section."""
        if start + HEADER_SIZE > self.end:
            return 0, 0
        size, kind = _HEADER.unpack_from(self.view, start)
        return start + HEADER_SIZE + size, kind


def walk_sections(walk: Walk, borders: Sequence[int]) -> None:
    """Follow the chain to the end of the file; at each border a new piece was appended later."""
    for border in [*borders, len(walk.buffer)]:
        walk.end = border
        walk.accepted.last = None
        window = _WINDOW_MIN
        while walk.position < border:
            limit = min(walk.position + window, border)
            stale = _follow(walk, _candidates(walk, limit), limit)
            window = _WINDOW_MIN if stale else min(2 * window, _WINDOW_MAX)


def _candidates(walk: Walk, limit: int) -> Candidates:
    """Find every data message up to `limit` whose size is the one of its topic."""
    buffer, first = walk.buffer, walk.position
    starts = np.flatnonzero(buffer[first + 2 : limit + 2] == _DATA) + first
    starts = starts[: starts.searchsorted(walk.end - HEADER_SIZE - _ID_SIZE, side="right")]
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
        run = candidates.run_at(walk.position)
        if run:
            walk.accepted.add(candidates.starts[run])
            walk.position = int(candidates.ends[run.stop - 1])
        elif not _take_others(walk, limit):
            if _is_data(walk, walk.position):
                return True
            if not _skip_foreign(walk):
                _go_round(walk)
    return False


def _take_others(walk: Walk, limit: int) -> bool:
    """Take the messages from here on that are sound and not data; False where there is none."""
    position, view = walk.position, walk.view
    while position < limit and position + HEADER_SIZE <= walk.end:
        size, kind = _HEADER.unpack_from(view, position)
        end = position + HEADER_SIZE + size
        if kind not in CHECKS or end > walk.end:
            break
        payload = bytes(view[position + HEADER_SIZE : end])
        if not CHECKS[kind](payload) or not _can_be_used(walk, kind, payload):
            break
        _heed(walk, kind, payload, position)
        position = end
    if position == walk.position:
        return False
    walk.position, walk.accepted.last = position, None
    return True


def _can_be_used(walk: Walk, kind: int, payload: bytes) -> bool:
    """Tell a subscription of a topic that is not defined: one of the two names is damaged."""
    topic = payload[_TOPIC_AT:].rstrip(b"\0").decode("ascii") if kind == _SUBSCRIPTION else None
    return topic is None or walk.definitions.formats.has(topic)


def _heed(walk: Walk, kind: int, payload: bytes, start: int) -> None:
    """Let a definition take effect, keep what else is said."""
    if kind in _SAID:
        walk.others.append(Message(_SAID[kind], payload, start))
    elif kind == _FORMAT:
        followed = _is_headed(walk, start + HEADER_SIZE + len(payload))
        walk.definitions.formats.add(payload, whole=followed)
    elif kind == _SUBSCRIPTION:
        walk.definitions.subscribe(payload, start)
    elif kind == _REMOVAL:
        walk.definitions.unsubscribe(payload)


def _skip_foreign(walk: Walk) -> bool:
    """Step over a message of a newer kind, or data whose definition is lost, if all goes on."""
    start = walk.position
    end, kind = walk.header(start)
    if kind in CHECKS or kind == 0 or not start < end <= min(start + _NEWER_SIZE_MAX, walk.end):
        return False
    if not (_is_message(walk, end) or _is_alike(walk, start, end)):
        return False
    payload = bytes(walk.view[start + HEADER_SIZE : end])
    if kind == _DATA:
        number = int.from_bytes(payload[:_ID_SIZE], "little")
        walk.definitions.learn_size(number, len(payload))
        walk.accepted.damaged_bytes += end - start
    walk.definitions.mend(payload, start)
    walk.position, walk.accepted.last = end, None
    return True


def _is_alike(walk: Walk, start: int, other: int) -> bool:
    """Tell whether data of the same id and size begin at two places."""
    size = _DATA_HEADER.size
    return other + size <= walk.end and (
        walk.view[start : start + size] == walk.view[other : other + size]
    )


def _is_headed(walk: Walk, position: int) -> bool:
    """Tell whether a message, if of a newer kind, could begin here, or the section ends."""
    end, kind = walk.header(position)
    return walk.end - position < HEADER_SIZE or (kind in _LETTERS and position + HEADER_SIZE < end)


def _go_round(walk: Walk) -> None:
    """Go to the next sound message; what lies between is damage, or the cut-off tail."""
    position, last = walk.position, walk.accepted.last
    headed = _is_headed(walk, position)
    doubtful = last is not None and not headed
    begin = last if last is not None and doubtful else position
    target = next(_messages(walk, begin + 1), walk.end)
    walk.position = target
    if target == walk.end and headed and not 0 < walk.header(position)[0] <= walk.end:
        return
    if doubtful:
        walk.accepted.drop_last()
    walk.accepted.damaged_bytes += target - begin
    if target - position < _DEFINITION_MAX:
        walk.definitions.mend(bytes(walk.view[position + HEADER_SIZE : target]), position)


def _messages(walk: Walk, first: int) -> Iterator[int]:
    """Yield where sound messages begin from `first` on, each followed by another or the end."""
    chunk = _CHUNK_MIN
    while first < walk.end:
        limit = min(first + chunk, walk.end)
        for start in _likely(walk, first, limit).tolist():
            if _is_message(walk, start):
                yield start
        first, chunk = limit, min(2 * chunk, _WINDOW_MAX)


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
    """Tell whether a whole sound message begins at `start`, or the section ends there."""
    end, kind = walk.header(start)
    if kind in CHECKS:
        return end <= walk.end and CHECKS[kind](bytes(walk.view[start + HEADER_SIZE : end]))
    return start == walk.end or _is_data(walk, start)


def _is_data(walk: Walk, start: int) -> bool:
    """Tell whether a whole data message of a known topic begins at `start`."""
    if start + HEADER_SIZE + _ID_SIZE > walk.end:
        return False
    size, kind, number = _DATA_HEADER.unpack_from(walk.view, start)
    definitions = walk.definitions
    return (
        kind == _DATA
        and start + HEADER_SIZE + size <= walk.end
        and bool(definitions.size_min[number] <= size <= definitions.size_max[number])
    )
