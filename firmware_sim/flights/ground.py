"""Pieces on the ground, on a bench or in somebody's hands."""

from typing import Final, Literal

import numpy as np

from windsock.firmware_sim.flights import rotation
from windsock.firmware_sim.flights.course import Course, Piece
from windsock.firmware_sim.flights.curves import eased, tapered, wandering
from windsock.firmware_sim.flights.rotation import DOWN, FRONT, Floats
from windsock.firmware_sim.flights.trajectory import STEP_S, Mode, What

_BARE: Final = 0.3
"""Vibration of motors without propellers, as a share of that with them."""
_STEP_HZ: Final = 1.9
"""Of somebody walking."""


def rest(seconds: float) -> Piece:
    """Stand or lie still, motors off or idling."""
    return lie(seconds, throttle=0.0)


def lie(seconds: float, *, throttle: float, striking_m_s2: float = 0.0) -> Piece:
    """Lie still with motors that still turn, and may strike the ground."""

    def piece(course: Course) -> None:
        rows = len(course.times(seconds))
        still = np.repeat(course.attitude[None], rows, axis=0)
        course.add(np.zeros((rows, 3)), still, throttle, touching=striking_m_s2)

    return piece


def arm(mode: Mode = "manual") -> Piece:
    """Arm in a mode."""

    def piece(course: Course) -> None:
        course.armed, course.mode = True, mode
        course.mark("armed")

    return piece


def disarm(by: Literal["landing", "the pilot", "the crash check"] = "landing") -> Piece:
    """Disarm: the motors stop, wherever it is."""
    marks: dict[str, What] = {
        "landing": "disarmed by landing",
        "the pilot": "disarmed by the pilot",
        "the crash check": "disarmed by the crash check",
    }

    def piece(course: Course) -> None:
        course.armed, course.wild = False, False
        course.mark(marks[by])

    return piece


def switch(mode: Mode) -> Piece:
    """Change the mode."""

    def piece(course: Course) -> None:
        course.mode = mode

    return piece


def say(what: What, after_s: float = 0.0) -> Piece:
    """The autopilot notices something, now or a little later."""

    def piece(course: Course) -> None:
        course.mark(what, after_s)

    return piece


def cut_log(after_s: float = 0.0) -> Piece:
    """The logger loses its power or its card, now or within the next piece."""

    def piece(course: Course) -> None:
        course.cut_s = course.t_s + after_s

    return piece


def carry(
    seconds: float, *, height_m: float = 1.1, turned_deg: float = 60.0, shaken_m_s2: float = 0.0
) -> Piece:
    """Picked up, walked about with and put down again, on to another place.

    It is turned to and fro by about `turned_deg` (standard deviation), and shaken with a peak of
    `shaken_m_s2` on top of gravity.
    """

    def piece(course: Course) -> None:
        times = course.times(seconds)
        up = height_m * (eased(times, 1.2) - eased(times, 1.5, seconds - 1.5))
        held = tapered(times, 1.5)
        up += held * 0.02 * np.sin(2 * np.pi * _STEP_HZ * times)
        shake_hz = course.rng.uniform(3.0, 5.0)
        swing = shaken_m_s2 / (2 * np.pi * shake_hz) ** 2
        aside = swing * np.sin(2 * np.pi * shake_hz * times) * held**4
        ahead = 1.2 * seconds * eased(times, seconds) * 0.5
        heading = course.rng.uniform(-np.pi, np.pi)
        places = np.stack(
            (
                np.cos(heading) * ahead - np.sin(heading) * aside,
                np.sin(heading) * ahead + np.cos(heading) * aside,
                -up,
            ),
            axis=1,
        )
        velocity = np.diff(places, axis=0, prepend=np.zeros((1, 3))) / STEP_S
        turned = _turned(course, times, turned_deg)
        course.mistaken = bool(course.rng.integers(2))
        course.add(velocity, turned, 0.0, wanted=_level(course, len(times)), touching=0.0)
        course.velocity, course.mistaken = np.zeros(3), False

    return piece


def bench(
    seconds: float, *, throttle: float, turned_deg: float = 0.0, propellers: bool = False
) -> Piece:
    """Motors run without propellers, or with the frame tied down; turned by hand meanwhile."""

    def piece(course: Course) -> None:
        course.propellers = 1.0 if propellers else _BARE
        times = course.times(seconds)
        steps = 0.5 + 0.5 * np.sin(2 * np.pi * times / course.rng.uniform(4.0, 9.0)) ** 2
        course.add(
            np.zeros((len(times), 3)),
            _turned(course, times, turned_deg),
            throttle * steps * tapered(times, 1.0),
            wanted=_level(course, len(times)),
            touching=0.0,
        )
        course.propellers = 1.0

    return piece


def _turned(course: Course, times: Floats, degrees: float) -> Floats:
    roll, pitch = (
        np.radians(degrees) * wandering(course.rng, times, 0.4) * tapered(times, 1.5)
        for _ in range(2)
    )
    yaw = 0.8 * wandering(course.rng, times, 0.2)
    return rotation.multiply(
        rotation.multiply(course.attitude, rotation.about(DOWN, yaw)),
        rotation.multiply(rotation.about(FRONT, roll), rotation.from_euler(0.0, pitch, 0.0)),
    )


def _level(course: Course, rows: int) -> Floats:
    """What a self-levelling autopilot wants."""
    return np.repeat(rotation.from_euler(0.0, 0.0, course.yaw)[None], rows, axis=0)
