"""To whom a release is offered, and from when on: waves of groups and of percentages. Pure.

A drone's place in a release's percentages stays, and is another for each release. Drones between
the same two percentages are in the same *cell* of it: all that its waves can tell apart.
Definitions and sources: docs/detection-firmware.md.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.versions import UNKNOWN, Version
from windsock.collector.fleet.arrays import Mask, Micros

FOREVER_US: Final = int(np.iinfo(np.int64).max)
"""No such moment, and later than any."""
_ALL_PCT: Final = 100.0
_SPREAD: Final = np.uint32(2_654_435_761)
"""Knuth's multiplicative hash: 2**32 by the golden ratio."""

Lots = npt.NDArray[np.uint32]
"""A number for each drone that stays: decides which percentages it is in."""
Cells = npt.NDArray[np.int16]
"""Between which of a release's percentages a drone is."""
LAST: Final = np.int16(np.iinfo(np.int16).max)
"""Beyond all below 100."""
Groups = npt.NDArray[np.int16]
Versions = npt.NDArray[np.int64]


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

    def known(self, now_us: int) -> bool:
        """It is out."""
        return self.released_us <= now_us

    def alive(self, now_us: int) -> bool:
        """It is out, and was not taken back."""
        return self.known(now_us) and now_us < self.withdrawn_us


class Catalogue(NamedTuple):
    """All that was released, and for whom."""

    releases: Sequence[Release]
    """In order of their versions; everywhere else they are numbers into this."""
    lines: Sequence[Sequence[int] | None]
    """Those for each product, hardware, channel and companion app, in the same order; None: there
    are some for the product, but none for this line."""


def older(own: Versions, base: Versions, version: Version) -> Mask:
    """(n,) those that run something older; the project's version decides between equals."""
    mask: Mask = own < version.own
    if version.base != UNKNOWN:
        mask |= (own == version.own) & (base != UNKNOWN) & (base < version.base)
    return mask


def shares(release: Release) -> list[float]:
    """The percentages below 100 that its waves name, the smallest first."""
    named = {wave.percent for wave in release.waves if wave.percent is not None}
    return sorted(percent for percent in named if percent < _ALL_PCT)


def cells(lot: Lots, release: Release) -> Cells:
    """(n,) which of `shares` is the first that each drone is in; `LAST`: none."""
    place = (lot ^ np.uint32(release.salt)) * _SPREAD
    ends = (np.array(shares(release)) / _ALL_PCT * 2.0**32).astype(np.uint32)
    beyond = np.searchsorted(ends, place, side="right")
    return np.where(beyond < len(ends), beyond, LAST).astype(np.int16)


def offered_us(group: Groups, cell: Cells, release: Release) -> Micros:
    """(n,) when the first wave that each is in began; `FOREVER_US`: it is in none."""
    first_us = np.full(len(group), FOREVER_US, np.int64)
    named = shares(release)
    for wave in release.waves or (Wave(release.released_us, percent=_ALL_PCT),):
        from_us = max(wave.from_us, release.released_us)
        if wave.percent is None:
            in_wave = group == wave.group
        else:
            in_wave = cell <= (named.index(wave.percent) if wave.percent in named else LAST)
        np.copyto(first_us, from_us, where=in_wave & (from_us < first_us))
    return first_us


def offered_to_all_us(release: Release) -> int:
    """When it was for every drone; `FOREVER_US`: never."""
    nobodys, last = np.array([-1], np.int16), np.array([LAST])
    return int(offered_us(nobodys, last, release)[0])
