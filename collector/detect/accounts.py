"""C1 and C5: what the drones of an account say together. Pure: arrays in, arrays out.

Formulas, thresholds and their sources: docs/detection-inactivity.md.
"""

from typing import Final, NamedTuple

import numpy as np

from windsock.collector.detect.inactivity import DAY_S, PROVEN, UNSEEN, Inactivity
from windsock.collector.fleet.arrays import (
    IN_SERVICE,
    Codes,
    Fleet,
    Index,
    Mask,
    Micros,
    blocks,
)

_ONE: Final = np.int32(1)
_BLOCK: Final = 131_072
"""Drones added up at once: accounts are as many as fit no processor's cache."""
_NOTHING: Final = 0
"""Never flown, or not in service."""
_OVERDUE: Final = np.int8(1)
"""And its basis from there on, what is unseen and support's first being one more."""
_FLIES: Final = np.int8(_OVERDUE + UNSEEN + 2)
NOBODY: Final = -1
"""Index of a drone without an account, or of one that these rules are not for."""


class Accounts(NamedTuple):
    """Of m accounts, over their drones in service."""

    drones: Index
    silent: Mask
    """C1: has flown, and not for more than a month with any."""
    basis: Codes
    """The weakest of its silent drones', the last in `inactivity.BASES`."""
    for_support: Mask
    """One of them is unseen, and not for long: support looks first."""


def accounts(fleet: Fleet, account: Index, judged: Inactivity) -> Accounts:
    """*account* (n,) says whose each drone is, from 0 on, or `NOBODY`."""
    number = int(account.max(initial=NOBODY)) + 1
    drones = np.zeros(number + 1, np.int32)
    word = np.full(number + 1, _NOTHING, np.int8)  # NOBODY is the first one here
    for at in blocks(len(fleet), _BLOCK):
        place = (account[at] - NOBODY) * (fleet.service[at] == IN_SERVICE)
        whose = place.astype(np.intp)
        np.add.at(drones, whose, _ONE)
        np.maximum.at(word, whose, _words(fleet, judged, at))
    word = word[1:]
    silent = (word != _NOTHING) & (word != _FLIES)
    basis = np.clip(word - _OVERDUE, PROVEN, UNSEEN)
    return Accounts(drones[1:], silent, basis, silent & (word > _OVERDUE + UNSEEN))


def _words(fleet: Fleet, judged: Inactivity, at: slice) -> Codes:
    """What some drones say of their accounts; the greatest word of an account counts."""
    overdue = judged.overdue[at]
    flies = (fleet.flights[at] > 0) & ~overdue
    basis = (judged.basis[at] + judged.for_support[at] + _OVERDUE) * overdue
    words: Codes = basis + flies.view(np.int8) * _FLIES
    return words


def never_flown(fleet: Fleet, grace_days: float) -> Mask:
    """C5: in service, delivered more than *grace_days* x 24 h ago, and no flight since."""
    waited = fleet.idle_s > round(grace_days * DAY_S)
    unflown: Mask = (fleet.flights == 0) & (fleet.service == IN_SERVICE)
    return unflown & waited


def first_of_large(lost: Mask, flown_us: Micros, account: Index, large: Mask) -> Mask:
    """True for the drone that each *large* (m,) account lost first, of those it *lost* (n,)."""
    first = np.zeros(len(lost), np.bool_)
    rows = np.flatnonzero(lost & (account != NOBODY))
    rows = rows[large[account[rows]]]
    rows = rows[np.argsort(flown_us[rows], kind="stable")]
    first[rows[np.unique(account[rows], return_index=True)[1]]] = True
    return first
