"""Lines of numbers, all at once: as a matrix of characters. Pure.

Where most fields are there each line is a row with room for all of them; where few are, as in a
window of samples at many rates, each value is a row of its own.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from windsock.collector.influx.digits import (
    NOTHING,
    Integers,
    Mask,
    Octets,
    Steps,
    decimals,
    measured,
    whole_measured,
)

_COMMA, _SPACE = np.uint8(ord(",")), np.uint8(ord(" "))

Fields = Mapping[str, Steps]


class Single(NamedTuple):
    """Values ``steps / scale`` (k,) and which field each is of."""

    field: Integers
    steps: Integers
    scale: Integers


class Heads(NamedTuple):
    """What lines begin with, and the head of each line (n,)."""

    texts: Sequence[bytes]
    of_line: Integers

    @property
    def room(self) -> int:
        """What the longest one needs."""
        return max(map(len, self.texts))

    def cells(self) -> Octets:
        """The head of each line (n, room), or (1, room) where all have the same."""
        texts = np.array(self.texts).view(np.uint8).reshape(len(self.texts), -1)
        return texts if len(texts) == 1 else texts[self.of_line]


def lines_of_rows(heads: Heads, times: Integers, fields: Fields) -> bytes:
    """``head name=value,... time`` of each row (n,), n > 0, each of which has a field."""
    numbers = [measured(steps) for steps in fields.values()]
    labels = [f",{name}=".encode() for name in fields]
    time = whole_measured(times)
    row, ends = NOTHING * heads.room + b" ", []
    for label, number in zip(labels, numbers, strict=True):
        row += label + number.room
        ends.append(len(row))
    matrix = _rows_of(row + b" " + time.room + b"\n", len(times))
    matrix[:, : heads.room] = heads.cells()
    at = heads.room + 1
    begun = np.zeros(len(times), bool)
    for label, number, steps, end in zip(labels, numbers, fields.values(), ends, strict=True):
        number.fill(matrix[:, at + len(label) : end])
        _leave_out(matrix[:, at:end], steps.present, begun)
        begun |= steps.present
        at = end
    time.fill(matrix[:, at + 1 : -1])
    return matrix.tobytes().translate(None, NOTHING)


def _leave_out(cells: Octets, present: Mask, begun: Mask) -> None:
    """Nothing where a field is missing, no comma where it is the first of its row."""
    if not begun.all():
        cells[~begun, 0] = 0
    if not present.all():
        cells[~present] = 0


def lines_of_values(
    heads: Heads, times: Integers, names: Sequence[bytes], values: Single
) -> tuple[bytes, int]:
    """The same of single values (k,), k > 0, in the order of their lines; and how many lines."""
    opens = np.ones(len(times), bool)
    opens[1:] = (np.diff(times) != 0) | (np.diff(heads.of_line) != 0)
    closes = np.append(opens[1:], True)
    start = np.zeros((len(times), heads.room), np.uint8)
    start[opens] = heads._replace(of_line=heads.of_line[opens]).cells()
    separator = np.where(opens, _SPACE, _COMMA)[:, None]
    label = np.array(names).view(np.uint8).reshape(len(names), -1)[values.field]
    parts = (start, separator, label, _mixed(values), _endings(times, closes))
    body = np.concatenate(parts, axis=1).tobytes().translate(None, NOTHING)
    return body, int(np.count_nonzero(opens))


def _endings(times: Integers, closes: Mask) -> Octets:
    """The time behind each value that closes a line, nothing behind others."""
    time = whole_measured(times[closes])
    endings = _rows_of(b" " + time.room + b"\n", int(np.count_nonzero(closes)))
    time.fill(endings[:, 1:-1])
    ending = np.zeros((len(times), endings.shape[1]), np.uint8)
    ending[closes] = endings
    return ending


def _mixed(values: Single) -> Octets:
    """Values (k,) of several fields as text (k, width), each to the decimals of its own."""
    drawn_apart = []
    for scale in set(values.scale.tolist()):
        here = np.flatnonzero(values.scale == scale)
        places = decimals(scale)
        number = whole_measured(values.steps[here] * (10**places // scale), places)
        cells = _rows_of(number.room, len(here))
        number.fill(cells)
        drawn_apart.append((here, cells))
    width = max(cells.shape[1] for _, cells in drawn_apart)
    text = np.zeros((len(values.steps), width), np.uint8)
    for here, cells in drawn_apart:
        text[here, : cells.shape[1]] = cells
    return text


def _rows_of(row: bytes, count: int) -> Octets:
    """*row* as often as told, (count, len)."""
    matrix = np.empty((count, len(row)), np.uint8)
    matrix[:] = np.frombuffer(row, np.uint8)
    return matrix
