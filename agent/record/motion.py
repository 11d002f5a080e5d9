"""Height, sink speed and shocks of one flight on the grid, from whichever sources can be trusted.

Estimators diverge in crashes and barometers fail: a source that moves while the drone lies still
with its motors off is not believed for that flight.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from windsock.agent.record.flights import IDLE_THROTTLE, Armed
from windsock.agent.record.grid import Grid, cells, runs, smoothed, windowed
from windsock.agent.record.quantiles import median
from windsock.agent.record.tracks import Floats, Mask, Tracks

CALM_M_S2: Final = 3.0
"""Range of specific force within a second while at rest, idling motors included."""
STILL_M_S2: Final = 1.0
"""The same with nothing running: an accelerometer's own noise and a breeze."""
LYING_M_S: Final = 0.7
"""Height drift that still counts as lying: barometers drift in wind and propeller wash."""
PARKED_M_S: Final = 2.0
"""GPS speed of a drone that lies still."""
LYING_TILT_DEG: Final = 60.0
"""No hovering craft holds its height beyond it: thrust would have to double."""
FLYING_M: Final = 3.0
"""So high above its lowest, a drone of unknown throttle is taken to hover, not to stand."""
STEADY_DEG: Final = 5.0
"""Where no force was logged, a drone at rest is one that doesn't turn."""
REST_S: Final = 2.0
DRIFT_M_S: Final = 3.0
DRIFT_SHARE: Final = 0.2
SAMPLE_S: Final = 1.0
SAMPLE_US: Final = 1_000_000
_MEDIAN_OF: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """One flight on the grid: each (count,), NaN where not measured."""

    flight: Armed
    grid: Grid
    height_m: Floats
    """Above the place of arming, mean of 0.5 s."""
    sink_m_s: Floats
    force_top: Floats
    force_low: Floats
    tilt_deg: Floats
    throttle: Floats
    """NaN where none was logged for a second."""
    landed: Floats
    wings: Mask
    resting: Mask
    throttle_known: bool
    speed_m_s: Floats
    """Over ground, by GPS."""


def motion(tracks: Tracks, flight: Armed) -> Motion:
    """The motion of a flight, from arming to the next flight or the end of the log."""
    grid = Grid.over(flight.armed_us, flight.until_us)
    throttle = grid.hold(tracks.throttle, fresh_us=SAMPLE_US)
    top, low = grid.top(tracks.force_m_s2), grid.low(tracks.force_m_s2)
    idle = ~(throttle > IDLE_THROTTLE)
    shaking = _range(grid.mean(tracks.force_m_s2))
    still = idle & (shaking <= STILL_M_S2) & bool(len(tracks.throttle))
    baro, estimate, gps = _believed(
        smoothed(grid.line(tracks.baro_m), cells(0.5)),
        smoothed(grid.line(tracks.estimate_m), cells(0.5)),
        smoothed(grid.line(tracks.gps_m), cells(0.5)),
        still,
    )
    height = _above_start(next((one for one in (baro, estimate, gps) if _known(one)), baro))
    climbs = [_rate(baro)]
    if _known(estimate):
        climbs.append(grid.line(tracks.estimate_climb_m_s))
    climbs.append(grid.line(tracks.gps_climb_m_s))
    sink = -_agreed(climbs)
    tilt = grid.top(tracks.tilt_deg)
    wings = grid.hold(tracks.fixed_wing, 0.0) > 0
    speed = grid.line(tracks.ground_speed_m_s)
    moving = (np.abs(_rate(height)) > LYING_M_S) & ~(np.abs(sink) <= LYING_M_S)
    lying = (
        (np.nan_to_num(shaking) <= CALM_M_S2)
        & ~moving
        & ~(speed > PARKED_M_S)
        & (idle | ((_filled(tilt) > LYING_TILT_DEG) & ~wings))
    )
    if not len(tracks.throttle):
        lying &= ~(height - _lowest(height) > FLYING_M)
    if not len(tracks.force_m_s2):
        lying &= ~(_range(tilt) > STEADY_DEG)
    return Motion(
        flight,
        grid,
        height,
        sink,
        top,
        low,
        tilt,
        throttle,
        grid.hold(tracks.landed),
        wings,
        _lasting(lying, cells(REST_S)),
        bool(len(tracks.throttle)),
        speed,
    )


def _range(values: Floats) -> Floats:
    """Range within a second of the values of 0.1 s."""
    half = cells(SAMPLE_S / 2)
    return windowed(values, half, half, np.fmax) - windowed(values, half, half, np.fmin)


def _lowest(height: Floats) -> float:
    return float(np.nanmin(height)) if _known(height) else 0.0


def _known(values: Floats) -> bool:
    return bool(np.isfinite(values).any())


def _rate(height: Floats) -> Floats:
    """Metres per second, over 0.6 s around each cell, over less at the ends."""
    half, last = cells(0.3), len(height) - 1
    places = np.arange(len(height))
    before, after = np.maximum(places - half, 0), np.minimum(places + half, last)
    return np.asarray((height[after] - height[before]) / (np.maximum(after - before, 1) * 0.1))


def _believed(
    baro: Floats, estimate: Floats, gps: Floats, still: Mask
) -> tuple[Floats, Floats, Floats]:
    """Each height, or all NaN if it moves while the drone lies still and no witness moves with it.

    Barometer and GPS err apart. Under a parachute, in a glide or at the end of a long fall motors
    idle and the force is steady, too. The estimator follows either of them.
    """
    nothing = np.full_like(baro, np.nan)
    kept_baro = baro if _sound(baro, still, gps) else nothing
    kept_gps = gps if _sound(gps, still, baro) else nothing
    sound = _sound(estimate, still, kept_baro) or _sound(estimate, still, kept_gps)
    return kept_baro, estimate if sound else nothing, kept_gps


def _sound(height: Floats, still: Mask, witness: Floats) -> bool:
    """False where it moves in a fifth of the still time and more, and its witness does not."""
    rate, beside = _rate(height), _rate(witness)
    judged = still & np.isfinite(rate)
    if judged.sum() < cells(1.0):
        return True
    alone = (np.abs(rate) > DRIFT_M_S) & ~(beside * np.sign(rate) > DRIFT_M_S / 2)
    return bool(np.mean(alone[judged]) <= DRIFT_SHARE)


def _above_start(height: Floats) -> Floats:
    known = np.flatnonzero(np.isfinite(height[: cells(5.0)]))
    if not len(known):
        return np.full_like(height, np.nan) if not _known(height) else height - _first(height)
    return height - median(height[known[: cells(1.0)]])


def _first(height: Floats) -> float:
    return float(height[np.flatnonzero(np.isfinite(height))[0]])


def _agreed(climbs: list[Floats]) -> Floats:
    """Of three sources the median; of fewer the one of smaller magnitude."""
    stacked = np.stack(climbs)
    known = np.isfinite(stacked)
    least = np.abs(np.where(known, stacked, np.inf)).argmin(axis=0)
    smallest = np.take_along_axis(stacked, least[None], axis=0)[0]
    middle = np.sort(stacked, axis=0)[1]
    return np.asarray(np.where(known.sum(axis=0) == _MEDIAN_OF, middle, smallest))


def _filled(values: Floats) -> Floats:
    """Gaps of up to a second filled with the greatest neighbour."""
    filled = windowed(values, cells(0.5), cells(0.5), np.fmax)
    return np.where(np.isfinite(values), values, filled)


def _lasting(mask: Mask, width: int) -> Mask:
    """Only runs of at least `width` cells."""
    kept = np.zeros_like(mask)
    for first, last in runs(mask):
        if last - first + 1 >= width:
            kept[first : last + 1] = True
    return kept
