"""C1 and C5: what the drones of an account say together. Pure: arrays in, arrays out.

Formulas, thresholds and their sources: docs/detection-inactivity.md.
"""

from typing import Final, NamedTuple

import numpy as np

from windsock.collector.detect.inactivity import DAY_US, PROVEN, Inactivity
from windsock.collector.fleet.arrays import (
    IN_SERVICE,
    MISSING_US,
    Codes,
    Fleet,
    Index,
    Mask,
    Micros,
)

NOBODY: Final = -1
"""Index of a drone without an account, or of one that these rules are not for."""


class Accounts(NamedTuple):
    """Of m accounts, over their drones in service."""

    drones: Index
    flying: Index
    """Of these, those that flew within a month."""
    flown_us: Micros
    """Latest moment of the last flight of any, or `MISSING_US`."""
    rested_us: Micros
    """The longest that any of them has paused since its last flight."""
    silent: Mask
    """C1: has flown, and not for more than a month with any."""
    basis: Codes
    """The weakest of its silent drones', the last in `inactivity.BASES`."""
    for_support: Mask
    """One of them is unseen, and not for long: support looks first."""


def accounts(fleet: Fleet, account: Index, judged: Inactivity) -> Accounts:
    """*account* (n,) says whose each drone is, from 0 on, or `NOBODY`."""
    number = int(account.max(initial=NOBODY)) + 1
    rows = np.flatnonzero((fleet.service == IN_SERVICE) & (account != NOBODY))
    of, flown = account[rows], fleet.flown_us[rows] != MISSING_US
    drones = np.bincount(of, minlength=number).astype(np.int32)
    overdue = judged.overdue[rows]
    flying = np.bincount(of[flown & ~overdue], minlength=number).astype(np.int32)
    flown_us = np.full(number, MISSING_US, np.int64)
    np.maximum.at(flown_us, of, fleet.flown_us[rows])
    rested_us = np.zeros(number, np.int64)
    np.maximum.at(rested_us, of, fleet.rested_us[rows])
    silent = (flown_us != MISSING_US) & (flying == 0)
    basis = np.full(number, PROVEN, np.int8)
    np.maximum.at(basis, of[overdue], judged.basis[rows][overdue])
    support = np.zeros(number, np.bool_)
    np.logical_or.at(support, of, judged.for_support[rows])
    return Accounts(drones, flying, flown_us, rested_us, silent, basis, silent & support)


def never_flown(fleet: Fleet, now_us: int, grace_days: float) -> Mask:
    """C5: in service, delivered more than *grace_days* x 24 h ago, and no flight since."""
    waited = fleet.owned_from_us < now_us - round(grace_days * DAY_US)
    known = fleet.owned_from_us > 0
    unflown: Mask = (fleet.flown_us == MISSING_US) & (fleet.service == IN_SERVICE)
    return unflown & waited & known


def first_of_large(lost: Mask, flown_us: Micros, account: Index, large: Mask) -> Mask:
    """True for the drone that each *large* (m,) account lost first, of those it *lost* (n,)."""
    first = np.zeros(len(lost), np.bool_)
    rows = np.flatnonzero(lost & (account != NOBODY))
    rows = rows[large[account[rows]]]
    rows = rows[np.argsort(flown_us[rows], kind="stable")]
    first[rows[np.unique(account[rows], return_index=True)[1]]] = True
    return first
