"""The moments around the strongest candidate event of a flight, as fine as they were logged.

A verdict can be looked at, and better rules can be tried, without the log. The candidate is chosen
by a smooth score from the flight's facts, so that no threshold hides an event; a flight without
any has its hardest touchdown. The score orders, it does not judge.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from windsock.agent.record.contact import SCALE_FORCE, SCALE_SINK, SCALE_TILT
from windsock.agent.record.flights import Armed
from windsock.agent.record.motion import Motion
from windsock.agent.record.quantiles import median
from windsock.agent.record.tilting import LOST_TILT_DEG
from windsock.agent.record.tracks import EMPTY, Floats, Times, Track, Tracks
from windsock.agent.record.utc import Clock
from windsock.protocol.messages import Window
from windsock.protocol.series import encode_columns, encode_samples
from windsock.protocol.signals import WINDOW, WINDOW_BY_NAME, WINDOW_INTERVAL_US

BEFORE_US: Final = 10_000_000
AFTER_US: Final = 5_000_000
FULL_US: Final = 2_000_000
"""Within it every sample is kept."""
FULL_LIMIT: Final = 4000
"""A signal's samples at 1 kHz; more of them would be bytes of something else."""
ROWS: Final = (BEFORE_US + AFTER_US) // WINDOW_INTERVAL_US
UNKNOWN_ERROR: Final = 3.0
"""In m or m/s: a source that ends early is as bad as one that is off by as much."""
LOST_TILT_S: Final = 0.3
"""PX4's FD_FAIL_R_TTRI."""
SCALE_REST_DEG: Final = 45.0
SCALE_AWAY_S: Final = 30.0
SCALE_AWAY_M: Final = 50.0

Facts = Mapping[str, float]


class Candidate(NamedTuple):
    """A moment that may be what happened; `score` in how often a crash's usual sign it is."""

    score: float
    boot_us: int


def window(
    tracks: Tracks, seen: Motion, facts: Facts, clock: Clock, keys: tuple[str, str]
) -> Window | None:
    """The window of one flight, None where nothing was sampled in it.

    `facts` are the flight's own, `keys` drone_uid and log_id.
    """
    flight = seen.flight
    event_us = candidate_us(tracks, flight, facts)
    sources = signals(tracks, seen, event_us)
    extremes = {name: _extremes(one, event_us - BEFORE_US) for name, one in sources.items()}
    sampled = np.flatnonzero(np.any([np.isfinite(low) for low, _ in extremes.values()], axis=0))
    if not len(sampled):
        return None
    kept = slice(int(sampled[0]), int(sampled[-1]) + 1)
    start_us = event_us - BEFORE_US + kept.start * WINDOW_INTERVAL_US
    return Window(
        drone_uid=keys[0],
        log_id=keys[1],
        armed_boot_us=flight.armed_us,
        event_boot_us=event_us,
        start_boot_us=start_us,
        start=clock.utc(start_us),
        interval_us=WINDOW_INTERVAL_US,
        rows=kept.stop - kept.start,
        low=_columns({name: low[kept] for name, (low, _) in extremes.items()}),
        high=_columns({name: high[kept] for name, (_, high) in extremes.items()}),
        full={
            name: encode_samples(near.boot_us - start_us, near.values, WINDOW_BY_NAME[name].scale)
            for name, one in sources.items()
            if len(near := _near(one, event_us))
        },
    )


def candidate_us(tracks: Tracks, flight: Armed, facts: Facts) -> int:
    """When the strongest candidate event with samples around it was; the first of equals."""
    seen = [one for one in _candidates(facts) if one.score > 0 and _sampled(tracks, one.boot_us)]
    if seen:
        return max(seen, key=lambda one: one.score).boot_us
    force = tracks.force_m_s2.between(flight.armed_us, flight.end_us)
    return int(force.boot_us[force.values.argmax()]) if len(force) else flight.end_us


def _sampled(tracks: Tracks, boot_us: int) -> bool:
    """Loggers stop at disarming, and crash checks fire later still."""
    sources = (tracks.force_m_s2, tracks.tilt_deg, tracks.baro_m)
    return any(len(one.between(boot_us - FULL_US, boot_us + FULL_US)) for one in sources)


def _candidates(facts: Facts) -> list[Candidate]:
    """What the facts date, the likelier cause first; each sign of a crash is worth about 1."""

    def part(name: str, scale: float, most: float) -> float:
        return min(max(facts.get(name, 0.0), 0.0) / scale, most)

    contact = (
        part("contact_force_m_s2", SCALE_FORCE, 3.0)
        + part("tilt_at_contact_deg", SCALE_TILT, 2.0)
        + part("sink_at_contact_m_s", SCALE_SINK, 3.0)
    )
    said = part("autopilot_crash", 1.0, 2.0)
    falling = part("end_sink_m_s", SCALE_SINK, 0.8)
    turned = abs(facts.get("rest_tilt_deg", 0.0) - facts.get("rest_tilt_before_deg", 0.0))
    scores = (
        ("contact_boot_s", contact + said),  # crash checks fire seconds after the contact
        ("disarm_boot_s", 2.5 * facts.get("disarm_in_air", 0.0)),
        ("return_away_boot_s", part("return_away_s", SCALE_AWAY_S, 1.0) * 2.0),
        ("failsafe_landing_boot_s", part("failsafe_landing_m", SCALE_AWAY_M, 1.5)),
        ("end_boot_s", facts.get("ends_in_air", 0.0) * (1.5 + falling)),
        ("tilt_over_60_boot_s", part("tilt_over_60_s", LOST_TILT_S, 2.4)),
        ("autopilot_crash_boot_s", said),
        ("rest_boot_s", min(turned / SCALE_REST_DEG, 1.5)),
        ("autopilot_failure_boot_s", facts.get("autopilot_failure", 0.0)),
        ("peak_force_boot_s", part("peak_force_m_s2", SCALE_FORCE, 3.0) / 2),
        ("tilt_max_boot_s", part("tilt_max_deg", LOST_TILT_DEG, 2.0) / 4),
    )
    return [Candidate(score, round(facts[time] * 1e6)) for time, score in scores if time in facts]


def signals(tracks: Tracks, seen: Motion, event_us: int) -> dict[str, Track]:
    """The window's signals within it, by name and in their units."""
    climbs = (tracks.estimate_climb_m_s, tracks.gps_climb_m_s)
    sources = {
        "force_m_s2": tracks.force_m_s2,
        "tilt_deg": tracks.tilt_deg,
        "height_m": _height(tracks, seen, event_us),
        "climb_m_s": _closest(climbs, seen, -seen.sink_m_s, event_us)[0],
        "roll_deg": tracks.roll_deg,
        "pitch_deg": tracks.pitch_deg,
        "throttle_pct": tracks.throttle.scaled(100.0),
        "voltage_v": tracks.voltage_v,
    }
    start, end = event_us - BEFORE_US, event_us + AFTER_US - 1
    return {one.name: sources[one.name].between(start, end) for one in WINDOW}


def _height(tracks: Tracks, seen: Motion, event_us: int) -> Track:
    """The height that the facts were measured from, with their zero."""
    heights = (tracks.baro_m, tracks.estimate_m, tracks.gps_m)
    best, above_m = _closest(heights, seen, seen.height_m, event_us)
    return Track(best.boot_us, best.values - above_m)


def _closest(
    tracks: tuple[Track, ...], seen: Motion, wanted: Floats, event_us: int
) -> tuple[Track, float]:
    """Of the tracks the one most parallel to `wanted` in the window, and how far above it is.

    Estimators diverge in crashes and barometers fail; `motion` knows which one to believe.
    """
    grid = seen.grid
    part = slice(grid.cell(event_us - BEFORE_US), grid.cell(event_us + AFTER_US) + 1)
    found: list[tuple[float, int, Track, float]] = []
    for track in tracks:
        apart = grid.line(track)[part] - wanted[part]
        known = np.isfinite(apart)
        if known.any():
            above = median(apart[known])
            error = np.where(known, np.abs(apart - above), UNKNOWN_ERROR)
            found.append((float(error.mean()), len(found), track, above))
    return min(found)[2:] if found else (EMPTY, 0.0)


def _extremes(track: Track, start_us: int) -> tuple[Floats, Floats]:
    """Minima and maxima (ROWS,) of each interval, NaN where nothing was sampled."""
    rows = (track.boot_us - start_us) // WINDOW_INTERVAL_US
    low, high = np.full(ROWS, np.nan), np.full(ROWS, np.nan)
    if len(rows):
        firsts = np.flatnonzero(np.diff(rows, prepend=-1))
        low[rows[firsts]] = np.minimum.reduceat(track.values, firsts)
        high[rows[firsts]] = np.maximum.reduceat(track.values, firsts)
    return low, high


def _near(track: Track, event_us: int) -> Track:
    """Every sample within 2 s."""
    part = track.between(event_us - FULL_US, event_us + FULL_US)
    if len(part) <= FULL_LIMIT:
        return part
    first = _first_of_most(part.boot_us, event_us)
    chosen = slice(first, first + FULL_LIMIT)
    return Track(part.boot_us[chosen], part.values[chosen])


def _first_of_most(times: Times, event_us: int) -> int:
    """Where `FULL_LIMIT` samples around the event begin."""
    middle = int(np.searchsorted(times, event_us))
    return min(max(middle - FULL_LIMIT // 2, 0), len(times) - FULL_LIMIT)


def _columns(table: dict[str, Floats]) -> dict[str, bytes]:
    return encode_columns(table, WINDOW_BY_NAME)
