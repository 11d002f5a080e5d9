"""How kinds of drones stand with the releases: state, and what has been for them since when. Pure.

Definitions and sources: docs/detection-firmware.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np

from windsock.collector.detect.kinds import NEVER_S, Kinds, Moments, moments_s
from windsock.collector.detect.offers import Catalogue, Release, older
from windsock.collector.detect.versions import UNKNOWN
from windsock.collector.fleet.arrays import Codes, Index, Mask

SoftwareState = Literal[
    "unknown", "current", "tolerated", "eligible", "notified", "overdue", "excused"
]
SOFTWARE_STATES: Final[tuple[SoftwareState, ...]] = get_args(SoftwareState)
CODE: Final = {word: np.int8(code) for code, word in enumerate(SOFTWARE_STATES)}
NONE: Final = -1
"""No release."""


class Held(NamedTuple):
    """Of k kinds, held against the releases."""

    state: Codes
    """Index into `SOFTWARE_STATES`, of those that were not told and are not overdue."""
    behind: Mask
    """D3 literally: the latest software is not installed."""
    next: Index
    """What to install now; `NONE`: nothing."""
    offered_s: Mapping[int, Moments]
    """By release that eligible kinds lack, the oldest first: (k,) since when it has been for
    each; `NEVER_S`: it is not, or the kind is not held to it."""


def hold(
    kinds: Kinds, catalogue: Catalogue, now_us: int, *, tolerate_previous: bool = False
) -> Held:
    """Hold each kind against the releases for its line at *now_us*."""
    k = len(kinds.own)
    held = Held(
        np.full(k, CODE["unknown"], np.int8), np.zeros(k, np.bool_), np.full(k, NONE, np.int32), {}
    )
    offered: dict[int, Moments] = {}
    for line, numbers in enumerate(catalogue.lines):
        rows = np.flatnonzero(kinds.line == line)
        if numbers is None:
            held.state[rows] = CODE["excused"]
            continue
        found = _Line(kinds.rows(rows), catalogue, numbers, now_us)
        held.state[rows] = state = found.state(tolerate_previous=tolerate_previous)
        held.behind[rows], held.next[rows] = found.behind(), found.next()
        for number, offered_s in found.offered_s(state == CODE["eligible"]):
            column = offered.setdefault(number, np.full(k, NEVER_S, np.uint32))
            column[rows] = offered_s
    return held._replace(offered_s=dict(sorted(offered.items())))


class _Line:
    """Some kinds and the releases for them, as (k, releases) matrices, the oldest first."""

    def __init__(
        self, kinds: Kinds, catalogue: Catalogue, numbers: Sequence[int], now_us: int
    ) -> None:
        releases = catalogue.releases
        out = [number for number in numbers if releases[number].known(now_us)]
        self.kinds = kinds
        self.known: Mask = kinds.own != UNKNOWN if out else np.zeros(len(kinds.own), np.bool_)
        self.numbers = [number for number in out if releases[number].alive(now_us)]
        self.alive = [releases[number] for number in self.numbers]
        self.dead = [releases[number] for number in out if number not in self.numbers]
        columns = [kinds.offered_us(one, releases[one]) for one in self.numbers]
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

    def offered_s(self, held: Mask) -> Iterator[tuple[int, Moments]]:
        """Each release that reached any of those that are *held* to it, and when."""
        for nth, number in enumerate(self.numbers):
            reached = self.reached[:, nth] & held
            if reached.any():
                offered_s = moments_s(self.offered_us[:, nth])
                yield number, np.where(reached, offered_s, np.uint32(NEVER_S))


def _matrix(columns: Sequence[Any], n: int, kind: type) -> Any:  # noqa: ANN401 - (n, columns) of *kind*
    return np.column_stack(columns) if columns else np.empty((n, 0), kind)
