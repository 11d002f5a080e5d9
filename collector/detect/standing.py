"""Drone state: one word for how a drone stands with its customer. Pure: arrays in, arrays out.

Thresholds and sources: docs/detection-states.md.
"""

from typing import Final, Literal, NamedTuple, get_args

import numpy as np

from windsock.collector.detect.inactivity import DAY_S, UNSEEN, Inactivity
from windsock.collector.fleet.arrays import IN_SERVICE, Codes, Fleet, Mask, blocks
from windsock.collector.roster.cells import SERVICE_STATES

Standing = Literal[
    "in_service", "ordered", "stock", "repair", "paused", "retired",
    "active", "slowing", "new", "inactive", "lost", "unseen", "delivered-never-flown",
]  # fmt: skip
"""The roster's words but the first, which is one of the others; what says most comes last.
``unseen``: not flown for a month, as far as anybody can tell."""
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
_CODE: Final = {word: np.int8(code) for code, word in enumerate(STANDINGS)}


class StandingLimits(NamedTuple):
    """The thresholds."""

    new_flights: int = 3
    """Fewer flights under its customer are no history. DETECTION: rules around the score."""
    lost_days: float = 180.0
    """Inactive for longer is lost. Our choice: two seasons."""


def standings(fleet: Fleet, judged: Inactivity, slowing: Mask, limits: StandingLimits) -> Codes:
    """(n,) indices into `STANDINGS`; *slowing*: those that fly rarely by their own measure."""
    state = np.empty(len(fleet), np.int8)
    lost_s = round(limits.lost_days * DAY_S)
    for at in blocks(len(fleet)):
        overdue, flights, service = judged.overdue[at], fleet.flights[at], fleet.service[at]
        found = np.full(len(overdue), _CODE["active"], np.int8)
        lines: tuple[tuple[Mask, Standing], ...] = (
            (slowing[at], "slowing"),
            (flights < limits.new_flights, "new"),
            (overdue, "inactive"),
            (overdue & (fleet.idle_s[at] > lost_s), "lost"),
            (overdue & (judged.basis[at] == UNSEEN), "unseen"),
            (flights == 0, "delivered-never-flown"),
        )
        for holds, word in lines:
            np.maximum(found, holds.view(np.int8) * _CODE[word], out=found)
        state[at] = found * (service == IN_SERVICE) + service
    return state


assert STANDINGS[: len(SERVICE_STATES)] == SERVICE_STATES, "service states are standings"  # noqa: S101 - holds when this is loaded, or never
assert IN_SERVICE == 0, "a service state is added to nothing"  # noqa: S101 - holds when this is loaded, or never
