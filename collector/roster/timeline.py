"""What held when: dated statements about one thing, laid over each other. Pure.

Spans are half-open, ``[from_us, until_us)``; ``until_us`` None: still.
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple


class Span(NamedTuple):
    """*value* held from *from_us* on, until *until_us*."""

    from_us: int
    until_us: int | None
    value: str


def overlay(spans: Iterable[Span]) -> list[Span]:
    """Spans that don't overlap: at any moment the one that started last counts.

    So a hand-over ends the span before it, and after a loan the old span goes on. Neighbours
    of one value become one span. Of spans that start together the last given counts.
    """
    return list(_joined(_pieces(sorted(spans, key=lambda span: span.from_us))))


def at(spans: Iterable[Span], moment_us: int) -> str | None:
    """The value at *moment_us* of spans that don't overlap."""
    for span in spans:
        if span.from_us <= moment_us and (span.until_us is None or moment_us < span.until_us):
            return span.value
    return None


def _pieces(spans: list[Span]) -> Iterator[Span]:
    """Between each two boundaries the topmost span of a stack that later starts go on top of."""
    stack: list[Span] = []
    waiting = spans[::-1]
    boundaries = _boundaries(spans)
    for start_us, end_us in zip_longest(boundaries, boundaries[1:]):
        while waiting and waiting[-1].from_us <= start_us:
            stack.append(waiting.pop())
        while stack and stack[-1].until_us is not None and stack[-1].until_us <= start_us:
            stack.pop()
        if stack:
            yield Span(start_us, end_us, stack[-1].value)


def _boundaries(spans: list[Span]) -> list[int]:
    ends = {span.until_us for span in spans if span.until_us is not None}
    return sorted({span.from_us for span in spans} | ends)


def _joined(pieces: Iterable[Span]) -> Iterator[Span]:
    last: Span | None = None
    for piece in pieces:
        if last and last.until_us == piece.from_us and last.value == piece.value:
            last = last._replace(until_us=piece.until_us)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last
