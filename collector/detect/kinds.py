"""Drones by kind: those of a kind run the same, and everything was offered to them together. Pure.

A million drones are some hundred kinds, so the releases are held against kinds, and drones are
looked up. What kind a drone is has to be found out only where a fact about it changes.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.offers import (
    Catalogue,
    Groups,
    Lots,
    Release,
    Versions,
    cells,
    offered_to_all_us,
    offered_us,
    older,
    shares,
)
from windsock.collector.detect.versions import UNKNOWN
from windsock.collector.fleet.arrays import SECOND_US, Index, Mask, Micros, Ordinals, narrow

Moments = npt.NDArray[np.uint32]
"""Seconds since 1970 (UTC)."""

NEVER_S: Final = int(np.iinfo(np.uint32).max)
"""Later than any moment: in 2106."""


class Kinds(NamedTuple):
    """Of k kinds."""

    line: Index
    """Which releases are for it: those of its product, hardware, channel and companion app."""
    own: Versions
    base: Versions
    """`Version`, as last seen."""
    group: Groups
    excused: Mask
    """Not in service, or pinned to what it runs."""
    cells: dict[int, Index]
    """By release: (k,) its `offers.cells`, where that can matter; else it is in the last one."""

    def rows(self, which: npt.NDArray[np.intp]) -> "Kinds":
        """Some of them."""
        columns: list[Any] = [column[which] for column in self[:-1]]
        columns.append({number: cell[which] for number, cell in self.cells.items()})
        return Kinds(*columns)

    def offered_us(self, number: int, release: Release) -> Micros:
        """(k,) as `offers.offered_us`."""
        last = np.full(len(self.own), len(shares(release)), np.int32)
        return offered_us(self.group, self.cells.get(number, last), release)


class Placed(NamedTuple):
    """Of n drones: what may tell two of the same kind apart."""

    lot: Lots
    powered_s: Moments
    """Last moment at which it was switched on for certain, a begun second counted; 0: never."""


def moments_s(moment_us: Micros | Sequence[int]) -> Moments:
    """In whole seconds, as releases and e-mails are dated; before 1970 is 0."""
    whole: Moments = np.clip(np.asarray(moment_us, np.int64) // SECOND_US, 0, NEVER_S).astype(
        np.uint32
    )
    return whole


def begun_s(moment_us: Micros) -> Moments:
    """As `moments_s`, a begun second counted: later than a whole second exactly where it was."""
    return moments_s(-(-np.maximum(moment_us, 0) // SECOND_US) * SECOND_US)


def split(
    kind: Index, kinds: Kinds, drones: Placed, catalogue: Catalogue, now_us: int
) -> tuple[Ordinals, Kinds]:
    """Tell drones apart that percentages treat differently; *kind* (n,) goes by all the rest."""
    kind = kind.copy()
    for number, release in enumerate(catalogue.releases):
        last = len(shares(release))
        if not last or not release.alive(now_us):
            continue
        lacks = older(kinds.own, kinds.base, release.version) & (kinds.own != UNKNOWN)
        lacks &= catalogue.among(number)[kinds.line] & ~kinds.excused
        rows = np.flatnonzero(lacks[kind])
        rows = rows[_undecided(drones.powered_s[rows], release, now_us)]
        cell = cells(drones.lot[rows], release)
        rows, cell = rows[cell < last], cell[cell < last]
        used, place = np.unique(kind[rows].astype(np.int64) * last + cell, return_inverse=True)
        kind[rows] = len(kinds.own) + place
        kinds = _grown(kinds, used, number, last)
    return narrow(kind), kinds


def _undecided(powered_s: Moments, release: Release, now_us: int) -> Mask:
    """Those for whom it matters in which wave they were.

    It does not once the release was for all and the grace is over for all: who was switched on
    after that is late in any wave, who was not since the first wave is late in none.
    """
    all_us = offered_to_all_us(release)
    if all_us >= now_us - release.grace_us:
        return np.ones(len(powered_s), np.bool_)
    first_us = min(max(wave.from_us, release.released_us) for wave in release.waves)
    first_s, all_s = moments_s([first_us, all_us])
    between: Mask = (powered_s > first_s) & (powered_s <= all_s)
    return between


def _grown(kinds: Kinds, used: npt.NDArray[np.int64], number: int, last: int) -> Kinds:
    """*kinds*, and after them *used*, in earlier cells of a release: old kind x last + cell."""
    parent, cell = np.divmod(used, last)
    elsewhere = {number: np.full(len(kinds.own), last, np.int32)}
    known = kinds._replace(cells=kinds.cells | elsewhere)
    more = known.rows(parent.astype(np.intp))
    more.cells[number][:] = cell
    pairs: list[Any] = list(zip(known[:-1], more[:-1], strict=True))
    columns: list[Any] = [np.concatenate(pair) for pair in pairs]
    columns.append(
        {one: np.concatenate([known.cells[one], more.cells[one]]) for one in known.cells}
    )
    return Kinds(*columns)
