"""Facts of attitude while airborne: how far, how long, and how far from what was wanted."""

from typing import Final

import numpy as np

from windsock.agent.record.airborne import Stay, in_air
from windsock.agent.record.grid import STEP_US, cells, windowed
from windsock.agent.record.ground import Facts
from windsock.agent.record.motion import Motion
from windsock.agent.record.tracks import Floats, Mask, Times, Track, Tracks

LOST_TILT_DEG: Final = 60.0
"""PX4's FD_FAIL_R and FD_FAIL_P."""
ERROR_DEG: Final = 30.0
"""ArduCopter's CRASH_CHECK_ANGLE_DEVIATION_DEG."""
LEAN_DEG: Final = 15.0
"""ArduCopter's CRASH_CHECK_ANGLE_MIN_DEG."""
GAP_US: Final = 1_000_000
AFTER_S: Final = 2.0
"""A craft that trips over its own landing does so within this time."""


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
    error = _kept(tracks.lean_error_deg, motion, flying & ~free & ~motion.wings)
    if len(error):
        lean = _values_at(tracks.tilt_deg, error.boot_us)
        wrong = (error.values > ERROR_DEG) & (lean > LEAN_DEG)
        facts |= _longest("attitude_error", error, wrong)
    return facts


def _kept(track: Track, motion: Motion, mask: Mask) -> Track:
    """The samples within cells of the mask."""
    grid = motion.grid
    part = track.between(grid.time_us(0), grid.time_us(grid.count) - 1)
    chosen = mask[(part.boot_us - grid.start_us) // STEP_US]
    return Track(part.boot_us[chosen], part.values[chosen])


def _values_at(track: Track, boot_us: Times) -> Floats:
    if not len(track):
        return np.zeros(len(boot_us))
    places = np.searchsorted(track.boot_us, boot_us, side="right") - 1
    return track.values[np.maximum(places, 0)]


def _longest(name: str, track: Track, mask: Mask) -> Facts:
    """Duration and start of the longest run of true samples, gaps of a second ending it."""
    times = track.boot_us
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
