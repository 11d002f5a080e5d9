"""Pieces of accidents: thrust lost, tumbling, impact, toppling over."""

from typing import Final, Literal

import numpy as np

from windsock.firmware_sim.flights import rotation
from windsock.firmware_sim.flights.contact import Blow, Pose, strike
from windsock.firmware_sim.flights.course import Course, Piece
from windsock.firmware_sim.flights.curves import eased, pulse, wandering
from windsock.firmware_sim.flights.hovering import coasted
from windsock.firmware_sim.flights.rotation import Floats
from windsock.firmware_sim.flights.trajectory import GRAVITY, STEP_S

_SPIN_UP_S: Final = 0.35
_SWAY_RAD: Final = 0.12
Lying = Literal["upright", "askew", "on its side", "upside down"]
_LYING_DEG: Final[dict[Lying, tuple[float, float]]] = {
    "upright": (0.0, 12.0),
    "askew": (34.0, 43.0),
    "on its side": (75.0, 110.0),
    "upside down": (160.0, 180.0),
}


def fall(
    *,
    thrust: float = 0.0,
    tumbling_deg_s: float = 0.0,
    floor_m: float = 0.0,
    fighting: bool = False,
) -> Piece:
    """Fall, to the ground or what covers it, with `thrust` times its weight left along its axis.

    It tumbles about an axis that lies mostly across, up to that rate, or sways and stays level.
    Its autopilot, if still armed, wants it level and gives more throttle, all of it if `fighting`.
    """

    def piece(course: Course) -> None:
        pull = GRAVITY * (1.0 - thrust)
        drop_m = course.height_m - floor_m
        free_s = float(np.sqrt(2.0 * drop_m / pull))
        times = course.times(2.0 + 2.0 * free_s + drop_m / course.craft.terminal_m_s)
        attitude = _tumbling(course, times, tumbling_deg_s)
        left = thrust + (1.0 - thrust) * (1.0 - eased(times, 0.15))
        upwards = np.outer(-GRAVITY * left, rotation.DOWN)
        velocity = coasted(course, rotation.to_world(attitude, upwards))
        rows = _rows_down(course, velocity, floor_m)
        level = rotation.from_euler(0.0, 0.0, course.yaw)
        more = 1.0 if fighting else 0.5
        fight = course.armed * (course.craft.hover_throttle + more * eased(times, 0.6))
        course.wild = bool(tumbling_deg_s) and course.armed
        course.add(
            velocity[:rows],
            attitude[:rows],
            np.clip(fight[:rows], 0.0, 1.0),
            wanted=np.repeat(level[None], rows, axis=0),
        )

    return piece


def _tumbling(course: Course, times: Floats, rate_deg_s: float) -> Floats:
    """Attitudes (n, 4) of a body that begins to spin, or sways."""
    if not rate_deg_s:
        sway = [_SWAY_RAD * wandering(course.rng, times, 1.0) for _ in range(2)]
        return rotation.multiply(course.attitude, rotation.from_euler(sway[0], sway[1], 0.0))
    way, lift = course.rng.uniform(-np.pi, np.pi), course.rng.uniform(-0.4, 0.4)
    axis = np.array([np.cos(way), np.sin(way), lift])
    spun_s = times - _SPIN_UP_S * (1.0 - np.exp(-times / _SPIN_UP_S))
    turn = np.radians(rate_deg_s) * spun_s
    return rotation.multiply(course.attitude, rotation.about(axis / np.linalg.norm(axis), turn))


def _rows_down(course: Course, velocity: Floats, floor_m: float) -> int:
    heights = course.height_m - floor_m - np.cumsum(velocity[:, 2]) * STEP_S
    under = np.flatnonzero(heights <= 0.0)
    return int(under[0]) + 1 if len(under) else len(velocity)


def parachute(sink_m_s: float) -> Piece:
    """Down to the ground under a parachute, swinging in some wind."""

    def piece(course: Course) -> None:
        times = course.times(course.height_m / sink_m_s + 2.0)
        share = eased(times, 1.0)[:, None]
        velocity = course.velocity * (1.0 - share) + np.array([2.0, 1.0, sink_m_s]) * share
        swing = rotation.from_euler(0.5 * np.sin(2.0 * times), 0.4 * np.cos(1.7 * times), 0.0)
        attitude = rotation.multiply(course.attitude, swing)
        rows = _rows_down(course, velocity, 0.0)
        course.add(velocity[:rows], attitude[:rows], 0.0)

    return piece


def collide(stop_s: float) -> Piece:
    """Fly into something that stops it within so long, and lets go of it."""

    def piece(course: Course) -> None:
        times = course.times(stop_s)
        left = 1.0 - 1.1 * pulse(times, stop_s)
        velocity = course.velocity * np.stack((left, left, np.ones_like(left)), axis=1)
        held = np.repeat(course.attitude[None], len(times), axis=0)
        course.add(velocity, held, course.craft.hover_throttle)

    return piece


def impact(
    lying: Lying = "on its side",
    *,
    stop_s: float | None = None,
    bounce: float = 0.2,
    running: float = 0.0,
) -> Piece:
    """Hit the ground with the speed it has, and come to lie; motors stay at `running`."""

    def piece(course: Course) -> None:
        low, high = _LYING_DEG[lying]
        way = course.rng.uniform(-np.pi, np.pi)
        axis = np.array([np.cos(way), np.sin(way), 0.0])
        over = rotation.about(axis, np.radians(course.rng.uniform(low, high)))
        blow = Blow(course.craft.shell_s if stop_s is None else stop_s, bounce)
        lain = rotation.multiply(rotation.from_euler(0.0, 0.0, course.yaw), over)
        strike(course, blow, Pose(lain, course.rng.uniform(0.4, 0.9)), throttle=running)

    return piece


def tip_over(tilt_deg: float = 88.0, *, throttle: float = 0.0, stop_s: float = 0.03) -> Piece:
    """Topple from standing: an inverted pendulum as high as the craft, and a knock at its end."""

    def piece(course: Course) -> None:
        reach = course.craft.height_m
        pace = np.sqrt(GRAVITY / (1.6 * reach + 0.1))
        goal = np.radians(tilt_deg)
        fall_s = float(np.arccosh(goal / np.radians(2.0)) / pace)
        times = course.times(fall_s)
        lean = np.minimum(np.radians(2.0) * (np.cosh(pace * times) - 1.0), goal)
        way = course.rng.uniform(-np.pi, np.pi)
        velocity = np.gradient(reach * np.stack((np.sin(lean), -np.cos(lean))), STEP_S, axis=1)
        flat = np.outer(velocity[0], np.array([np.cos(way), np.sin(way)]))
        swing = np.concatenate((flat, velocity[1][:, None]), axis=1)
        stop = swing[-1] * (1.0 - pulse(course.times(stop_s), stop_s))[:, None]
        lean = np.concatenate((lean, np.full(len(stop), lean[-1])))
        yaw = course.yaw
        axis = np.array([np.sin(way - yaw), -np.cos(way - yaw), 0.0])
        attitude = rotation.multiply(course.attitude, rotation.about(axis, lean))
        level = np.repeat(rotation.from_euler(0.0, 0.0, yaw)[None], len(lean), axis=0)
        moved = np.concatenate((swing, stop))
        course.add(moved, attitude, throttle, wanted=level, touching=0.0)
        course.velocity = np.zeros(3)

    return piece
