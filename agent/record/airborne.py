"""When it was in the air, and how it came down: decided from motion, not from what it says.

Land detectors fire in the air and hand-held drones "take off"; so a flight has to leave the ground
by height under power, or be thrown about by its own motors.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from windsock.agent.record.flights import IDLE_THROTTLE
from windsock.agent.record.grid import cells, runs, windowed
from windsock.agent.record.motion import (
    CALM_M_S2,
    FLYING_M,
    LYING_M_S,
    LYING_TILT_DEG,
    PARKED_M_S,
    Motion,
)
from windsock.agent.record.quantiles import median
from windsock.agent.record.tracks import Floats, Mask

LIFTED_M: Final = 1.5
"""Above a barometer's drift and above arm's reach of a drone held while its motors turn."""
CARRIED_M: Final = 3.0
"""The same where nobody knows the throttle: beyond the reach of whoever carries it."""
LIFTED_S: Final = 1.0
LIFTED_WITHIN_S: Final = 20.0
"""A barometer that warms up drifts by as much, but over minutes."""
SUNK_M: Final = 3.0
"""So much lower within that time under power: it had been in the air all along."""
POWERED_BEFORE_S: Final = 3.0
SHOCK_M_S2: Final = 30.0
"""Three g: more than rotors do to a craft, so something was struck."""
FREE_FALL_M_S2: Final = 2.0
"""PX4's land detector calls less a free fall (MulticopterLandDetector.cpp)."""
OFF_GROUND_M: Final = 0.3
TOUCHING_M: Final = 1.0
"""Within a barometer's error of the height at rest."""
DOWN_S: Final = 2.0
FIRM_M_S2: Final = 20.0
SHOCK_S: Final = 1.0
"""Bounces within it are one contact, which began with the first of them."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One time in the air, in cells: take-off, contact, and whether the log shows it end."""

    takeoff: int
    contact: int
    ended: bool
    ground_m: float
    """Height at rest after it, of the take-off where it never ended; NaN if not measured."""


def stays(motion: Motion) -> list[Stay]:
    """Every time in the air between two rests."""
    found = []
    for first, last in runs(~motion.resting):
        takeoff = _takeoff(motion, first, last)
        if takeoff is not None:
            found.append(_landing(motion, takeoff, last))
    return found


def in_air(motion: Motion, found: list[Stay]) -> Mask:
    """Cells in the air, (count,)."""
    mask = np.zeros(motion.grid.count, bool)
    for stay in found:
        mask[stay.takeoff : stay.contact + 1] = True
    return mask


def _takeoff(motion: Motion, first: int, last: int) -> int | None:
    """The cell of leaving the ground between two rests, None for staying on it."""
    height = motion.height_m[first : last + 1]
    powered = _powered(motion)[first : last + 1]
    window = cells(LIFTED_WITHIN_S)
    lowest = windowed(height, window, 0, np.fmin)
    least = LIFTED_M if motion.throttle_known else CARRIED_M
    lifted = _first_run((height - lowest >= least) & powered)
    if lifted is not None:
        low = np.flatnonzero(height[:lifted] - lowest[lifted] <= OFF_GROUND_M)
        return first + (int(low[-1]) + 1 if len(low) else 0)
    sunk = windowed(height, window, 0, np.fmax) - height
    if _first_run((sunk >= SUNK_M) & powered) is not None:
        return first  # the log begins in the air
    return _thrown(motion, first, last)


def _first_run(mask: Mask) -> int | None:
    """Where the first run of at least `LIFTED_S` begins."""
    return next((start for start, end in runs(mask) if end - start + 1 >= cells(LIFTED_S)), None)


def _powered(motion: Motion) -> Mask:
    """Motors turned above idle within the last seconds, or nobody knows."""
    if not motion.throttle_known:
        return np.ones(motion.grid.count, bool)
    running = (motion.throttle > IDLE_THROTTLE).astype(np.float64)
    return windowed(running, cells(POWERED_BEFORE_S), 0, np.fmax) > 0


def _thrown(motion: Motion, first: int, last: int) -> int | None:
    """The start of the thrust that ended in a shock or free fall without gaining height."""
    if not motion.throttle_known or motion.wings[first]:
        return None
    flying = motion.throttle[first : last + 1] > IDLE_THROTTLE
    recent = windowed(flying.astype(np.float64), cells(1.0), 0, np.fmax) > 0
    struck = motion.force_top[first : last + 1] >= SHOCK_M_S2
    struck |= motion.force_low[first : last + 1] <= FREE_FALL_M_S2
    hits = np.flatnonzero(struck & recent & (motion.landed[first : last + 1] != 1.0))
    if not len(hits):
        return None
    thrusts = [run for run in runs(flying, cells(1.0)) if run[0] <= hits[0]]
    return first + thrusts[-1][0] if thrusts else None


def _landing(motion: Motion, takeoff: int, last: int) -> Stay:
    """How the stay that began at `takeoff` ends; `last` is the last cell before a rest."""
    rest = _ground_after(motion, last)
    if rest is None:
        return _unfinished(motion, takeoff, last)
    high = np.flatnonzero(motion.height_m[takeoff : last + 1] - rest >= TOUCHING_M)
    last_high = takeoff + (int(high[-1]) if len(high) else 0)
    contact = _shock(motion, max(takeoff, last_high - cells(1.0)), last)
    if contact is None:
        contact = _touch(motion, last_high, last, rest)
    return Stay(takeoff, contact, True, rest)


def _ground_after(motion: Motion, last: int) -> float | None:
    """Height at the rest that follows, None where none does; NaN where it was not measured."""
    at_rest = last + 1 < motion.grid.count
    if not at_rest and not _down_at_end(motion):
        return None
    start = last + 1 if at_rest else motion.grid.count - cells(0.5)
    return _median(motion.height_m[start : start + cells(1.0)])


def _unfinished(motion: Motion, takeoff: int, last: int) -> Stay:
    """In the air to the end, unless a shock put it down for good, motors running or not."""
    force = motion.force_top[takeoff : last + 1]
    for hit in takeoff + np.flatnonzero(force >= SHOCK_M_S2):
        later = motion.height_m[hit + cells(1.0) : last + 1]
        if len(later) >= cells(DOWN_S) and np.nanmax(later) - np.nanmin(later) <= TOUCHING_M:
            ground = _median(later)
            return Stay(takeoff, int(hit), True, ground)
    return Stay(takeoff, last, False, float(motion.height_m[takeoff]))


def _median(values: Floats) -> float:
    return median(values[np.isfinite(values)])


def _shock(motion: Motion, first: int, last: int) -> int | None:
    """Where the hardest shock begins, None without a firm one."""
    force = np.nan_to_num(motion.force_top[first : last + 1])
    if not len(force) or force.max() < FIRM_M_S2:
        return None
    peak = int(force.argmax())
    start = max(peak - cells(SHOCK_S), 0)
    hard = np.flatnonzero(force[start : peak + 1] >= max(FIRM_M_S2, force[peak] / 2))
    return first + start + int(hard[0])


def _touch(motion: Motion, first: int, last: int, ground: float) -> int:
    """The first cell at the height of the rest."""
    low = np.flatnonzero(motion.height_m[first : last + 1] - ground <= OFF_GROUND_M)
    return first + int(low[0]) if len(low) else last


def _high_at_end(motion: Motion) -> bool:
    """True where it ends well above the lowest that it has been."""
    known = motion.height_m[np.isfinite(motion.height_m)]
    return bool(len(known)) and bool(known[-1] - known.min() > FLYING_M)


def _down_at_end(motion: Motion) -> bool:
    """True where the last half second shows it lying: no thrust (or too tilted for it), calm.

    A glide is idle, calm and nearly level, too, but it moves; a hover is calm.
    """
    tail = slice(-cells(0.5), None)
    if motion.wings[-1] and not np.isfinite(motion.speed_m_s[tail]).any():
        return False
    if not motion.throttle_known and _high_at_end(motion):
        return False
    idle = not np.nanmax(np.append(motion.throttle[tail], 0.0)) >= IDLE_THROTTLE
    tilted = (
        np.nanmin(np.append(motion.tilt_deg[tail], 180.0)) > LYING_TILT_DEG
        and not motion.wings[-1]
    )
    top, low = motion.force_top[tail], motion.force_low[tail]
    calm = not np.nanmax(np.append(top, 0.0)) - np.nanmin(np.append(low, 99.0)) > CALM_M_S2
    falling = np.nanmax(np.append(np.abs(motion.sink_m_s[tail]), 0.0)) > 2 * LYING_M_S
    slowest = np.nanmin(np.append(motion.speed_m_s[tail], np.inf))
    moving = PARKED_M_S < slowest < np.inf  # infinite: not measured
    return bool((idle or tilted) and calm and not falling and not moving)
