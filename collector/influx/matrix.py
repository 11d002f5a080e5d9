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
Part = tuple[Integers, Texts]
"""Some of all texts, those of one length: which ones, and what they are."""

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
    lines = values.line[first]
    starts, cells = _starts(heads, heads.of_line[lines]), _cells(values)
    ends = [(np.arange(len(lines)), _drawn(Column(b" ", times[lines], 0), b"\n"))]
    drawn = (starts, len(lines)), (cells, len(values.line)), (ends, len(lines))
    places, size = _places(first, *(_widths(*one) for one in drawn))
    body = np.empty(size, np.uint8)
    for (parts, _), at in zip(drawn, places, strict=True):
        for which, texts in parts:
            _put(body, at.take(which), texts)
    body[places[1][first]] = _SPACE  # instead of a comma
    return body.tobytes()


def _starts(heads: Heads, of_line: Integers) -> list[Part]:
    """The heads of lines (n,), those of each length."""
    widths = np.array([len(text) for text in heads.texts])
    starts = []
    for width in set(widths.tolist()):
        texts = np.array([text.ljust(width) for text in heads.texts], f"V{width}")
        here = np.flatnonzero(widths[of_line] == width)
        starts.append((here, texts.take(of_line.take(here))))
    return starts


def _cells(values: Singles) -> list[Part]:
    """``,name=number`` of the values of each field, and which ones they are."""
    cells, end = [], 0
    by_field = np.argsort(values.field.astype(np.uint16), kind="stable")  # by digits
    for field, count in enumerate(np.bincount(values.field).tolist()):
        here = by_field[end : end + count]
        end += count
        if count:
            before = f",{values.names[field]}=".encode()
            column = Column(before, values.numbers.take(here), values.places[field])
            cells.append((here, _drawn(column)))
    return cells


def _drawn(column: Column, end: bytes = b"") -> Texts:
    """One column by itself."""
    matrix = _matrix([column._replace(before=bytes(WORD) + column.before)], end)
    return _texts(matrix, WORD, matrix.shape[1] - WORD)


def _widths(parts: Sequence[Part], count: int) -> Integers:
    """How wide each one of all *parts* is, (count,)."""
    widths = np.empty(count, np.int64)
    for which, texts in parts:
        widths[which] = texts.itemsize
    return widths


def _places(
    first: Integers, starts: Integers, cells: Integers, ends: Integers
) -> tuple[tuple[Integers, Integers, Integers], int]:
    """Where starts (n,), cells (k,) and ends (n,) of these widths are, one line behind the other.

    *first* (n,) are the cells that open a line. And how long all of it is.
    """
    room = cells.copy()
    room[first] += starts
    room[first[1:]] += ends[:-1]
    behind = np.cumsum(room)
    ends_at = behind[np.append(first[1:], len(cells)) - 1]
    cells_at = behind - cells
    return (cells_at[first] - starts, cells_at, ends_at), int(ends_at[-1] + ends[-1])


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
