"""Drone state: one word for how a drone stands with its customer. Pure: arrays in, arrays out.

Thresholds and sources: docs/detection-states.md.
"""

from typing import Final, Literal, NamedTuple, get_args

import numpy as np

from windsock.collector.detect.inactivity import UNSEEN, Inactivity
from windsock.collector.fleet.arrays import IN_SERVICE, MISSING_US, Codes, Fleet, Mask
from windsock.collector.roster.cells import SERVICE_STATES

Standing = Literal[
    "in_service", "ordered", "stock", "repair", "paused", "retired",
    "delivered-never-flown", "new", "active", "slowing", "inactive", "lost", "unseen",
]  # fmt: skip
"""The roster's words but the first, which is one of the others; ``unseen``: not flown for a month,
as far as anybody can tell."""
STANDINGS: Final[tuple[Standing, ...]] = get_args(Standing)
_CODE: Final = {word: code for code, word in enumerate(STANDINGS)}
_DAY_US: Final = 86_400_000_000


class StandingLimits(NamedTuple):
    """The thresholds."""

    new_flights: int = 3
    """Fewer flights under its customer are no history. DETECTION: rules around the score."""
    lost_days: float = 180.0
    """Inactive for longer is lost. Our choice: two seasons."""


def standings(
    fleet: Fleet, judged: Inactivity, slowing: Mask, now_us: int, limits: StandingLimits
) -> Codes:
    """(n,) indices into `STANDINGS`; *slowing*: those that fly rarely by their own measure."""
    idle = fleet.flown_us < now_us - round(limits.lost_days * _DAY_US)
    lines = (
        (fleet.flown_us == MISSING_US, "delivered-never-flown"),
        (judged.overdue & (judged.basis == UNSEEN), "unseen"),
        (judged.overdue & idle, "lost"),
        (judged.overdue, "inactive"),
        (fleet.flights < limits.new_flights, "new"),
        (slowing, "slowing"),
    )
    state = np.full(len(fleet), _CODE["active"], np.int8)
    for holds, word in reversed(lines):
        state[holds] = _CODE[word]
    away = fleet.service != IN_SERVICE
    state[away] = fleet.service[away]
    return state


assert STANDINGS[: len(SERVICE_STATES)] == SERVICE_STATES, "service states are standings"  # noqa: S101
