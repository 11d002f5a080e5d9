"""Numbers as decimal text, without a loop over them. Pure.

All numbers of a column are equally wide: as wide as the widest one, the others filled up with
leading zeros, ``-0012.5``, which every InfluxDB reads as the number that it is. So there is never
a gap to close, and their text is a matrix of characters that is written four digits at a time.

Each write is one 64-bit word that ends where its digits do. What it holds before them belongs to
whatever stands further left, which is why all is written from right to left.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]

WORD: Final = 8
_DIGITS: Final = 4
"""As many as a table has numbers for."""
_NUMBERS: Final = 10**_DIGITS
_ZERO, _POINT, _MINUS = b"0.-"
_MOST_DIGITS: Final = 18
"""Of an int64, all of them."""


class Steps(NamedTuple):
    """Numbers ``steps / scale`` (n,) where ``present`` (n,); scale divides a power of ten."""

    steps: Integers
    scale: int
    present: Mask


class Tail(NamedTuple):
    """The last so many digits of a number, behind a point perhaps."""

    digits: int
    point: bool

    @property
    def width(self) -> int:
        """In characters."""
        return self.digits + self.point


class Room(NamedTuple):
    """How all numbers of a column are written: ``tails`` from right to left, then the front."""

    tails: tuple[Tail, ...]
    width: int
    """Of the front, in characters, its sign among them: less than a word."""
    places: int
    """Of the front: so many digits are behind its point."""
    signed: bool

    @property
    def size(self) -> int:
        """Of a whole number, in characters."""
        return self.width + sum(tail.width for tail in self.tails)


def room_for(numbers: Integers, places: int) -> Room:
    """What ``numbers / 10**places`` (n,), n > 0, need at least."""
    low, high = int(numbers.min()), int(numbers.max())
    most, least, tails = max(high, 0), max(-low, 0), list[Tail]()
    while max(most, least) >= _NUMBERS or places > _DIGITS:
        digits = min(places or _DIGITS, _DIGITS)
        tails.append(Tail(digits, point=digits == places))
        places = max(places - digits, 0)
        most, least = most // 10**digits, least // 10**digits
    widths = [max(places + 1, len(str(front))) for front in (most, least)]
    width = max(widths[0], widths[1] + 1 if low < 0 else 0) + (places > 0)
    return Room(tuple(tails), width, places, low < 0)


def write(numbers: Integers, room: Room, matrix: Octets, before: bytes) -> None:
    """Write *numbers* (n,) into each row of *matrix* (n, width), behind *before* and over its end.

    *before* is a word or more. Raises ValueError where the row is shorter.
    """
    end = len(before) + room.size
    rest = np.abs(numbers) if room.signed else numbers
    for tail in room.tails:
        size = 10**tail.digits
        higher = rest // size
        _words_before(matrix, end)[:] = _tails(tail).take(rest - higher * size)
        rest, end = higher, end - tail.width
    # Two's complement: below zero 0, 1, 2 ... become -1, -2, -3 ..., places from the table's end.
    fronts = _fronts(room.width, room.places)[rest ^ (numbers >> 63) if room.signed else rest]
    fronts += np.frombuffer(before[room.width - WORD :] + bytes(room.width), np.uint64)
    _words_before(matrix, end)[:] = fronts


@cache
def decimals(scale: int) -> int:
    """Digits behind the point that write multiples of ``1 / scale`` exactly.

    Raises ValueError where no number of digits does.
    """
    for digits in range(_MOST_DIGITS):
        if 10**digits % scale == 0:
            return digits
    raise ValueError(f"1/{scale} has no end in decimals")


def _words_before(matrix: Octets, end: int) -> Words:
    """The word of each row of *matrix* that ends before *end*, (n,)."""
    rows, width = matrix.shape
    return np.ndarray((rows,), np.uint64, matrix, end - WORD, (width,))


@cache
def _tails(tail: Tail) -> Words:
    """The text of all numbers of so many digits, at the ends of words."""
    cells = np.zeros((10**tail.digits, WORD), np.uint8)
    _put_digits(cells, WORD, tail.digits)
    if tail.point:
        cells[:, WORD - tail.width] = _POINT
    return cells.view(np.uint64).ravel()


@cache
def _fronts(width: int, places: int) -> Words:
    """The text of 0, 1 ... 9999 and then of -9999 ... -1, -0, at the ends of words."""
    cells = np.zeros((_NUMBERS, WORD), np.uint8)
    cells[:, WORD - width :] = _ZERO
    digits = min(_DIGITS, width - (places > 0))
    _put_digits(cells, WORD, min(places, digits) if places else digits)
    if places:
        cells[:, WORD - places - 1] = _POINT
        whole = cells[:, : WORD - places - 1]
        _put_digits(whole, whole.shape[1], max(0, digits - places), 10**places)
    below = cells.copy()
    below[:, WORD - width] = _MINUS
    return np.concatenate([cells, below[::-1]]).view(np.uint64).ravel()


def _put_digits(cells: Octets, end: int, count: int, unit: int = 1) -> None:
    """The digits of 0, 1, 2 ... in *unit*, (n,), before *end*."""
    numbers = np.arange(len(cells)) // unit
    for place in range(count):
        cells[:, end - 1 - place] = numbers // 10**place % 10 + _ZERO
