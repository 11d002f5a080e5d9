"""Numbers as decimal text, without a loop over them. Pure.

All numbers of a column get the same room, as much as the widest one needs, in a matrix of
characters with a row for each. Short numbers come whole from a table, others four digits at a
time; room that a number does not need holds `NOTHING`, which is taken out of the text at the end.
"""

from functools import cache
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]

NOTHING: Final = b"\0"
_GROUP: Final = 4
_GROUPS: Final = 10**_GROUP
_ZERO: Final = ord("0")
_MINUS: Final = np.uint8(ord("-"))
_MOST_DIGITS: Final = 18
"""Of an int64, all of them."""
_DIGITS_OF_32_BITS: Final = 9
_SHORT_LIMIT: Final = 9999
_SHORT_PLACES: Final = 4
_SHORT_ROOM: Final = 8


class Steps(NamedTuple):
    """Numbers ``steps / scale`` (n,) where ``present`` (n,); scale divides a power of ten."""

    steps: Integers
    scale: int
    present: Mask


class Text(Protocol):
    """Numbers (n,), n > 0, measured for the room that their text needs."""

    @property
    def room(self) -> bytes:
        """A row of the matrix before any number is in it."""

    def fill(self, cells: Octets) -> None:
        """Write the numbers into *cells* (n, len(room)), which hold the room."""


class Short(NamedTuple):
    """``numbers / 10**places`` of at most four digits: each text stands in a table."""

    numbers: Integers
    places: int

    @property
    def room(self) -> bytes:
        """As `Text` has it: always that of one 64-bit word, which is written at once."""
        return NOTHING * _SHORT_ROOM

    def fill(self, cells: Octets) -> None:
        """As `Text` has it."""
        words = _short_texts(self.places).take(self.numbers + _SHORT_LIMIT)
        cells.view(np.uint64)[:, 0] = words


class Long(NamedTuple):
    """``numbers / 10**places`` of any size, negative or not."""

    numbers: Integers
    negative: Mask | None
    width: int
    places: int

    @property
    def room(self) -> bytes:
        """As `Text` has it."""
        sign = NOTHING if self.negative is not None else b""
        point = b"." + NOTHING * self.places if self.places else b""
        return sign + NOTHING * (self.width - self.places) + point

    def fill(self, cells: Octets) -> None:
        """As `Text` has it."""
        at = 0
        if self.negative is not None:
            cells[:, 0] = self.negative * _MINUS
            at = 1
        digits = _digits(self.numbers, self.width, self.places + 1)
        whole = self.width - self.places
        cells[:, at : at + whole] = digits[:, :whole]
        if self.places:
            cells[:, at + whole + 1 :] = digits[:, whole:]


def measured(numbers: Steps) -> Text:
    """The room that *numbers* need, whether they are present or not."""
    places = decimals(numbers.scale)
    return whole_measured(numbers.steps * (10**places // numbers.scale), places)


def whole_measured(numbers: Integers, places: int = 0) -> Text:
    """The room that ``numbers / 10**places`` need."""
    low, high = int(numbers.min()), int(numbers.max())
    if low >= -_SHORT_LIMIT and high <= _SHORT_LIMIT and places <= _SHORT_PLACES:
        return Short(numbers, places)
    width = max(places + 1, len(str(max(-low, high))))
    if low < 0:
        return Long(np.abs(numbers), numbers < 0, width, places)
    return Long(numbers, None, width, places)


def _text(number: int, places: int) -> str:
    """One number as text."""
    digits = str(abs(number)).rjust(places + 1, "0")
    sign = "-" if number < 0 else ""
    whole = len(digits) - places
    return sign + digits[:whole] + ("." + digits[whole:] if places else "")


@cache
def _short_texts(places: int) -> npt.NDArray[np.uint64]:
    """The text of each number from -9,999 to 9,999, in 8 bytes."""
    numbers = range(-_SHORT_LIMIT, _SHORT_LIMIT + 1)
    texts = [_text(number, places).encode().ljust(_SHORT_ROOM, NOTHING) for number in numbers]
    return np.frombuffer(b"".join(texts), np.uint64)


@cache
def decimals(scale: int) -> int:
    """Digits behind the point that write multiples of ``1 / scale`` exactly.

    Raises ValueError where no number of digits does.
    """
    for digits in range(_MOST_DIGITS):
        if 10**digits % scale == 0:
            return digits
    raise ValueError(f"1/{scale} has no end in decimals")


def _digits(numbers: Integers, width: int, least: int) -> Octets:
    """Numbers from 0 on (n,) as text (n, width), no leading zeros beyond *least* digits."""
    groups = -(-width // _GROUP)
    text = np.empty((len(numbers), groups), np.uint32)
    rest = numbers.astype(np.uint32) if width <= _DIGITS_OF_32_BITS else numbers
    for group in range(groups - 1, 0, -1):
        higher = rest // _GROUPS
        text[:, group] = _table().take(rest - higher * _GROUPS)
        rest = higher
    text[:, 0] = _table().take(rest)
    digits = text.view(np.uint8)[:, groups * _GROUP - width :]
    for place in range(least, width):
        digits[:, width - 1 - place] *= numbers >= 10**place
    return digits


@cache
def _table() -> npt.NDArray[np.uint32]:
    """The four digits of each number below 10,000, as one integer in memory order."""
    numbers = np.arange(_GROUPS)[:, None] // 10 ** np.arange(_GROUP - 1, -1, -1) % 10 + _ZERO
    return np.ascontiguousarray(numbers.astype(np.uint8)).view(np.uint32).ravel()
