"""Facts of wear, energy and of what the autopilot said, and of what there was to measure with."""

from typing import Final

import numpy as np

from windsock.agent.record.airborne import Stay, in_air
from windsock.agent.record.flights import Armed
from windsock.agent.record.grid import STEP_US, Grid
from windsock.agent.record.ground import Facts
from windsock.agent.record.motion import Motion
from windsock.agent.record.quantiles import quantile
from windsock.agent.record.tracks import Floats, Mask, Track, Tracks

_LEAST_MOTORS: Final = 3
"""Fewer have no mean to differ from: helicopters, planes."""
AFTERMATH_US: Final = 5_000_000
"""ArduCopter's crash check fires 2 s after impact. Later, somebody carries it home."""


def health_facts(tracks: Tracks, motion: Motion, flight: Armed, found: list[Stay]) -> Facts:
    """Battery, vibration, clips, estimator, motors."""
    start, end = flight.armed_us, flight.end_us
    facts: Facts = {}
    voltage = tracks.voltage_v.between(start, end)
    if len(voltage):
        facts["voltage_start_v"] = float(voltage.values[0])
        facts["voltage_min_v"] = float(voltage.values.min())
    used = tracks.used_mah.between(start, end)
    if len(used) and used.values.max() > 0:
        facts["used_mah"] = float(max(used.values[-1] - used.values[0], 0.0))
    throttle = tracks.throttle.between(start, end)
    if len(throttle):
        facts["throttle_max_pct"] = 100 * float(throttle.values.max())
    clips = [one.between(start, end) for one in tracks.clips]
    if any(len(one) for one in clips):
        facts["clips"] = float(sum(_rise(one) for one in clips))
    flying = in_air(motion, found)
    vibration = _kept(tracks.vibration_m_s2, motion.grid, flying)
    if len(vibration):
        facts["vibration_m_s2"] = quantile(vibration, 0.95)
    ratio = _kept(tracks.estimator_ratio, motion.grid, flying)
    if len(ratio):
        facts["estimator_ratio_max"] = float(ratio.max())
    facts["motor_asymmetry_pct"] = _asymmetry(tracks.motors, motion.grid, flying)
    return facts


def _kept(track: Track, grid: Grid, mask: Mask) -> Floats:
    part = track.between(grid.time_us(0), grid.time_us(grid.count) - 1)
    return part.values[mask[(part.boot_us - grid.start_us) // STEP_US]]


def _rise(counter: Track) -> float:
    return float(max(counter.values[-1] - counter.values[0], 0.0)) if len(counter) else 0.0


def _asymmetry(motors: tuple[Track, ...], grid: Grid, flying: Mask) -> float | None:
    """100 x the greatest |mean of one motor / mean of all - 1| in the air."""
    if len(motors) < _LEAST_MOTORS:
        return None
    kept = [_kept(motor, grid, flying) for motor in motors]
    if not all(len(one) for one in kept):
        return None
    means = np.array([one.mean() for one in kept])
    if means.mean() <= 0:
        return None
    return float(100 * np.abs(means / means.mean() - 1).max())


def said_facts(tracks: Tracks, motion: Motion, flight: Armed, found: list[Stay]) -> Facts:
    """Crash checks, failures and failsafes between arming and the aftermath of the flight."""
    start, end = flight.armed_us, min(flight.until_us, flight.end_us + AFTERMATH_US)
    crashes = [one for one in tracks.codes.crash if start <= one[0] < flight.until_us + 1]
    failures = [time for time in tracks.codes.failure if start <= time <= end]
    flying, grid = in_air(motion, found), motion.grid
    failsafes = [
        time for time in tracks.codes.failsafe if start <= time <= end and flying[grid.cell(time)]
    ]
    facts: Facts = {
        "autopilot_crash": float(max((code for _, code in crashes), default=0)),
        "autopilot_failure": float(bool(failures)),
        "failsafe": float(bool(failsafes)),
    }
    for name, times in (
        ("autopilot_crash", [time for time, _ in crashes]),
        ("autopilot_failure", failures),
        ("failsafe", failsafes),
    ):
        if times:
            facts[f"{name}_boot_s"] = min(times) / 1e6
    free = grid.hold(tracks.aerobatic, 0.0)[: grid.cell(flight.end_us) + 1]
    facts["aerobatic_s"] = float(free.sum()) / 10 if len(tracks.aerobatic) else None
    return facts


def rate_facts(tracks: Tracks, flight: Armed) -> Facts:
    """Samples per second of what a verdict needs; absent where there are none."""
    seconds = max((flight.end_us - flight.armed_us) / 1e6, 1.0)
    height = max((tracks.baro_m, tracks.estimate_m, tracks.gps_m), key=len)
    sources = (
        ("attitude_hz", tracks.roll_deg),
        ("force_hz", tracks.force_m_s2),
        ("height_hz", height),
    )
    counts = ((name, len(one.between(flight.armed_us, flight.end_us))) for name, one in sources)
    return {name: count / seconds if count else None for name, count in counts}
