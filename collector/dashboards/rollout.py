"""How software spread over a fleet, and how it flew: day by day, out of what changed. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.rates import Rate, rate

Flown = tuple[int, str, int, int, int]
"""Day, software, flights, crashes, crash-likes."""
Moved = tuple[int, str, str | None, int]
"""Day, software, the one before it, how many drones."""


class SoftwareDay(NamedTuple):
    """One version at the end of one day."""

    day: int
    firmware: str
    drones: int
    """Those whose last flight was with it."""
    flights: int
    """Until then; likewise the crashes."""
    crashes: int
    crash_likes: int
    crash_rate: Rate | None


def software_days(
    flown: Sequence[Flown], moved: Sequence[Moved], days: Iterable[int]
) -> Iterator[SoftwareDay]:
    """Each version on each of *days* from its first flight on."""
    known = sorted({row[0] for row in flown} | set(days))
    place = {day: number for number, day in enumerate(known)}
    sums: dict[str, npt.NDArray[np.int64]] = {}

    def of(firmware: str) -> npt.NDArray[np.int64]:
        return sums.setdefault(firmware, np.zeros((len(known), 4), np.int64))

    for day, firmware, *counts in flown:
        of(firmware)[place[day], 1:] += counts
    for day, firmware, before, drones in moved:
        of(firmware)[place[day], 0] += drones
        if before is not None:
            of(before)[place[day], 0] -= drones
    wanted = sorted(place[day] for day in set(days))
    for firmware, changes in sorted(sums.items()):
        totals = np.cumsum(changes, axis=0)
        for row in wanted:
            if totals[row, 1]:
                drones, flights, crashes, likes = totals[row].tolist()
                yield SoftwareDay(known[row], firmware, drones, flights, crashes, likes,
                                  rate(crashes, flights))  # fmt: skip
