"""Lines of numbers, all at once. Pure.

Where no field is missing lines are equally wide, as rows of a matrix are, and written as one. Else
the numbers of each field are drawn first, then put where their lines are to be.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.influx.digits import WORD, Integers, Octets, room_for, write

Texts = npt.NDArray[np.void]
"""Texts of one length (n,)."""

_SPACE: Final = ord(" ")


class Column(NamedTuple):
    """``numbers / 10**places`` (n,), and what stands before each of them."""

    before: bytes
    numbers: Integers
    places: int


class Singles(NamedTuple):
    """Values ``numbers / 10**places[field]`` (k,), k > 0, of rising lines and rising fields."""

    line: Integers
    field: Integers
    numbers: Integers
    names: Sequence[str]
    places: Sequence[int]


class Heads(NamedTuple):
    """What lines begin with, and the head of each line (n,)."""

    texts: Sequence[bytes]
    of_line: Integers


def lines_of_columns(heads: Heads, times: Integers, columns: Sequence[Column]) -> bytes:
    """``head name=value,... time`` of each line (n,), n > 0; heads are equally long."""
    first, *others = columns
    first = first._replace(before=heads.texts[0] + b" " + first.before.lstrip(b","))
    matrix = _matrix([first, *others, Column(b" ", times, 0)], b"\n")
    if len(heads.texts) > 1:
        texts = np.array(heads.texts, f"V{len(heads.texts[0])}")
        _texts(matrix, 0, texts.itemsize)[:] = texts[heads.of_line]
    return matrix.tobytes()


def lines_of_singles(heads: Heads, times: Integers, values: Singles) -> bytes:
    """The same of single values; lines (n,) that have none are left out."""
    first = np.flatnonzero(np.diff(values.line, prepend=-1))
    of_line = heads.of_line[values.line[first]]
    cells = _cells(values)
    ends = _drawn(Column(b" ", times[values.line[first]], 0), b"\n")
    widths = np.zeros(len(values.line), np.int64)
    for here, texts in cells:
        widths[here] = texts.itemsize
    head_widths = np.array([len(text) for text in heads.texts])[of_line]
    ends_at, cells_at = _places(widths, head_widths, first, ends.itemsize)
    body = np.empty(ends_at[-1] + ends.itemsize, np.uint8)
    for here, texts in cells:
        _put(body, cells_at[here], texts)
    body[cells_at[first]] = _SPACE  # instead of a comma
    _put(body, ends_at, ends)
    for width in set(head_widths.tolist()):
        here = np.flatnonzero(head_widths == width)
        texts = np.array([text.ljust(width) for text in heads.texts], f"V{width}")
        _put(body, cells_at[first[here]] - width, texts[of_line[here]])
    return body.tobytes()


def _places(
    widths: Integers, head_widths: Integers, first: Integers, end_width: int
) -> tuple[Integers, Integers]:
    """Where the end of each line (n,) and each value (k,) begin, of which *first* open a line."""
    room = widths.copy()
    room[first] += head_widths
    room[first[1:]] += end_width
    behind = np.cumsum(room)
    return behind[np.append(first[1:], len(widths)) - 1], behind - widths


def _cells(values: Singles) -> list[tuple[Integers, Texts]]:
    """``,name=number`` of the values of each field, and which ones they are."""
    cells = []
    for field in np.flatnonzero(np.bincount(values.field)).tolist():
        here = np.flatnonzero(values.field == field)
        before = f",{values.names[field]}=".encode()
        cells.append((here, _drawn(Column(before, values.numbers[here], values.places[field]))))
    return cells


def _drawn(column: Column, end: bytes = b"") -> Texts:
    """One column by itself."""
    matrix = _matrix([column._replace(before=bytes(WORD) + column.before)], end)
    return _texts(matrix, WORD, matrix.shape[1] - WORD)


def _put(body: Octets, places: Integers, texts: Texts) -> None:
    """Each text into *body*, from its place on."""
    width = texts.itemsize
    np.ndarray((len(body) - width + 1,), texts.dtype, body, 0, (1,))[places] = texts


def _matrix(columns: Sequence[Column], end: bytes = b"") -> Octets:
    """Columns beside each other, (n, width); before the first number there is room for a word."""
    row, parts = b"", []
    for before, numbers, places in columns:
        room = room_for(numbers, places)
        row += before
        parts.append((numbers, room, row))
        row += bytes(room.size)
    matrix = np.empty((len(columns[0].numbers), len(row + end)), np.uint8)
    matrix[:] = np.frombuffer(row + end, np.uint8)
    for numbers, room, text_before in reversed(parts):
        write(numbers, room, matrix, text_before)
    return matrix


def _texts(matrix: Octets, start: int, width: int) -> Texts:
    """So many octets of each row of *matrix*, (n,)."""
    rows, stride = matrix.shape
    return np.ndarray((rows,), f"V{width}", matrix, start, (stride,))
