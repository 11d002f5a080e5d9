"""Where the messages of a ULog begin: data found in bulk, the others one by one, gaps skipped.

A data message counts when a sound message or the end of the file follows it: where anything else
does, bytes are missing from it, foreign ones are in it, or its size is wrong.
"""

import string
from collections.abc import Iterator, Sequence

import numpy as np

from windsock.agent.logs.chain import Batch, Candidates
from windsock.agent.logs.lanes import LANE_BYTES, Chain, chained
from windsock.agent.logs.records import Mask, Offsets, at_every_byte, sifted
from windsock.agent.logs.ulog_messages import CHECKS, Message
from windsock.agent.logs.ulog_search import (
    DATA,
    DATA_HEADER,
    IS_KNOWN,
    is_data,
    is_message,
    messages,
)
from windsock.agent.logs.ulog_walk import HEADER, HEADER_SIZE, WINDOW_MIN, Walk

_ID_SIZE = 2
_HEAD, _SIZE, _TYPE_AT_BIT, _ID_AT_BIT = (1 << 40) - 1, 0xFFFF, 16, 24  # of data, as a number
_FORMAT, _SUBSCRIPTION, _REMOVAL = b"FAR"
_LETTERS = frozenset(string.ascii_letters.encode("ascii"))
_CAPITALS = frozenset(string.ascii_uppercase.encode("ascii"))
_SAID = {kind: chr(kind) for kind in b"IMPQOLC"}
_DEFINITIONS_MAX = 8192  # bytes
_TOPIC_AT = 3
_NEWER_SIZE_MAX = 10_000  # of a message of a kind that is not known, as pyulog has it
_WINDOW_GROWTH = 16


def walk_sections(walk: Walk, borders: Sequence[int]) -> Iterator[Batch]:
    """Follow the chain to the end of the file; at each border a new piece was appended later.

    Yields the data messages of each piece while it is there.
    """
    for border in borders:
        yield from _walk_section(walk, border)
    yield from _walk_section(walk, None)


def _walk_section(walk: Walk, border: int | None) -> Iterator[Batch]:
    """Follow the chain to a border, or to the end of the file, wherever that turns out to be."""
    walk.border = walk.pieces.size if border is None else border
    walk.accepted.last = None
    while True:
        _walk_piece(walk)
        if walk.is_at_border:
            break
        yield walk.accepted.take()
        walk.advance()
        walk.border = walk.pieces.size if border is None else border
    walk.accepted.last = None
    yield walk.accepted.take()


def _walk_piece(walk: Walk) -> None:
    while walk.position < walk.limit:
        limit = min(walk.position + walk.window, walk.limit)
        stale = _follow(walk, _candidates(walk, limit), limit)
        walk.window = WINDOW_MIN if stale else _WINDOW_GROWTH * walk.window


def _candidates(walk: Walk, limit: int) -> Candidates:
    """Find data messages up to `limit` whose size is the one of their topic."""
    buffer = walk.pieces.padded
    sizes = at_every_byte(buffer, "<u2")

    def is_likely(starts: Offsets) -> Mask:
        fits, ends, _ = _fitting(walk, starts)
        likely: Mask = fits & IS_KNOWN[buffer[np.where(fits, ends, starts) + 2]]
        return likely

    def following(starts: Offsets) -> Offsets:
        ends: Offsets = starts + sizes[starts] + HEADER_SIZE
        return ends

    starts = chained(buffer, walk.position, limit, Chain(bytes([DATA]), 2, is_likely, following))
    fits, ends, numbers = _fitting(walk, starts)
    return Candidates(*sifted(fits, starts, ends, numbers.astype(np.uint16)))


def _fitting(walk: Walk, starts: Offsets) -> tuple[Mask, Offsets, Offsets]:
    """Tell which are data of their topic's size that end in time; their ends, their ids."""
    heads = at_every_byte(walk.pieces.padded, "<i8")[starts] & _HEAD  # size, type and id at once
    sizes, numbers = heads & _SIZE, heads >> _ID_AT_BIT
    definitions, ends = walk.definitions, starts + sizes
    ends += HEADER_SIZE
    fits: Mask = heads == definitions.heads[numbers]
    odd = np.flatnonzero(~fits)  # what is no data, or data with padding
    sizes, own = sizes[odd], numbers[odd]
    fits[odd] = (sizes >= definitions.size_min[own]) & (sizes <= definitions.size_max[own])
    fits[odd] &= (heads[odd] >> _TYPE_AT_BIT & 0xFF == DATA) & (sizes > 0)
    fits &= ends <= walk.end
    return fits, ends, numbers


def _follow(walk: Walk, candidates: Candidates, limit: int) -> bool:
    """Follow the chain up to `limit`; True where new definitions made the candidates stale."""
    while walk.position < limit:
        run = candidates.run_at(walk.position)
        if run:
            walk.accepted.add(candidates.starts[run], candidates.kinds[run])
            walk.position = int(candidates.ends[run.stop - 1])
        elif _take_others(walk, limit):
            continue
        elif taken_bytes := _take_data(walk, candidates, limit):
            if taken_bytes > LANE_BYTES:
                return True
        elif not _skip_foreign(walk):
            _go_round(walk)
    return False


def _take_data(walk: Walk, candidates: Candidates, limit: int) -> int:
    """Take data messages that are no candidates one by one: their lane had no start.

    At most a lane of them and one message. Returns their bytes.
    """
    first, starts, numbers = walk.position, list[int](), list[int]()
    stop = min(limit, first + LANE_BYTES + 1)
    while walk.position < stop and is_data(walk, walk.position):
        size, _, number = DATA_HEADER.unpack_from(walk.view, walk.position)
        starts.append(walk.position)
        numbers.append(number)
        walk.position += HEADER_SIZE + size
        if candidates.run_at(walk.position):
            break
    if starts:
        walk.accepted.add(np.array(starts), np.array(numbers, np.uint16))
    return walk.position - first


def _take_others(walk: Walk, limit: int) -> bool:
    """Take the messages from here on that are sound and not data; False where there is none."""
    position, view, last, base = walk.position, walk.view, walk.end, walk.pieces.base
    while position < limit and position + HEADER_SIZE <= last:
        size, kind = HEADER.unpack_from(view, position)
        end = position + HEADER_SIZE + size
        is_sound = CHECKS.get(kind)
        if is_sound is None or end > last:
            break
        payload = bytes(view[position + HEADER_SIZE : end])
        if not is_sound(payload):
            break
        if said := _SAID.get(kind):
            walk.keep(Message(said, payload, base + position))
        elif not _heed(walk, kind, payload, position):
            break
        position = end
    if position == walk.position:
        return False
    walk.position, walk.accepted.last = position, None
    return True


def _heed(walk: Walk, kind: int, payload: bytes, start: int) -> bool:
    """Let a definition take effect; False for a subscription of a topic that is not defined.

    Then one of the two names is damaged.
    """
    if kind == _FORMAT:
        followed = _is_headed(walk, start + HEADER_SIZE + len(payload))
        walk.definitions.formats.add(payload, whole=followed)
    elif kind == _SUBSCRIPTION:
        topic = payload[_TOPIC_AT:].rstrip(b"\0").decode("ascii")
        if not walk.definitions.formats.has(topic):
            return False
        walk.definitions.subscribe(payload, walk.pieces.base + start)
    elif kind == _REMOVAL:
        walk.definitions.unsubscribe(payload)
    return True


def _skip_foreign(walk: Walk) -> bool:
    """Step over a message of a newer kind, or data whose definition is lost, if all goes on."""
    start = walk.position
    end, kind = walk.header(start)
    least = start + HEADER_SIZE + (_ID_SIZE if kind == DATA else 0)
    if kind in CHECKS or kind == 0 or not least <= end <= min(start + _NEWER_SIZE_MAX, walk.end):
        return False
    if not (is_message(walk, end) or _is_alike(walk, start, end)):
        return False
    payload = bytes(walk.view[start + HEADER_SIZE : end])
    if kind == DATA:
        number = int.from_bytes(payload[:_ID_SIZE], "little")
        walk.definitions.learn_size(number, len(payload))
        walk.accepted.damaged_bytes += end - start
    walk.definitions.mend(payload, walk.pieces.base + start)
    walk.position, walk.accepted.last = end, None
    return True


def _is_alike(walk: Walk, start: int, other: int) -> bool:
    """Tell whether data of the same id and size begin at two places."""
    size = DATA_HEADER.size
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
    target = next(messages(walk, begin + 1), walk.limit)
    walk.position = target
    if headed and target == walk.border - walk.pieces.base and _is_cut_off(walk, position):
        return
    if doubtful:
        walk.accepted.drop_last()
    walk.accepted.damaged_bytes += target - begin
    walk.accepted.last = None
    if target - position < _DEFINITIONS_MAX:
        _mend(walk, position, target)


def _mend(walk: Walk, first: int, stop: int) -> None:
    """Take damaged definitions from what was skipped: one, or several as far as sizes lead on.

    Capitals are what kinds of messages are called, and hardly anything in a definition.
    """
    while first < stop:
        end, _ = walk.header(first)
        if not (first < end < stop and walk.header(end)[1] in _CAPITALS):
            end = stop
        payload = bytes(walk.view[first + HEADER_SIZE : end])
        walk.definitions.mend(payload, walk.pieces.base + first)
        first = end


def _is_cut_off(walk: Walk, position: int) -> bool:
    """Tell whether the section ends within the message that begins here."""
    return not 0 < walk.header(position)[0] <= walk.end
