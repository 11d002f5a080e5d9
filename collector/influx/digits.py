"""Columns of numbers as decimal text, without a loop over rows. Pure.

A number is drawn into a row of a fixed-width matrix of bytes, as many columns as the widest one
needs, four digits at a time from a table; what stays empty is `NOTHING` and is taken out of the
whole text at the end.
"""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Octets = npt.NDArray[np.uint8]

NOTHING: Final = b"\0"
_GROUP: Final = 4
_GROUPS: Final = 10**_GROUP
_ZERO: Final = ord("0")
_MOST_DIGITS: Final = 18
"""Of an int64, all of them."""


class Steps(NamedTuple):
    """Numbers ``steps / scale`` (n,) where ``present`` (n,); scale divides a power of ten."""

    steps: Integers
    scale: int
    present: Mask


def decimals(scale: int) -> int:
    """Digits behind the point that write multiples of ``1 / scale`` exactly.

    Raises ValueError where no number of digits does.
    """
    for digits in range(_MOST_DIGITS):
        if 10**digits % scale == 0:
            return digits
    raise ValueError(f"1/{scale} has no end in decimals")


def drawn(numbers: Steps) -> Octets:
    """The texts of *numbers* (n, width), where they are present or not."""
    places = decimals(numbers.scale)
    shifted = numbers.steps * (10**places // numbers.scale)
    text = natural(np.abs(shifted), places + 1)
    sign = np.where(shifted < 0, np.uint8(ord("-")), np.uint8(0))[:, None]
    if not places:
        return np.concatenate((sign, text), axis=1)
    point = np.full_like(sign, ord("."))
    return np.concatenate((sign, text[:, :-places], point, text[:, -places:]), axis=1)


def natural(numbers: Integers, least: int = 1) -> Octets:
    """Numbers from 0 on (n,) as text (n, width), at least *least* digits each."""
    width = max(least, len(str(int(numbers.max(initial=0)))))
    groups = -(-width // _GROUP)
    text = np.empty((len(numbers), groups), np.uint32)
    rest = numbers.astype(np.uint32) if width <= 9 else numbers  # noqa: PLR2004 - fits 32 bits
    for group in range(groups - 1, 0, -1):
        rest, low = np.divmod(rest, _GROUPS)
        text[:, group] = _table()[low]
    text[:, 0] = _table()[rest]
    digits = text.view(np.uint8)[:, groups * _GROUP - width :]
    for place in range(least, width):  # no leading zeros
        digits[:, width - 1 - place] *= numbers >= 10**place
    return digits


@cache
def _table() -> npt.NDArray[np.uint32]:
    """The four digits of each number below 10,000, as one integer in memory order."""
    numbers = np.arange(_GROUPS)[:, None] // 10 ** np.arange(_GROUP - 1, -1, -1) % 10 + _ZERO
    return np.ascontiguousarray(numbers.astype(np.uint8)).view(np.uint32).ravel()
