"""Meeting the ground: springs, hops and friction."""

from typing import Final, NamedTuple

import numpy as np

from windsock.firmware_sim.flights import rotation
from windsock.firmware_sim.flights.course import Course
from windsock.firmware_sim.flights.curves import eased, pulse
from windsock.firmware_sim.flights.rotation import Floats
from windsock.firmware_sim.flights.trajectory import GRAVITY, STEP_S

_LEAST_HOP_M_S: Final = 0.25
_MOST_HOPS: Final = 3
_RINGING_S: Final = 0.08


class Blow(NamedTuple):
    """How the ground meets it.

    A spring stops the fall within `stop_s` along half a cosine, so the peak is pi / 2 times the
    mean deceleration; a share `bounce` of the speed comes back. Friction takes `grip` times the
    vertical impulse from the speed over ground. `scraping` is vibration in m/s² for each m/s.
    """

    stop_s: float
    bounce: float = 0.15
    grip: float = 0.6
    scraping: float = 0.6


class Pose(NamedTuple):
    """The attitude it comes to rest in, how long it takes to turn there, and to stay so."""

    attitude: Floats
    turn_s: float = 0.6
    still_s: float = 1.0


def strike(
    course: Course, blow: Blow, pose: Pose | None = None, *, throttle: float, fading_s: float = 0.0
) -> None:
    """Meet the ground with the speed it has, hop and slide until it lies still.

    The throttle fades to idle within `fading_s`, or stays as it is. Without a pose it comes to
    stand as the ground lies.
    """
    goal, turn_s, still_s = pose or Pose(flat(course))
    velocity, pressed = _slid(*_hops(course, blow), blow.grip, still_s)
    rows = len(velocity)
    times = course.times(rows * STEP_S)
    turning = rotation.between(course.attitude, goal, eased(times, turn_s))
    speed = np.linalg.norm(velocity[:, :2], axis=1)
    ringing = 4.0 * np.exp(-times / _RINGING_S) * min(1.0, abs(course.velocity[2]))
    faded = eased(times, fading_s, 0.1) if fading_s else np.zeros(rows)
    course.add(
        velocity,
        turning,
        throttle * (1.0 - faded),
        wanted=np.repeat(rotation.from_euler(0.0, 0.0, course.yaw)[None], rows, axis=0),
        touching=ringing + blow.scraping * speed * pressed,
    )
    course.velocity = np.zeros(3)


def flat(course: Course) -> Floats:
    """As the ground lies."""
    slope = np.radians(course.rng.normal(0.0, course.craft.slope_deg / 2, 2))
    return rotation.from_euler(slope[0], slope[1], course.yaw)


def _hops(course: Course, blow: Blow) -> tuple[Floats, Floats]:
    """Contacts and the hops between them: velocities (n, 3) and whether it is pressed down."""
    down, along = float(course.velocity[2]), course.velocity[:2].copy()
    parts, pressed = [], []
    for hop in range(_MOST_HOPS + 1):
        back = blow.bounce * down
        back = back if hop < _MOST_HOPS and back > _LEAST_HOP_M_S else 0.0
        share = pulse(course.times(blow.stop_s), blow.stop_s)
        kept = _kept(along, blow.grip * (down + back))
        parts.append(_rows(along, kept, down, -back, share))
        pressed.append(np.ones(len(share)))
        along = along * kept
        if not back:
            break
        flight = course.times(2 * back / GRAVITY)
        parts.append(_rows(along, 1.0, -back, back, flight / flight[-1]))
        pressed.append(np.zeros(len(flight)))
        down = back
    return np.concatenate(parts), np.concatenate(pressed)


def _kept(along: Floats, lost_m_s: float) -> float:
    """The share of a horizontal speed that friction leaves."""
    speed = float(np.linalg.norm(along))
    return max(0.0, 1.0 - lost_m_s / speed) if speed > 0 else 0.0


def _rows(along: Floats, kept: float, start: float, end: float, share: Floats) -> Floats:
    flat = along * (1.0 - (1.0 - kept) * share)[:, None]
    return np.concatenate((flat, (start + (end - start) * share)[:, None]), axis=1)


def _slid(velocity: Floats, pressed: Floats, grip: float, still_s: float) -> tuple[Floats, Floats]:
    """With the slide to a stop after it, and a moment of stillness."""
    along = velocity[-1, :2]
    speed = float(np.linalg.norm(along))
    slide_s = speed / (grip * GRAVITY)
    rows = max(1, round((slide_s + still_s) / STEP_S))
    times = np.arange(1, rows + 1) * STEP_S
    left = np.clip(1.0 - times / max(slide_s, 1e-9), 0.0, 1.0)
    tail = np.concatenate((along * left[:, None], np.zeros((rows, 1))), axis=1)
    return np.concatenate((velocity, tail)), np.concatenate((pressed, np.ones(rows)))
