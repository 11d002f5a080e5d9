"""How kinds of drones stand with the releases: state, and what has been for them since when. Pure.

Definitions and sources: docs/detection-firmware.md.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.kinds import NEVER_S, Kinds, Moments, begun_s, moments_s
from windsock.collector.detect.offers import Catalogue, Release, offered_us, older
from windsock.collector.detect.versions import UNKNOWN
from windsock.collector.fleet.arrays import Codes, Index, Mask

SoftwareState = Literal[
    "unknown", "current", "tolerated", "eligible", "notified", "overdue", "excused"
]
SOFTWARE_STATES: Final[tuple[SoftwareState, ...]] = get_args(SoftwareState)
CODE: Final = {word: np.int8(code) for code, word in enumerate(SOFTWARE_STATES)}
NONE: Final = -1
"""No release."""


class Open(NamedTuple):
    """Releases that a kind lacks, the oldest first, at most w for each of the lines."""

    line: Index
    """(k,) of the kinds."""
    release: Index
    """(w, lines) numbers; `NONE`: no more of them."""
    over_s: Moments
    """(w, lines) what is from before has had its grace; 0: nobody has to install it."""
    since_s: Moments
    """(w, k) since when it has been for a kind; `NEVER_S`: it is not, or the kind is not held
    to it."""

    def late_s(self) -> Moments:
        """(w, k) since when, where the grace is over; else `NEVER_S`."""
        over_s = self.over_s.take(self.line, axis=1)
        return np.where(self.since_s < over_s, self.since_s, np.uint32(NEVER_S))

    def releases(self) -> Index:
        """(w, k) `release` of the line of each."""
        return self.release.take(self.line, axis=1)


class Held(NamedTuple):
    """Of k kinds, held against the releases."""

    state: Codes
    """Index into `SOFTWARE_STATES`, of those that were not told and are not overdue."""
    behind: Mask
    """D3 literally: the latest software is not installed."""
    next: Index
    """What to install now; `NONE`: nothing."""
    open: Open


def hold(
    kinds: Kinds, catalogue: Catalogue, now_us: int, *, tolerate_previous: bool = False
) -> Held:
    """Hold each kind against the releases for its line at *now_us*."""
    k = len(kinds.own)
    state, behind = np.full(k, CODE["unknown"], np.int8), np.zeros(k, np.bool_)
    next_ = np.full(k, NONE, np.int32)
    offers: list[tuple[npt.NDArray[np.intp], list[_Offer]]] = []
    for line, numbers in enumerate(catalogue.lines):
        rows = np.flatnonzero(kinds.line == line)
        found = _Line(kinds.rows(rows), catalogue, numbers or (), now_us)
        state[rows] = found.state(tolerate_previous=tolerate_previous)
        if numbers is None:
            state[rows] = CODE["excused"]
        behind[rows], next_[rows] = found.behind(), found.next()
        offers.append((rows, list(found.offers(state[rows] == CODE["eligible"]))))
    return Held(state, behind, next_, _open(kinds.line, offers))


class _Offer(NamedTuple):
    """A release for a line, as `Open` has it."""

    release: int
    over_s: int
    since_s: Moments


def _open(line: Index, found: Sequence[tuple[npt.NDArray[np.intp], list[_Offer]]]) -> Open:
    most = max((len(offers) for _, offers in found), default=0)
    shape = most, max(len(found), 1)  # an account without drones is of some line, too
    release, over_s = np.full(shape, NONE, np.int32), np.zeros(shape, np.uint32)
    since_s = np.full((most, len(line)), NEVER_S, np.uint32)
    for nth_line, (rows, offers) in enumerate(found):
        for nth, offer in enumerate(offers):
            release[nth, nth_line], over_s[nth, nth_line] = offer.release, offer.over_s
            since_s[nth, rows] = offer.since_s
    return Open(line, release, over_s, since_s)


class _Line:
    """Some kinds and the releases for them, as (k, releases) matrices, the oldest first."""

    def __init__(
        self, kinds: Kinds, catalogue: Catalogue, numbers: Sequence[int], now_us: int
    ) -> None:
        releases = catalogue.releases
        out = [number for number in numbers if releases[number].known(now_us)]
        self.kinds, self.now_us = kinds, now_us
        self.known: Mask = kinds.own != UNKNOWN if out else np.zeros(len(kinds.own), np.bool_)
        self.numbers = [number for number in out if releases[number].alive(now_us)]
        self.alive = [releases[number] for number in self.numbers]
        self.dead = [releases[number] for number in out if number not in self.numbers]
        columns = [
            offered_us(kinds.group, cell, releases[number])
            for number, cell in zip(numbers, kinds.cells[: len(numbers)], strict=True)
            if number in self.numbers
        ]
        self.offered_us = _matrix(columns, len(kinds.own), np.int64)
        self.lacks = _matrix([self._older(one) for one in self.alive], len(kinds.own), np.bool_)
        self.reached = self.lacks & (self.offered_us <= now_us)

    def _older(self, release: Release) -> Mask:
        return older(self.kinds.own, self.kinds.base, release.version)

    def behind(self) -> Mask:
        behind: Mask = self.lacks.any(axis=1) & self.known
        return behind

    def state(self, *, tolerate_previous: bool) -> Codes:
        """The first line of docs/detection-firmware.md that holds, from below."""
        behind = self.lacks.any(axis=1)
        state = np.full(len(behind), CODE["current"], np.int8)
        state[behind] = CODE["tolerated"]
        state[self.reached.any(axis=1)] = CODE["eligible"]
        for release in self.dead:
            state[self._older(release) & ~behind] = CODE["excused"]
        if tolerate_previous and len(self.alive) > 1:
            state[behind & ~self.lacks[:, :-1].any(axis=1)] = CODE["tolerated"]
        state[~self.known] = CODE["unknown"]
        state[self.kinds.excused] = CODE["excused"]
        return state

    def next(self) -> Index:
        """The newest that reached it, but none beyond one that has to be passed through."""
        number = np.full(len(self.lacks), NONE, np.int32)
        open_ = self.known & ~self.kinds.excused
        for nth, release in enumerate(self.alive):
            number[open_ & self.reached[:, nth]] = self.numbers[nth]
            if release.must_pass:
                open_ = open_ & ~self.reached[:, nth]
        return number

    def offers(self, held: Mask) -> Iterator[_Offer]:
        """Each release that reached any of those that are *held* to it."""
        for nth, (number, release) in enumerate(zip(self.numbers, self.alive, strict=True)):
            reached = self.reached[:, nth] & held
            if reached.any():
                since_s = np.where(reached, moments_s(self.offered_us[:, nth]), np.uint32(NEVER_S))
                over_s = begun_s(np.array([self.now_us - release.grace_us]))[0]
                yield _Offer(number, int(over_s) if release.mandatory else 0, since_s)


def _matrix(columns: Sequence[Any], n: int, kind: type) -> Any:  # noqa: ANN401 - (n, columns) of *kind*
    return np.column_stack(columns) if columns else np.empty((n, 0), kind)
