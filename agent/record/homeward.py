"""Facts of orders not followed: called back and gone away, landed by a failsafe far from the plan.

Distances are from the nearest place where it may land: where it took off, home, rally points, the
mission's landings. Nothing is measured without GPS fixes.
"""

from typing import Final

import numpy as np

from windsock.agent.record.airborne import Stay, in_air
from windsock.agent.record.grid import STEP_US, cells, runs
from windsock.agent.record.ground import Facts
from windsock.agent.record.motion import Motion
from windsock.agent.record.tracks import Floats, Mask, Tracks

DEGREE_M: Final = 111_195.0
"""One degree of a great circle, on a sphere of 6,371 km."""
FURTHER_S: Final = 5.0
FURTHER_M: Final = 5.0
"""1 m/s, several times what a fix wanders, and less than any wind that takes a drone with it."""
FIX_US: Final = 5_000_000
"""An older fix does not say where it landed."""


def homeward_facts(tracks: Tracks, motion: Motion, found: list[Stay]) -> Facts:
    """Time and distance of going away while called back; where a failsafe landed it."""
    if not found:
        return {}
    places = _places(tracks, motion, found[0])
    return _away(tracks, motion, found, places) | _forced_down(tracks, motion, found, places)


def _places(tracks: Tracks, motion: Motion, first: Stay) -> Floats:
    """(n, 2) degrees; with the fix at take-off."""
    takeoff_us = motion.grid.time_us(first.takeoff)
    lat, lon = (
        one.between(takeoff_us - FIX_US, takeoff_us + FIX_US)
        for one in (tracks.lat_deg, tracks.lon_deg)
    )
    started = [(lat.values[0], lon.values[0])] if len(lat) and len(lon) else []
    return np.array([*started, *tracks.orders.places], np.float64).reshape(-1, 2)


def distance_m(lat: Floats, lon: Floats, places: Floats) -> Floats:
    """Metres (n,) from each point (n,) in degrees to the nearest of (m, 2) places, flat-earth."""
    north = (lat[None] - places[:, :1]) * DEGREE_M
    east = (lon[None] - places[:, 1:]) * DEGREE_M * np.cos(np.radians(places[:, :1]))
    return np.asarray(np.hypot(north, east).min(axis=0))


def _away(tracks: Tracks, motion: Motion, found: list[Stay], places: Floats) -> Facts:
    """The longest run of cells that each are further away than five seconds before."""
    grid = motion.grid
    called = grid.hold(tracks.orders.returning, 0.0) > 0
    called &= in_air(motion, found)
    if not called.any() or not len(places):
        return {}
    away = distance_m(grid.line(tracks.lat_deg), grid.line(tracks.lon_deg), places)
    if not np.isfinite(away[called]).any():
        return {}
    first, last = _longest(_receding(away, called))
    if last < first:
        return {"return_away_s": 0.0}
    return {
        "return_away_s": (last - first) * STEP_US / 1e6,
        "return_away_boot_s": grid.time_us(first) / 1e6,
        "return_away_m": float(away[last] - away[first]),
    }


def _receding(away: Floats, called: Mask) -> Mask:
    """True where it has been called for five seconds, and got further away in them."""
    width = cells(FURTHER_S)
    receding = np.zeros_like(called)
    if len(called) > width:
        lasted = np.convolve(called, np.ones(width + 1), "valid") > width
        receding[width:] = lasted & (away[width:] - away[:-width] >= FURTHER_M)
    return receding


def _longest(receding: Mask) -> tuple[int, int]:
    """First and last cell of the longest run, the five seconds before it included."""
    found = runs(receding)
    if not found:
        return 0, -1
    first, last = max(found, key=lambda run: run[1] - run[0])
    return first - cells(FURTHER_S), last


def _forced_down(tracks: Tracks, motion: Motion, found: list[Stay], places: Floats) -> Facts:
    """The landing of a failsafe's own that ended furthest from any plan."""
    forced = motion.grid.hold(tracks.orders.forced_down, 0.0) > 0
    landings = [
        one
        for stay in found
        if stay.ended and forced[stay.contact] and (one := _landing(tracks, motion, stay, places))
    ]
    if not landings:
        return {}
    far_m, cell = max(landings)
    begun = [first for first, last in runs(forced) if first <= cell <= last]
    return {
        "failsafe_landing_m": far_m,
        "failsafe_landing_boot_s": motion.grid.time_us(begun[0]) / 1e6,
    }


def _landing(
    tracks: Tracks, motion: Motion, stay: Stay, places: Floats
) -> tuple[float, int] | None:
    """(distance, cell) of a landing, None without a fix near its time or a place to compare."""
    down_us = motion.grid.time_us(stay.contact)
    lat, lon = (
        one.between(down_us - FIX_US, down_us + FIX_US) for one in (tracks.lat_deg, tracks.lon_deg)
    )
    if not len(lat) or len(lat) != len(lon) or not len(places):
        return None
    return float(distance_m(lat.values[-1:], lon.values[-1:], places)[0]), stay.contact
