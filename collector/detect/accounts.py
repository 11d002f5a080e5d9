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
_NONE: Final = -1
"""Weaker than no basis: of an account no drone of which is overdue. Beyond `UNSEEN` is what is
unseen and support's first."""
NOBODY: Final = -1
"""Index of a drone without an account, or of one that these rules are not for."""


class Accounts(NamedTuple):
    """Of m accounts, over their drones in service."""

    drones: Index
    flying: Index
    """Of these, those that flew within a month."""
    silent: Mask
    """C1: has flown, and not for more than a month with any."""
    basis: Codes
    """The weakest of its silent drones', the last in `inactivity.BASES`."""
    for_support: Mask
    """One of them is unseen, and not for long: support looks first."""


def accounts(fleet: Fleet, account: Index, judged: Inactivity) -> Accounts:
    """*account* (n,) says whose each drone is, from 0 on, or `NOBODY`."""
    number = int(account.max(initial=NOBODY)) + 1
    counts = np.zeros(2 * (number + 1), np.int32)
    weakest = np.full(number + 1, _NONE, np.int8)  # NOBODY is the last one here, the first above
    for at in blocks(len(fleet), _BLOCK):
        whose, overdue = account[at], judged.overdue[at]
        place = (whose - NOBODY) * (fleet.service[at] == IN_SERVICE)
        flies = (fleet.flights[at] > 0) & ~overdue
        place += flies * np.int32(number + 1)
        np.add.at(counts, place.astype(np.intp), _ONE)
        rows = np.flatnonzero(overdue)
        basis = judged.basis[at].take(rows) + judged.for_support[at].take(rows)
        np.maximum.at(weakest, whose.take(rows), basis)
    idle, flying = counts.reshape(2, -1)[:, 1:]
    weakest = weakest[:-1]
    silent = (weakest != _NONE) & (flying == 0)
    basis = np.clip(weakest, PROVEN, UNSEEN)
    return Accounts(idle + flying, flying, silent, basis, silent & (weakest > UNSEEN))


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
