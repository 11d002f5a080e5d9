"""D3 and C3: which drones run old software, and whose fault that could be. Pure: arrays in, out.

One call judges the drones of one product, hardware and channel against its releases. Definitions,
thresholds and sources: docs/detection-firmware.md.
"""

from collections.abc import Iterator, Sequence
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
_CODE: Final = {word: np.int8(code) for code, word in enumerate(SOFTWARE_STATES)}
NONE: Final = -1
"""No release."""
FOREVER_US: Final = int(np.iinfo(np.int64).max)
"""No such moment, and later than any."""
BLOCK: Final = 65_536
"""Drones judged at once: their columns stay in the processor's cache."""
_ALL_PCT: Final = 100.0
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
        behind=np.empty(n, np.bool_),
        next=np.empty(n, np.int16),
        overdue=np.empty(n, np.int16),
        after_mail=np.empty(n, np.int16),
    )
    known = [(row, one) for row, one in enumerate(releases) if one.released_us <= now_us]
    alive = [(row, one) for row, one in known if now_us < one.withdrawn_us]
    dead = [one for _, one in known if now_us >= one.withdrawn_us]
    told_us = [_if_any(mailed_us[:, row]) for row in range(len(releases))]
    for start in range(0, n, BLOCK):
        which = slice(start, start + BLOCK)
        block = _Block(drones.rows(which), len(releases))
        for row, release in alive:
            block.hold_against(row, release, told_us[row], now_us)
        block.name(
            out.block(which),
            dead,
            any_release=bool(known),
            tolerate_previous=tolerate_previous,
        )
    return out


def _if_any(told_us: Micros) -> Micros | None:
    """None where nobody was told."""
    return np.ascontiguousarray(told_us) if (told_us != MISSING_US).any() else None


def older(drones: Drones, version: Version) -> Mask:
    """(n,) those that run something older; the project's version decides between equals."""
    mask: Mask = drones.own < version.own
    if version.base != UNKNOWN:
        equal = (drones.own == version.own) & (drones.base != UNKNOWN)
        mask |= equal & (drones.base < version.base)
    return mask


def offered_us(drones: Drones, release: Release) -> Micros:
    """When each drone's first wave began; `FOREVER_US`: it is in none."""
    first_us = np.full(len(drones.own), FOREVER_US, np.int64)
    for from_us, in_wave in _waves(drones, release):
        np.copyto(first_us, from_us, where=in_wave & (from_us < first_us))
    return first_us


def _waves(drones: Drones, release: Release) -> Iterator[tuple[int, Mask]]:
    """When each wave begins, and the drones in it."""
    everybody = Wave(release.released_us, percent=_ALL_PCT)
    place: npt.NDArray[np.uint32] | None = None
    for wave in release.waves or (everybody,):
        from_us = max(wave.from_us, release.released_us)
        if wave.percent is None:
            yield from_us, drones.group == wave.group
        elif wave.percent >= _ALL_PCT:
            yield from_us, np.ones(len(drones.own), np.bool_)
        else:
            if place is None:
                place = (drones.lot ^ np.uint32(release.salt)) * _SPREAD
            yield from_us, place < np.uint32(wave.percent / _ALL_PCT * 2.0**32)


class _Block:
    """Some drones while they are held against one release after the other, oldest first.

    Releases are counted from 1 in here, so that a mask times its number is the number or 0.
    """

    def __init__(self, drones: Drones, releases: int) -> None:
        self.drones, self.account = drones, drones.account.astype(np.intp)
        self.number: Any = np.int8 if releases < np.iinfo(np.int8).max else np.int16
        n = len(drones.own)
        self.behind, self.reached, self.notified, self.passing, self.previous = (
            np.zeros(n, np.bool_) for _ in range(5)
        )
        columns: list[Any] = [np.zeros(n, self.number) for _ in range(3)]
        self.next, self.overdue, self.after_mail = columns
        self.first = True

    def hold_against(
        self, row: int, release: Release, told_us: Micros | None, now_us: int
    ) -> None:
        """*told_us*, (accounts,): when each was told of this release; None: nobody was."""
        number = self.number(row + 1)
        missing = older(self.drones, release.version)
        if not self.first:
            self.previous = missing & ~self.behind
        self.first = False
        self.behind |= missing
        offered, late = self._offered(missing, release, now_us)
        self.reached |= offered
        np.maximum(self.next, (offered & ~self.passing).view(np.int8) * number, out=self.next)
        if release.must_pass:
            self.passing |= offered
        if release.mandatory:
            self.overdue += (late & (self.overdue == 0)).view(np.int8) * number
        if told_us is not None:
            self._mailed(offered, late, told_us, number, release, now_us)

    def _offered(self, missing: Mask, release: Release, now_us: int) -> tuple[Mask, Mask]:
        """Whom it has reached; of them those whose grace is over and who were switched on since.

        In any wave: if that holds of a later one, it holds of the first.
        """
        offered, late = np.zeros_like(missing), np.zeros_like(missing)
        for from_us, in_wave in _waves(self.drones, release):
            if from_us <= now_us:
                offered |= in_wave
            if from_us < now_us - release.grace_us:
                late |= in_wave & (self.drones.powered_us > from_us)
        return offered & missing, late & missing

    def _mailed(  # noqa: PLR0913, PLR0917 - one release, as it is held against the block
        self,
        offered: Mask,
        late: Mask,
        told_us: Micros,
        number: Any,  # noqa: ANN401 - int8 or int16
        release: Release,
        now_us: int,
    ) -> None:
        """The e-mail begins the grace anew, so who is late after it is late without it, too."""
        told = told_us.take(self.account)
        heard = offered & (told != MISSING_US)
        self.notified |= heard
        if not release.mandatory:
            return
        deaf = late & heard & (told < now_us - release.grace_us)
        deaf &= (self.drones.powered_us > told) & (self.after_mail == 0)
        self.after_mail += deaf.view(np.int8) * number

    def name(
        self, out: Software, dead: Sequence[Release], *, any_release: bool, tolerate_previous: bool
    ) -> None:
        """The words into *out*. Who was told was reached, and who was reached is behind."""
        drones, state = self.drones, out.state
        state[:] = _CODE["current"]
        for stage in (self.behind, self.reached, self.notified):
            state += stage.view(np.int8)
        np.maximum(state, (self.overdue != 0).view(np.int8) * _CODE["overdue"], out=state)
        for release in dead:
            state[older(drones, release.version) & ~self.behind] = _CODE["excused"]
        known = (drones.own != UNKNOWN) if any_release else np.zeros_like(self.reached)
        judged = known & ~drones.excused
        if tolerate_previous:
            state[self.previous] = _CODE["tolerated"]
        state *= known  # unknown is 0
        np.maximum(state, drones.excused * _CODE["excused"], out=state)
        out.behind[:] = self.behind & known
        out.next[:] = self.next * judged
        held = judged & ~self.previous if tolerate_previous else judged
        out.overdue[:] = self.overdue * held
        out.after_mail[:] = self.after_mail * held
        out.next[:] += np.int16(NONE)
        out.overdue[:] += np.int16(NONE)
        out.after_mail[:] += np.int16(NONE)
