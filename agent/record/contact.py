"""The ground contact that looks hardest, of all contacts of a flight.

A flight can touch the ground more than once: a hop, a crash and a second start. The facts speak of
one contact; it is chosen here by a smooth score, so that no threshold hides another contact. The
score orders, it does not judge.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from windsock.agent.record.airborne import FIRM_M_S2, SHOCK_M_S2, TOUCHING_M, Stay
from windsock.agent.record.grid import cells, runs
from windsock.agent.record.motion import Motion
from windsock.agent.record.tracks import Floats, Tracks

SINK_BEFORE_S: Final = 1.0
TILT_BEFORE_S: Final = 1.0
TILT_AFTER_S: Final = 2.0
STAYS_DOWN_M: Final = 2.0
"""A shock from which it climbs or falls on by more was in the air: turbulence, a catapult."""
BEYOND_ROTORS_M_S2: Final = 60.0
"""Six g. In a log that ends soon after it, nobody knows how high the ground was."""
LAUNCH_S: Final = 3.0
"""Catapults and arms are done with a plane within it."""
NEAR_GROUND_M: Final = 3.0
"""A barometer's error after a shock, and a slope."""
SCALE_FORCE: Final = 30.0
SCALE_TILT: Final = 60.0
SCALE_SINK: Final = 4.5


@dataclass(frozen=True, slots=True)
class Contact:
    """One ground contact; None where not measured."""

    cell: int
    boot_us: int
    force_m_s2: float | None
    sink_m_s: float | None
    tilt_deg: float | None
    ground_m: float
    takeoff: int
    """The cell at which it had left the ground before."""


def hardest(tracks: Tracks, motion: Motion, stays: list[Stay]) -> Contact | None:
    """The contact with the greatest score, the first of equals; None without any."""
    found = [
        _contact(tracks, motion, cell, stay) for stay in stays for cell in _cells(motion, stay)
    ]
    return max(found, key=_score, default=None)


def _cells(motion: Motion, stay: Stay) -> list[int]:
    """Where this stay touched something: its shocks, and the end."""
    last = min(motion.grid.count - 1, stay.contact + cells(2.0))
    force = np.nan_to_num(motion.force_top[stay.takeoff : last + 1])
    places = [stay.takeoff + first for first, _ in runs(force >= SHOCK_M_S2, cells(1.0))]
    places = [cell for cell in places if _stays_down(motion, cell, stay)]
    end = stay.contact if stay.ended else _touched(motion, stay)
    if end is not None and end not in places:
        places.append(end)
    return places


def _touched(motion: Motion, stay: Stay) -> int | None:
    """Where a log that ends at the ground's height, still moving, last came down to it."""
    height = motion.height_m[stay.takeoff : stay.contact + 1] - stay.ground_m
    high = np.flatnonzero(height > TOUCHING_M)
    if not len(high) or high[-1] == len(height) - 1 or not np.isfinite(height[-1]):
        return None
    return stay.takeoff + int(high[-1]) + 1


def _stays_down(motion: Motion, cell: int, stay: Stay) -> bool:
    """True near the ground, with no climb or fall after it; heights unknown count as near.

    A barometer reads low in fast air, so the height after the shock is held against itself.
    """
    here = motion.height_m[cell : cell + cells(0.5)]
    later = motion.height_m[cell + cells(1.0) : cell + cells(3.0)]
    here, later = here[np.isfinite(here)], later[np.isfinite(later)]
    if not len(here):
        return True
    if not stay.ended and motion.force_top[cell] >= BEYOND_ROTORS_M_S2 and not motion.wings[cell]:
        return not len(later) or bool(later.max() - later.min() <= STAYS_DOWN_M)
    launched = motion.wings[cell] and cell - stay.takeoff < cells(LAUNCH_S)
    if here.min() - stay.ground_m > NEAR_GROUND_M or (launched and not stay.ended):
        return False
    return not len(later) or bool(later.max() - later.min() <= STAYS_DOWN_M)


def _contact(tracks: Tracks, motion: Motion, cell: int, stay: Stay) -> Contact:
    boot_us, force = _shock_time(tracks, motion, cell)
    sink = _greatest(motion.sink_m_s[max(cell - cells(SINK_BEFORE_S), 0) : cell + 1])
    tilt = _greatest(
        motion.tilt_deg[max(cell - cells(TILT_BEFORE_S), 0) : cell + cells(TILT_AFTER_S) + 1]
    )
    return Contact(cell, boot_us, force, sink, tilt, stay.ground_m, stay.takeoff)


def _shock_time(tracks: Tracks, motion: Motion, cell: int) -> tuple[int, float | None]:
    """The first sample of the shock, and its peak within the following second."""
    start = motion.grid.time_us(cell)
    part = tracks.force_m_s2.between(start - 100_000, start + 1_000_000)
    if not len(part):
        return start, None
    peak = float(part.values.max())
    hard = np.flatnonzero(part.values >= max(FIRM_M_S2, peak / 2))
    return (int(part.boot_us[hard[0]]) if len(hard) else start), peak


def _greatest(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else None


def _score(contact: Contact) -> float:
    return (
        min((contact.force_m_s2 or 0.0) / SCALE_FORCE, 3.0)
        + min((contact.tilt_deg or 0.0) / SCALE_TILT, 2.0)
        + min(max(contact.sink_m_s or 0.0, 0.0) / SCALE_SINK, 3.0)
    )
