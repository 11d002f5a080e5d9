"""D3 and C3: which drones run old software, and whose fault that could be. Pure: arrays in, out.

One call judges the drones of one product, hardware and channel against its releases. Definitions,
thresholds and sources: docs/detection-firmware.md.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.versions import UNKNOWN, Version
from windsock.collector.fleet.arrays import MISSING_US, Codes, Index, Mask, Micros

Numbers = npt.NDArray[np.int16]

SoftwareState = Literal[
    "unknown", "current", "tolerated", "eligible", "notified", "overdue", "excused"
]
SOFTWARE_STATES: Final[tuple[SoftwareState, ...]] = get_args(SoftwareState)
_CODE: Final = {word: code for code, word in enumerate(SOFTWARE_STATES)}
NONE: Final = -1
"""No release."""
FOREVER_US: Final = int(np.iinfo(np.int64).max)
BLOCK: Final = 16_384
"""Drones judged at once: their columns stay in the processor's cache."""
_SPREAD: Final = np.uint32(2_654_435_761)
"""Knuth's multiplicative hash: 2**32 by the golden ratio."""


class Wave(NamedTuple):
    """Whom a release is for from *from_us* on: a group, or a share of the drones."""

    from_us: int
    percent: float | None = None
    group: int | None = None
    """Index of the group."""


class Release(NamedTuple):
    """What a maker released; `waves` empty: for all from `released_us` on."""

    version: Version
    released_us: int
    waves: tuple[Wave, ...] = ()
    mandatory: bool = True
    must_pass: bool = False
    """Older drones have to be updated to this one first."""
    withdrawn_us: int = FOREVER_US
    grace_us: int = 14 * 86_400_000_000
    salt: int = 0
    """Makes each release's percentages other drones."""


class Drones(NamedTuple):
    """Of n drones of one product, hardware and channel."""

    own: npt.NDArray[np.int64]
    base: npt.NDArray[np.int64]
    """`Version`, as last seen."""
    lot: npt.NDArray[np.uint32]
    """A number for each drone that stays: decides which percentage it is in."""
    group: npt.NDArray[np.int16]
    account: Index
    """Row of `mailed_us`."""
    powered_us: Micros
    """Last moment at which it was switched on for certain; `MISSING_US`: never."""
    excused: Mask
    """Not in service, or pinned to what it runs."""

    def rows(self, which: slice | npt.NDArray[np.intp]) -> "Drones":
        """Some of them."""
        columns: list[Any] = [column[which] for column in self]
        return Drones(*columns)


class Software(NamedTuple):
    """Of n drones; releases are indices into those that were given, or `NONE`."""

    state: Codes
    behind: Mask
    """D3 literally: the latest software is not installed."""
    next: Numbers
    """What to install now."""
    overdue: Numbers
    """D3: the oldest release that it should have by now."""
    after_mail: Numbers
    """C3: the same, counted from the account's e-mail."""

    def block(self, which: slice) -> "Software":
        """Views of some of them, to be filled."""
        columns: list[Any] = [column[which] for column in self]
        return Software(*columns)


def software(
    drones: Drones,
    releases: Sequence[Release],
    mailed_us: Micros,
    now_us: int,
    *,
    tolerate_previous: bool = False,
) -> Software:
    """Judge drones at *now_us* against *releases*, in order of their versions.

    *mailed_us* is (accounts, releases): when the account was told of it; `MISSING_US` for never.
    """
    n = len(drones.own)
    out = Software(
        state=np.empty(n, np.int8),
        behind=np.zeros(n, np.bool_),
        next=np.full(n, NONE, np.int16),
        overdue=np.full(n, NONE, np.int16),
        after_mail=np.full(n, NONE, np.int16),
    )
    known = [(row, one) for row, one in enumerate(releases) if one.released_us <= now_us]
    alive = [(row, one) for row, one in known if now_us < one.withdrawn_us]
    dead = [one for _, one in known if now_us >= one.withdrawn_us]
    for start in range(0, n, BLOCK):
        which = slice(start, start + BLOCK)
        block = _Block(drones.rows(which), out.block(which))
        for row, release in alive:
            block.hold_against(row, release, mailed_us[:, row], now_us)
        block.name(dead, any_release=bool(known), tolerate_previous=tolerate_previous)
    return out


def older(drones: Drones, version: Version) -> Mask:
    """(n,) those that run something older; the project's version decides between equals."""
    mask: Mask = drones.own < version.own
    if version.base != UNKNOWN:
        equal = (drones.own == version.own) & (drones.base != UNKNOWN)
        mask |= equal & (drones.base < version.base)
    return mask


def offered_us(drones: Drones, release: Release) -> Micros | int:
    """When each drone's first wave began; `FOREVER_US`: it is in none."""
    if not release.waves:
        return release.released_us
    first_us = np.full(len(drones.own), FOREVER_US, np.int64)
    for wave in sorted(release.waves, reverse=True, key=lambda one: one.from_us):
        first_us[_in_wave(drones, wave, release.salt)] = max(wave.from_us, release.released_us)
    return first_us


def _in_wave(drones: Drones, wave: Wave, salt: int) -> Mask:
    if wave.percent is None:
        of_group: Mask = drones.group == wave.group
        return of_group
    place = (drones.lot ^ np.uint32(salt)) * _SPREAD
    share: Mask = place.astype(np.float64) < wave.percent / 100 * 2.0**32
    return share


class _Block:
    """Some drones while they are held against one release after the other, oldest first."""

    def __init__(self, drones: Drones, out: Software) -> None:
        self.drones = drones
        self.out = out
        self.reached, self.notified, self.passing, self.previous = (
            np.zeros(len(drones.own), np.bool_) for _ in range(4)
        )
        self.first = True

    def hold_against(self, row: int, release: Release, told_us: Micros, now_us: int) -> None:
        """*told_us*, (accounts,): when each was told of this release."""
        missing = older(self.drones, release.version)
        self.previous = missing & ~self.out.behind & (not self.first)
        self.first = False
        self.out.behind[:] |= missing
        since_us = offered_us(self.drones, release)
        offered = missing & (since_us <= now_us)
        self.reached |= offered
        self.out.next[offered & ~self.passing] = row
        if release.must_pass:
            self.passing |= offered
        late_us = now_us - release.grace_us
        if release.mandatory:
            self._note(self.out.overdue, row, offered, since_us, late_us)
        if (told_us != MISSING_US).any():
            told = offered & (told_us != MISSING_US)[self.drones.account]
            self.notified |= told
            if release.mandatory:
                asked_us = np.maximum(told_us[self.drones.account], since_us)
                self._note(self.out.after_mail, row, told, asked_us, late_us)

    def _note(
        self, first: Numbers, row: int, whom: Mask, since_us: Micros | int, late_us: int
    ) -> None:
        """The grace is over, and it was switched on since."""
        late = whom & (since_us < late_us) & (self.drones.powered_us > since_us)
        first[late & (first == NONE)] = row

    def name(self, dead: Sequence[Release], *, any_release: bool, tolerate_previous: bool) -> None:
        """The word: of the lines below the last one that holds."""
        out, drones = self.out, self.drones
        out.state[:] = _CODE["current"]
        for release in dead:
            out.state[older(drones, release.version)] = _CODE["excused"]
        out.state[out.behind] = _CODE["tolerated"]
        out.state[self.reached] = _CODE["eligible"]
        out.state[self.notified] = _CODE["notified"]
        out.state[out.overdue != NONE] = _CODE["overdue"]
        spared = self.previous if tolerate_previous else np.zeros_like(self.reached)
        out.state[spared] = _CODE["tolerated"]
        unknown = (drones.own == UNKNOWN) if any_release else np.ones_like(self.reached)
        out.state[unknown] = _CODE["unknown"]
        out.state[drones.excused] = _CODE["excused"]
        out.behind[unknown] = False
        out.next[unknown | drones.excused] = NONE
        for late in (out.overdue, out.after_mail):
            late[unknown | drones.excused | spared] = NONE
