"""C1 and C5: what the drones of an account say together. Pure: arrays in, arrays out.

Formulas, thresholds and their sources: docs/detection-inactivity.md.
"""

from typing import Final, NamedTuple

import numpy as np

from windsock.collector.detect.inactivity import DAY_S, PROVEN, Inactivity
from windsock.collector.fleet.arrays import IN_SERVICE, Codes, Fleet, Index, Mask, Micros

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
    rows = np.flatnonzero((fleet.service == IN_SERVICE) & (account != NOBODY))
    of, flown = account[rows], fleet.flights[rows] > 0
    drones = np.bincount(of, minlength=number).astype(np.int32)
    overdue = judged.overdue[rows]
    flying = np.bincount(of[flown & ~overdue], minlength=number).astype(np.int32)
    silent = np.zeros(number, np.bool_)
    silent[of[overdue]] = True
    silent &= flying == 0
    basis = np.full(number, PROVEN, np.int8)
    np.maximum.at(basis, of[overdue], judged.basis[rows][overdue])
    support = np.zeros(number, np.bool_)
    support[of[judged.for_support[rows]]] = True
    return Accounts(drones, flying, silent, basis, silent & support)


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
