"""Facts of attitude while airborne: how far, how long, and how far from what was wanted."""

from typing import Final

import numpy as np

from windsock.agent.record.airborne import Stay, in_air
from windsock.agent.record.flights import IDLE_THROTTLE
from windsock.agent.record.grid import STEP_US, cells, windowed
from windsock.agent.record.ground import Facts
from windsock.agent.record.motion import Motion
from windsock.agent.record.tracks import Floats, Mask, Times, Track, Tracks, track

LOST_TILT_DEG: Final = 60.0
"""PX4's FD_FAIL_R and FD_FAIL_P."""
ERROR_DEG: Final = 30.0
"""ArduCopter's CRASH_CHECK_ANGLE_DEVIATION_DEG."""
LEAN_DEG: Final = 15.0
"""ArduCopter's CRASH_CHECK_ANGLE_MIN_DEG."""
GAP_US: Final = 1_000_000
AFTER_S: Final = 2.0
"""A craft that trips over its own landing does so within this time."""
FIGHTING_S: Final = 10.0
"""Motors that still run so long after contact want it upright: it hangs or lies askew."""


def tilt_facts(tracks: Tracks, motion: Motion, found: list[Stay]) -> Facts:
    """Greatest tilt and longest runs, from take-off to 2 s after contact."""
    flying = in_air(motion, found)
    near = windowed(flying.astype(np.float64), cells(AFTER_S), 0, np.fmax) > 0
    free = motion.grid.hold(tracks.aerobatic, 0.0) > 0
    free = windowed(free.astype(np.float64), cells(1.0), 0, np.fmax) > 0
    facts: Facts = {}
    tilt = _kept(tracks.tilt_deg, motion, near)
    if len(tilt):
        place = int(tilt.values.argmax())
        facts["tilt_max_deg"] = float(tilt.values[place])
        facts["tilt_max_boot_s"] = tilt.boot_us[place] / 1e6
        calm = _kept(tracks.tilt_deg, motion, near & ~free)
        facts |= _longest("tilt_over_60", calm, calm.values > LOST_TILT_DEG)
    return facts | _error_facts(tracks, motion, flying, free | motion.wings)


def _error_facts(tracks: Tracks, motion: Motion, flying: Mask, free: Mask) -> Facts:
    """Error against what was wanted; once down, all lean under power is error.

    Only what is held by something leans and stays where it is while its motors lift.
    """
    error = _kept(tracks.lean_error_deg, motion, flying & ~free)
    fighting = windowed(flying.astype(np.float64), cells(FIGHTING_S), 0, np.fmax) > 0
    fighting &= (motion.throttle > IDLE_THROTTLE) & ~flying & ~free
    held = _kept(tracks.tilt_deg, motion, fighting)
    both = track(
        np.concatenate((error.boot_us, held.boot_us)), np.concatenate((error.values, held.values))
    )
    lean = _values_at(tracks.tilt_deg, both.boot_us)
    wrong = (both.values > ERROR_DEG) & (lean > LEAN_DEG)
    if not len(error) and not wrong.any():
        return {}  # nobody knows what was wanted in the air
    return _longest("attitude_error", both, wrong)


def _kept(one: Track, motion: Motion, mask: Mask) -> Track:
    """The samples within cells of the mask."""
    grid = motion.grid
    part = one.between(grid.time_us(0), grid.time_us(grid.count) - 1)
    chosen = mask[(part.boot_us - grid.start_us) // STEP_US]
    return Track(part.boot_us[chosen], part.values[chosen])


def _values_at(one: Track, boot_us: Times) -> Floats:
    if not len(one):
        return np.zeros(len(boot_us))
    places = np.searchsorted(one.boot_us, boot_us, side="right") - 1
    return one.values[np.maximum(places, 0)]


def _longest(name: str, one: Track, mask: Mask) -> Facts:
    """Duration and start of the longest run of true samples, gaps of a second ending it."""
    times = one.boot_us
    if not len(times):
        return {f"{name}_s": 0.0}
    apart = np.diff(times, prepend=times[0]) > GAP_US
    edges = mask & (~np.concatenate(([False], mask[:-1])) | apart)
    starts = np.flatnonzero(edges)
    if not len(starts):
        return {f"{name}_s": 0.0}
    groups = np.cumsum(edges)[mask] - 1
    ends = np.zeros(len(starts), np.int64)
    np.maximum.at(ends, groups, np.flatnonzero(mask))
    lengths = times[ends] - times[starts]
    best = int(lengths.argmax())
    return {f"{name}_s": lengths[best] / 1e6, f"{name}_boot_s": times[starts[best]] / 1e6}
