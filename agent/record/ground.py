"""Facts of the hardest ground contact: force, sink, tilt, the fall before, the rest after."""

from typing import Final

import numpy as np

from windsock.agent.record.airborne import TOUCHING_M, Stay, in_air
from windsock.agent.record.contact import TILT_AFTER_S, TILT_BEFORE_S, Contact
from windsock.agent.record.flights import IDLE_THROTTLE, Armed
from windsock.agent.record.grid import STEP_US, cells, runs
from windsock.agent.record.motion import LYING_TILT_DEG, Motion
from windsock.agent.record.quantiles import median
from windsock.agent.record.tracks import Floats, Tracks

Facts = dict[str, float | None]
FALL_M_S: Final = 5.0
"""No multicopter's autopilot commands it near the ground; free fall reaches it in 1.3 m."""
FALL_TO_CONTACT_S: Final = 2.0
SHORTLY_AFTER_S: Final = 2.0
REST_AFTER_S: Final = 10.0
"""Nobody reaches a crashed drone sooner."""
STANDING_DEG: Final = 15.0
"""The lean that ArduCopter's crash check bears with."""
_CARRIED_M_S2: Final = 5.0
"""Half of gravity: less is a fall."""
_CLIPS_US: Final = 1_000_000
"""PX4 logs its counters so often."""
_HELD_S: Final = 1.0
"""PX4's logger goes on for so long."""
_HELD_M_S: Final = 1.0
_SHORT_REST_S: Final = 0.5
_RESTING_M_S2: Final = 15.0
"""Half more than gravity: nothing strikes it any more."""


def contact_facts(
    tracks: Tracks, motion: Motion, found: list[Stay], contact: Contact | None
) -> Facts:
    """Everything about the contact, and the greatest force of all."""
    facts = _peak(tracks, motion, found) | _fall(motion, found, contact)
    wings_at = contact.cell if contact else motion.grid.count - 1
    facts["fixed_wing"] = float(motion.wings[wings_at])
    if contact is None:
        return facts
    before = motion.tilt_deg[max(contact.cell - cells(TILT_BEFORE_S), 0) : contact.cell]
    return facts | {
        "contact_boot_s": contact.boot_us / 1e6,
        "contact_force_m_s2": contact.force_m_s2,
        "sink_at_contact_m_s": contact.sink_m_s,
        "tilt_at_contact_deg": contact.tilt_deg,
        "tilt_before_contact_deg": float(np.nanmax(before)) if _any(before) else None,
        "stood_s": _stood(motion, contact),
        "contact_clips": _clips(tracks, contact.boot_us),
    }


def _clips(tracks: Tracks, contact_us: int) -> float | None:
    """Full-scale samples around the contact, beyond those in as much time before it.

    Counted at the sensor's own rate, where a shock of milliseconds can't hide between samples.
    """
    counts = []
    for counter in tracks.clips:
        edges = (contact_us + shift for shift in (-4 * _CLIPS_US, -_CLIPS_US, 2 * _CLIPS_US))
        before, start, end = (counter.at(edge) for edge in edges)
        if start is not None and end is not None:
            usual = start - before if before is not None else 0.0
            counts.append(max(end - start - max(usual, 0.0), 0.0))
    return max(counts, default=None)


def _any(values: Floats) -> bool:
    return bool(np.isfinite(values).any())


def _stood(motion: Motion, contact: Contact) -> float | None:
    """How long it stood upright, motors idle, between coming down and toppling.

    Its own weight must be felt, so that a fall with dead motors isn't taken for it.
    """
    if not motion.throttle_known:
        return None
    before, after = cells(TILT_BEFORE_S), cells(TILT_AFTER_S)
    start = max(contact.cell - before, 0)
    over = np.flatnonzero(motion.tilt_deg[start : contact.cell + after + 1] > LYING_TILT_DEG)
    end = start + int(over[0]) if len(over) else contact.cell
    high = np.flatnonzero(motion.height_m[:end] - contact.ground_m >= TOUCHING_M)
    down = slice(max(int(high[-1]) + 1 if len(high) else 0, contact.takeoff), end)
    stands = (
        (motion.throttle[down] <= IDLE_THROTTLE)
        & ~(motion.tilt_deg[down] > STANDING_DEG)
        & ~(motion.force_low[down] < _CARRIED_M_S2)
    )
    longest = max((last - first + 1 for first, last in runs(stands)), default=0)
    return longest * STEP_US / 1e6


def _peak(tracks: Tracks, motion: Motion, found: list[Stay]) -> Facts:
    """The greatest specific force in the air or up to 2 s after."""
    grid, best = motion.grid, (0.0, 0)
    for stay in found:
        start = grid.time_us(stay.takeoff)
        end = grid.time_us(stay.contact + cells(SHORTLY_AFTER_S) + 1)
        part = tracks.force_m_s2.between(start, end)
        if len(part):
            place = int(part.values.argmax())
            best = max(best, (float(part.values[place]), int(part.boot_us[place])))
    if not best[1]:
        return {}
    return {"peak_force_m_s2": best[0], "peak_force_boot_s": best[1] / 1e6}


def _fall(motion: Motion, found: list[Stay], contact: Contact | None) -> Facts:
    """The last fall before the contact, or before a log's end in the air."""
    if not found or not _any(motion.sink_m_s):
        return {}
    flying = in_air(motion, found)
    end = contact.cell if contact else motion.grid.count - 1
    falls = [
        run
        for run in runs((motion.sink_m_s >= FALL_M_S) & flying, cells(0.3))
        if run[0] <= end and run[1] >= end - cells(FALL_TO_CONTACT_S)
    ]
    if not falls:
        return {"fall_m": 0.0}
    first, last = falls[-1]
    heights = motion.height_m[first : min(last, end) + 1]
    lost = float(np.nanmax(heights) - np.nanmin(heights)) if _any(heights) else None
    return {"fall_m": lost, "fall_boot_s": motion.grid.time_us(first) / 1e6}


def rest_facts(motion: Motion, flight: Armed, found: list[Stay], contact: Contact | None) -> Facts:
    """Tilt at rest: usual before take-off, and after the hardest contact."""
    facts: Facts = {}
    if found:
        start = motion.tilt_deg[: max(found[0].takeoff, 1)][: cells(1.0)]
        facts["rest_tilt_before_deg"] = median(start) if _any(start) else None
    if contact is None:
        return facts
    until = _left_alone(motion, flight, found, contact.cell)
    place, length = _rest_after(motion, contact.cell, until)
    tilts = motion.tilt_deg[place : place + length]
    if length and _any(tilts):
        facts["rest_tilt_deg"] = median(tilts)
        facts["rest_boot_s"] = motion.grid.time_us(place) / 1e6
    return facts


def _left_alone(motion: Motion, flight: Armed, found: list[Stay], cell: int) -> int:
    """Until when it rests by itself: nobody picks up an armed craft, nor comes within 10 s."""
    until = cell + cells(REST_AFTER_S)
    if flight.disarmed_us is not None:
        until = max(until, motion.grid.cell(flight.disarmed_us))
    return min([until, *(stay.takeoff for stay in found if stay.takeoff > cell)])


def _rest_after(motion: Motion, cell: int, until: int) -> tuple[int, int]:
    """First cell and length of the rest in which it was left; length 0 for none.

    The last 2 s of the last rest that begins before `until`: it may topple after touching down,
    or after it has stood for long, and later somebody picks it up. Logs end soon after a landing:
    calm to the very end for half a second is a rest too.
    """
    found = [run for run in runs(motion.resting) if run[1] >= cell]
    begun = [run for run in found if run[0] <= until] or found[:1]
    tail = motion.grid.count - cells(_SHORT_REST_S)
    forces = motion.force_top[max(tail, cell) :]
    ended = cell < tail <= until + cells(SHORTLY_AFTER_S) and not motion.resting[-1]
    if ended and _any(forces) and np.nanmax(forces) < _RESTING_M_S2:
        return tail, cells(_SHORT_REST_S)
    if not begun:
        return cell, 0
    start = max(begun[-1][0], cell)
    end = max(min(begun[-1][1], until), start + cells(2.0))
    return max(end - cells(2.0), start), cells(2.0)


def end_facts(motion: Motion, flight: Armed, found: list[Stay]) -> Facts:
    """How the flight ended: in the air or not, and the state at disarming."""
    grid = motion.grid
    facts: Facts = {"end_boot_s": flight.until_us / 1e6}
    facts["end_height_m"] = _last(motion.height_m)
    sinks = motion.sink_m_s[-cells(0.5) :]
    facts["end_sink_m_s"] = float(np.nanmax(sinks)) if _any(sinks) else None
    facts["ends_in_air"] = float(bool(found) and not found[-1].ended)
    if flight.disarmed_us is None:
        return facts
    cell = grid.cell(flight.disarmed_us)
    facts["disarm_boot_s"] = flight.disarmed_us / 1e6
    facts["disarm_in_air"] = 0.0
    above = _height_above_ground(motion, found, cell)
    if above is not None:
        facts["disarm_height_m"] = above
        facts["disarm_in_air"] = float(above >= DISARM_HEIGHT_M and not _held(motion, cell))
    return facts


def _held(motion: Motion, cell: int) -> bool:
    """True where a hand or a roof carries it after the motors stopped, for a second at least.

    Without either it falls: it is weightless at first, and fast within the second.
    """
    after = slice(cell + 2, cell + cells(_HELD_S))
    light, sink = motion.force_low[after], motion.sink_m_s[after]
    if motion.wings[cell] or not _any(light) or not _any(sink):
        return False
    return bool(np.nanmin(light) >= _CARRIED_M_S2 and np.nanmax(np.abs(sink)) <= _HELD_M_S)


DISARM_HEIGHT_M: Final = 2.0
"""Twice a barometer's error: lower, a disarming may be a landing."""


def _height_above_ground(motion: Motion, found: list[Stay], cell: int) -> float | None:
    """Height at a cell in the air above the ground beneath that stay, None on the ground."""
    for stay in found:
        if stay.takeoff <= cell < stay.contact or (cell == stay.contact and not stay.ended):
            height = motion.height_m[cell] - stay.ground_m
            return float(height) if np.isfinite(height) else None
    return None


def _last(values: Floats) -> float | None:
    """The newest value of the last second."""
    known = values[-cells(1.0) :]
    known = known[np.isfinite(known)]
    return float(known[-1]) if len(known) else None
