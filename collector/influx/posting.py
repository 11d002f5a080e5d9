"""Lines in requests: as many as InfluxDB likes in one, and those at fault apart."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from windsock.collector.influx.client import Refused, TelemetryStore
from windsock.collector.influx.lines import Block
from windsock.collector.influx.measurements import Precision

LINES_A_REQUEST: Final = 5000
BYTES_A_REQUEST: Final = 8_000_000

DeadLetter = Callable[[str, str], None]
"""Takes a line that is refused, and why."""


def write_blocks(
    store: TelemetryStore, blocks: Iterable[Block], precision: Precision, dead_letter: DeadLetter
) -> int:
    """Write all lines of *blocks*, as many as it says; refused ones go to *dead_letter*, each.

    To write a line again is harmless: same series, same time, same value. Raises StoreDown.
    """
    lines = 0
    for body in requests(blocks):
        _write(store, body, precision, dead_letter)
        lines += body.count(b"\n")
    return lines


def requests(blocks: Iterable[Block]) -> Iterator[bytes]:
    """Bodies of at most 5,000 lines and 8 MB; a line that is longer by itself goes alone."""
    waiting: list[Block] = []
    lines = size = 0
    for block in _pieces(blocks):
        full = lines + block.lines > LINES_A_REQUEST or size + len(block.body) > BYTES_A_REQUEST
        if waiting and full:
            yield b"".join(one.body for one in waiting)
            waiting, lines, size = [], 0, 0
        waiting.append(block)
        lines, size = lines + block.lines, size + len(block.body)
    if lines:
        yield b"".join(one.body for one in waiting)


def _pieces(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, those that are too large in halves."""
    for block in blocks:
        large = block.lines > LINES_A_REQUEST or len(block.body) > BYTES_A_REQUEST
        if large and block.lines > 1:
            yield from _pieces(_cut(block))
        elif block.lines:
            yield block


def _cut(block: Block) -> tuple[Block, Block]:
    """*block*, of two lines or more, between two lines near its middle."""
    body, middle = block.body, len(block.body) // 2
    at = body.rfind(b"\n", 0, middle) + 1 or body.find(b"\n", middle) + 1
    first = Block(body[:at], body.count(b"\n", 0, at))
    return first, Block(body[at:], block.lines - first.lines)


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
