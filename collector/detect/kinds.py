"""Drones by kind: those of a kind run the same, and everything was offered to them together. Pure.

A million drones are some hundred kinds, so the releases are held against kinds, and drones are
looked up. Loading a fleet numbers the kinds anew each time.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.offers import (
    LAST,
    Catalogue,
    Cells,
    Groups,
    Lots,
    Release,
    Versions,
    cells,
    offered_to_all_us,
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
    cells: Cells
    """(r, k) for each release for the line: `offers.cells`, where that can matter; else `LAST`.
    None of them (0, k) before `split`."""

    def rows(self, which: npt.NDArray[np.intp]) -> "Kinds":
        """Some of them."""
        columns: list[Any] = [column[..., which] for column in self]
        return Kinds(*columns)


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
    kind, line = kind.copy(), kinds.line[kind]
    most = max((len(numbers or ()) for numbers in catalogue.lines), default=0)
    kinds = kinds._replace(cells=np.full((most, len(kinds.own)), LAST))
    for number, numbers in enumerate(catalogue.lines):
        of_line = np.flatnonzero(line == number)
        for nth, release in enumerate(catalogue.releases[one] for one in numbers or ()):
            if shares(release) and release.alive(now_us):
                lacks = older(kinds.own, kinds.base, release.version) & (kinds.own != UNKNOWN)
                rows = of_line[(lacks & ~kinds.excused)[kind[of_line]]]
                rows = rows[_undecided(drones.powered_s[rows], release, now_us)]
                cell = cells(drones.lot[rows], release)
                early = cell != LAST
                kinds = _move(kind, kinds, rows[early], cell[early], nth)
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


def _move(kind: Index, kinds: Kinds, rows: npt.NDArray[np.intp], cell: Cells, nth: int) -> Kinds:
    """Drones *rows* are of new kinds after *kinds*: as before, but in a *cell* of a release."""
    width = int(LAST)
    used, place = np.unique(kind[rows].astype(np.int64) * width + cell, return_inverse=True)
    kind[rows] = len(kinds.own) + place
    more = kinds.rows((used // width).astype(np.intp))
    more.cells[nth] = used % width
    pairs: list[Any] = list(zip(kinds, more, strict=True))
    columns: list[Any] = [np.concatenate(pair, axis=-1) for pair in pairs]
    return Kinds(*columns)
