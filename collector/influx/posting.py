"""Lines in requests: as many as InfluxDB likes in one, and those at fault apart."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from windsock.collector.influx.client import Refused, TelemetryStore
from windsock.collector.influx.lines import Block
from windsock.collector.influx.measurements import Precision

LINES_A_REQUEST: Final = 5000
BYTES_A_REQUEST: Final = 8_000_000
_LINE_FEED: Final = ord("\n")

DeadLetter = Callable[[str, str], None]
"""Takes a line that is refused, and why."""


def write_blocks(
    store: TelemetryStore, blocks: Iterable[Block], precision: Precision, dead_letter: DeadLetter
) -> int:
    """Write all lines of *blocks*, as many as it says; refused ones go to *dead_letter*, each.

    To write a line again is harmless: same series, same time, same value. Raises StoreDown.
    """
    lines = 0
    for request in requests(blocks):
        _write(store, request.body, precision, dead_letter)
        lines += request.lines
    return lines


def requests(blocks: Iterable[Block]) -> Iterator[Block]:
    """Bodies of at most 5,000 lines and 8 MB; a line that is longer by itself goes alone."""
    waiting: list[Block] = []
    lines = size = 0
    for block in _pieces(blocks):
        full = lines + block.lines > LINES_A_REQUEST or size + len(block.body) > BYTES_A_REQUEST
        if waiting and full:
            yield _joined(waiting)
            waiting, lines, size = [], 0, 0
        waiting.append(block)
        lines, size = lines + block.lines, size + len(block.body)
    if waiting:
        yield _joined(waiting)


def _joined(blocks: Sequence[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    return Block(b"".join(block.body for block in blocks), sum(block.lines for block in blocks))


def _pieces(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, those that are too large in pieces."""
    for block in blocks:
        large = block.lines > LINES_A_REQUEST or len(block.body) > BYTES_A_REQUEST
        if large and block.lines > 1:
            yield from _pieces(_cut(block))  # again: where lines differ in length, pieces do
        elif block.lines:
            yield block


def _cut(block: Block) -> Iterator[Block]:
    """*block*, which is too large, in pieces of as many lines as should have room in a request."""
    body, lines = block
    most = min(LINES_A_REQUEST, max(1, lines * BYTES_A_REQUEST // len(body)))
    ends = np.flatnonzero(np.frombuffer(body, np.uint8) == _LINE_FEED) + 1
    cuts = [0, *ends[most - 1 : lines - 1 : most].tolist(), len(body)]
    for first, (start, end) in zip(range(0, lines, most), pairwise(cuts), strict=True):
        yield Block(body[start:end], min(most, lines - first))


def _write(
    store: TelemetryStore, body: bytes, precision: Precision, dead_letter: DeadLetter
) -> None:
    """Write *body*; what it is refused for is taken out, and the rest is written.

    Where the store names lines those are taken out, else the lines are halved until the ones at
    fault are alone. A store that wrote the good lines of a refused request gets them again.
    """
    refused = _refusal(store, body, precision)
    if refused is None:
        return
    lines = body.splitlines(keepends=True)
    named = _named(refused, lines)
    if len(lines) == 1:
        dead_letter(lines[0].decode().rstrip("\n"), str(refused))
    elif named:
        for index in sorted(named):
            _write(store, lines[index], precision, dead_letter)
        rest = [line for index, line in enumerate(lines) if index not in named]
        if rest:
            _write(store, b"".join(rest), precision, dead_letter)
    else:
        for half in _halves(lines):
            _write(store, b"".join(half), precision, dead_letter)


def _refusal(store: TelemetryStore, body: bytes, precision: Precision) -> Refused | None:
    try:
        store.write(body, precision)
    except Refused as error:
        return error
    return None


def _named(refused: Refused, lines: Sequence[bytes]) -> set[int]:
    """The lines that the store names as being at fault, if they are ours."""
    texts = {text.encode() for text in refused.texts}
    named = {index for index, line in enumerate(lines) if line.rstrip(b"\n") in texts}
    return named | {number for number in refused.numbers if number < len(lines)}


def _halves(lines: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    half = len(lines) // 2
    return lines[:half], lines[half:]
