"""Where the messages of a DataFlash log begin: found in bulk, the chain checked, gaps skipped.

A message counts when the next header, padding or the end of the file follows it: where anything
else does, bytes are missing from it, foreign ones are in it, or its length is wrong.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from windsock.agent.logs.bits import one_bit_apart
from windsock.agent.logs.chain import Batch, Candidates, PieceWalk
from windsock.agent.logs.dataflash_definitions import Definitions
from windsock.agent.logs.dataflash_formats import (
    FMT_SIZE,
    FMT_TYPE,
    HEADER,
    HEADER_SIZE,
    TYPE_AT,
)
from windsock.agent.logs.lanes import LANE_BYTES, Chain, chained
from windsock.agent.logs.pieces import PIECE_BYTES, Pieces
from windsock.agent.logs.records import Bytes, Mask, Offsets

_WINDOW_MIN, _WINDOW_MAX, _WINDOW_GROWTH = 1 << 16, PIECE_BYTES[1], 8
_CHUNK_MIN, _CHUNK_MAX = 512, 1 << 20
_SIZE_MAX = 255
_GAPS_TO_BELIEVE = 3  # of one size behind headers of one type
_FILLER_SIZE = 8  # as little already tells padding from what may follow a false header
_FILLERS = (0x00, 0xFF)  # cleared and erased flash behind the last message of a page


class Walk(PieceWalk):
    """A pass over a DataFlash log."""

    __slots__ = ("_headers", "_indexed", "definitions", "gaps")

    def __init__(self, pieces: Pieces, definitions: Definitions) -> None:
        super().__init__(pieces, 0, np.empty(0, np.uint8))
        self.definitions = definitions
        self.gaps: Counter[tuple[int, int]] = Counter()  # undefined type, bytes
        self._indexed = -1  # the file offset of the piece whose headers were looked for
        self._headers: tuple[Offsets, Bytes] = np.empty(0, np.int64), np.empty(0, np.uint8)

    def heads_of(self, number: int) -> Offsets:
        """Find what may be messages of one type in the piece: asked for where one is damaged."""
        if self._indexed != self.pieces.base:
            self._indexed = self.pieces.base
            heads = _heads_in(self.buffer)
            self._headers = heads, self.pieces.padded[heads + 2]
        heads, types = self._headers
        found: Offsets = heads[types == number]
        return found

    @property
    def limit(self) -> int:
        """Messages that begin before it can be judged by what follows them."""
        size = len(self.pieces.buffer)
        return size if self.pieces.is_last else size - self.pieces.reach


def walk_messages(walk: Walk) -> Iterator[Batch]:
    """Follow the chain to the end of the file, each byte being looked at a fixed number of times.

    Yields the messages of each piece while it is there, those of a large piece in parts.
    """
    window = _WINDOW_MIN  # bytes to look at together: few until types are defined
    while True:
        while walk.position < walk.limit:
            limit = min(walk.position + window, walk.limit)
            _follow_window(walk, limit)
            window = min(window * _WINDOW_GROWTH, _WINDOW_MAX)
            if walk.position < walk.limit:
                yield walk.accepted.take()
        if walk.pieces.is_last:
            break
        yield walk.accepted.take()
        walk.advance()
    walk.accepted.last = None
    yield walk.accepted.take()


def _follow_window(walk: Walk, limit: int) -> None:
    """Follow the chain up to `limit`; where it breaks, all definitions there are looked for."""
    first, looked = walk.position, False
    while walk.position < limit:
        known = len(walk.definitions.formats)
        candidates = _candidates(walk, limit)
        while walk.position < limit:
            if _accept(walk, candidates):
                continue
            if taken_bytes := _take_singly(walk, candidates, limit):
                if taken_bytes > LANE_BYTES and len(walk.definitions.formats) > known:
                    break
                continue
            if not looked:
                _define(walk, first, limit)
                looked = True
            if len(walk.definitions.formats) > known or _go_round(walk):
                break  # more candidates can be found now


def _candidates(walk: Walk, limit: int) -> Candidates:
    """Find whole messages up to `limit` whose type has a size by now."""
    buffer, sizes = walk.pieces.padded, walk.definitions.sizes
    types_of = buffer[TYPE_AT:].take
    size_of = np.where(sizes > 0, sizes, LANE_BYTES).take

    def is_likely(starts: Offsets) -> Mask:
        ends = np.minimum(following(starts), limit)
        return _are_headed(buffer, starts) & _are_headed(buffer, ends)

    def following(starts: Offsets) -> Offsets:
        ends: Offsets = size_of(types_of(starts))
        ends += starts
        return ends

    starts = chained(buffer, walk.position, limit, Chain(HEADER, 0, is_likely, following))
    types = types_of(starts)
    ends = sizes.take(types)
    ends += starts
    whole = _are_headed(buffer, starts)
    whole &= (ends > starts) & (ends <= len(walk.buffer))
    if not whole.all():
        starts, ends, types = starts[whole], ends[whole], types[whole]
    return Candidates(starts, ends, types)


def _are_headed(buffer: Bytes, starts: Offsets) -> Mask:
    headed: Mask = buffer.take(starts) == HEADER[0]
    headed &= buffer[1:].take(starts) == HEADER[1]
    return headed


def _define(walk: Walk, first: int, limit: int) -> None:
    """Take the first sound definition of each type: a later, other one can only be damaged."""
    buffer, definitions = walk.buffer, walk.definitions
    heads = _heads_in(buffer[first : limit + HEADER_SIZE - 1]) + first
    heads = heads[buffer[heads + 2] == FMT_TYPE]
    heads = heads[heads <= len(buffer) - FMT_SIZE]
    damaged = []
    for start in heads.tolist():
        message = buffer[start : start + FMT_SIZE].tobytes()
        if not definitions.take(message):
            damaged.append(message)
    for message in damaged:
        definitions.mend(message, buffer, walk.heads_of)


def _heads_in(buffer: Bytes) -> Offsets:
    """Find where messages may begin whose type is in the buffer, too."""
    heads: Offsets = np.flatnonzero((buffer[:-2] == HEADER[0]) & (buffer[1:-1] == HEADER[1]))
    return heads


def _accept(walk: Walk, candidates: Candidates) -> bool:
    """Accept the chain from here, with the definitions in it; False where there is none."""
    run = candidates.run_at(walk.position)
    if not run:
        return False
    starts, types = candidates.starts[run], candidates.kinds[run]
    walk.accepted.add(starts, types)
    walk.position = int(candidates.ends[run.stop - 1])
    for start in starts[types == FMT_TYPE].tolist():
        walk.definitions.take(walk.buffer[start : start + FMT_SIZE].tobytes())
    return True


def _take_singly(walk: Walk, candidates: Candidates, limit: int) -> int:
    """Take messages that are no candidates one by one: their lane had no start, or was left.

    At most a lane of them and one message. Returns their bytes.
    """
    first, starts = walk.position, list[int]()
    stop = min(limit, first + LANE_BYTES + 1)
    while walk.position < stop and (size := _size_at(walk, walk.position)):
        starts.append(walk.position)
        walk.position += size
        if candidates.run_at(walk.position):
            break
    if starts:
        walk.accepted.add(np.array(starts), walk.buffer[np.array(starts) + TYPE_AT])
    return walk.position - first


def _size_at(walk: Walk, position: int) -> int:
    """Return the size of the whole message that begins here, 0 where there is none."""
    head = walk.buffer[position : position + HEADER_SIZE].tobytes()
    if len(head) < HEADER_SIZE or not head.startswith(HEADER):
        return 0
    size = int(walk.definitions.sizes[head[2]])
    return size if position + size <= len(walk.buffer) else 0


def _go_round(walk: Walk) -> bool:
    """Go to the next message; what lies between is padding, the cut-off tail, or damage.

    True where it was a type without a format often enough to know its size by now.
    """
    position, last = walk.position, walk.accepted.last
    doubtful = last is not None and not _is_header(walk, position)
    begin = last if last is not None and doubtful else position
    if _is_header(walk, position + FMT_SIZE):
        _define_headless(walk, position)
    target = next(_messages(walk, begin + 1), walk.limit)
    walk.position = target
    if position <= target and _is_filler(walk.buffer[position:target]):
        if target == walk.limit:
            walk.accepted.last = None
        return False
    if walk.pieces.is_last and target == walk.limit and _is_cut_off(walk, position):
        return False
    if doubtful:
        walk.accepted.drop_last()
    walk.accepted.damaged_bytes += target - begin
    walk.accepted.last = None
    return not doubtful and _learn_size(walk, position, target)


def _define_headless(walk: Walk, position: int) -> None:
    """Take a definition of whose header a bit is damaged."""
    message = walk.buffer[position : position + FMT_SIZE].tobytes()
    head, sound = message[:HEADER_SIZE], HEADER + bytes([FMT_TYPE])
    if len(message) == FMT_SIZE and one_bit_apart(head.decode("latin-1"), sound.decode("latin-1")):
        walk.definitions.take(sound + message[HEADER_SIZE:])


def _learn_size(walk: Walk, position: int, target: int) -> bool:
    size = target - position
    if not _is_header(walk, position) or not HEADER_SIZE < size <= _SIZE_MAX:
        return False
    number = int(walk.buffer[position + 2])
    if walk.definitions.sizes[number]:
        return False
    walk.gaps[number, size] += 1
    if walk.gaps[number, size] < _GAPS_TO_BELIEVE:
        return False
    walk.definitions.sizes[number] = size
    return True


def _messages(walk: Walk, first: int) -> Iterator[int]:
    """Yield where messages begin from `first` on that another one, padding or the end follows."""
    chunk = _CHUNK_MIN
    while first < walk.limit:
        limit = min(first + chunk, walk.limit)
        for start, end in _likely(walk, first, limit):
            if _is_header(walk, end) or _is_filler(walk.buffer[end : end + _FILLER_SIZE]):
                yield start
        first, chunk = limit, min(2 * chunk, _CHUNK_MAX)


def _likely(walk: Walk, first: int, limit: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of whole messages with the first byte of what may follow behind."""
    _define(walk, first, limit)
    buffer = walk.pieces.padded
    starts = np.flatnonzero(buffer[first:limit] == HEADER[0]) + first
    starts = starts[buffer[starts + 1] == HEADER[1]]
    ends = starts + walk.definitions.sizes[buffer[starts + 2]]
    whole = (ends > starts) & (ends <= len(walk.buffer))
    starts, ends = starts[whole], ends[whole]
    behind = np.isin(buffer[ends], (HEADER[0], *_FILLERS)) | (ends == len(walk.buffer))
    return zip(starts[behind].tolist(), ends[behind].tolist(), strict=True)


def _is_header(walk: Walk, position: int) -> bool:
    """Tell whether a message begins here, be its type defined or not, or the file ends."""
    head = walk.buffer[position : position + len(HEADER)].tobytes()
    return HEADER.startswith(head)


def _is_cut_off(walk: Walk, position: int) -> bool:
    """Tell whether the file ends within the message that begins here."""
    rest = len(walk.buffer) - position
    known = rest >= HEADER_SIZE
    size = walk.definitions.sizes[walk.buffer[position + 2]] if known else HEADER_SIZE
    return _is_header(walk, position) and bool(rest < size)


def _is_filler(skipped: Bytes) -> bool:
    return any(bool((skipped == filler).all()) for filler in _FILLERS)
