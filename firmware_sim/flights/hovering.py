"""Pieces flown on rotors: the thrust that the motion needs says attitude and throttle."""

from typing import Final

import numpy as np

from windsock.firmware_sim.flights import rotation
from windsock.firmware_sim.flights.contact import Blow, Pose, flat, strike
from windsock.firmware_sim.flights.course import FALLING, Course, Piece
from windsock.firmware_sim.flights.curves import eased, wandering
from windsock.firmware_sim.flights.rotation import FRONT, RIGHT, Floats
from windsock.firmware_sim.flights.trajectory import GRAVITY, RATE_HZ, STEP_S

_LAG_ROWS: Final = RATE_HZ * 6 // 100
"""60 ms behind the set-point."""
_JOIN_S: Final = 0.3
_WOBBLE_RAD: Final = 0.01
_EASE_S: Final = 1.2
_LEAST_THROTTLE: Final = 0.04
_SLOW_BELOW_M: Final = 3.0
"""Autopilots slow down near the ground (MPC_LAND_ALT2, LAND_ALT_LOW: 5 and 10 m)."""


def thrust_for(course: Course, velocity: Floats) -> Floats:
    """The thrust in m/s² (world, (n, 3)) that causes these velocities against gravity and air."""
    joined = np.concatenate((course.velocity[None], velocity))
    pull = np.gradient(joined, STEP_S, axis=0)[1:]
    speed = np.linalg.norm(velocity, axis=1, keepdims=True)
    drag = GRAVITY * speed * velocity / course.craft.terminal_m_s**2
    return np.asarray(pull - FALLING + drag)


def throttle_for(course: Course, thrust: Floats) -> Floats:
    """The command for a thrust (n, 3), (n,)."""
    share = np.linalg.norm(thrust, axis=1) / GRAVITY
    return np.asarray(np.clip(course.craft.hover_throttle * share, _LEAST_THROTTLE, 1.0))


def moved(course: Course, velocity: Floats, yaw: Floats | None = None) -> None:
    """Add velocities (n, 3) that the rotors cause."""
    thrust = thrust_for(course, velocity)
    wanted = rotation.thrusting(thrust, course.yaw if yaw is None else yaw)
    course.add(velocity, followed(course, wanted), throttle_for(course, thrust), wanted=wanted)


def followed(course: Course, wanted: Floats) -> Floats:
    """The attitude that results from set-points (n, 4): a little late, and trembling."""
    late = np.concatenate((np.repeat(wanted[:1], _LAG_ROWS, axis=0), wanted))[: len(wanted)]
    times = course.times(len(wanted) * STEP_S)
    late = rotation.between(course.attitude, late, eased(times, _JOIN_S))
    tremble = [_WOBBLE_RAD * wandering(course.rng, times, 3.0) for _ in range(2)]
    return rotation.multiply(late, rotation.from_euler(tremble[0], tremble[1], 0.0))


def gusts(course: Course, times: Floats, speed_m_s: float) -> Floats:
    """How the air pushes it about: velocities (n, 3) that end at zero."""
    curves = [wandering(course.rng, times, 0.5) for _ in range(3)]
    return np.asarray(speed_m_s * np.stack(curves, axis=1) * np.array([1.0, 1.0, 0.5]))


def take_off(height_m: float, *, climb_m_s: float = 2.5, gust_m_s: float = 0.15) -> Piece:
    """Spool up and climb to a height above the place of arming."""

    def piece(course: Course) -> None:
        spool = course.times(0.9)
        still = np.repeat(course.attitude[None], len(spool), axis=0)
        lift = 0.95 * course.craft.hover_throttle
        level = rotation.from_euler(0.0, 0.0, course.yaw)
        course.add(
            np.zeros((len(spool), 3)),
            still,
            lift * eased(spool, 0.9),
            wanted=np.repeat(level[None], len(spool), axis=0),
            touching=0.0,
        )
        _climb(course, height_m - course.height_m, climb_m_s, gust_m_s)

    return piece


def climb(height_m: float, *, speed_m_s: float = 2.0, gust_m_s: float = 0.15) -> Piece:
    """Climb or descend to a height, keeping no speed over ground."""

    def piece(course: Course) -> None:
        _climb(course, height_m - course.height_m, speed_m_s, gust_m_s)

    return piece


def _climb(course: Course, up_m: float, speed_m_s: float, gust_m_s: float) -> None:
    speed = min(speed_m_s, abs(up_m) / _EASE_S)
    even_s = abs(up_m) / max(speed, 1e-6) - _EASE_S
    times = course.times(even_s + 2 * _EASE_S)
    rate = speed * (eased(times, _EASE_S) - eased(times, _EASE_S, even_s + _EASE_S))
    velocity = gusts(course, times, gust_m_s)
    velocity += course.velocity * (1.0 - eased(times, 2.0))[:, None]
    velocity[:, 2] -= np.sign(up_m) * rate
    moved(course, velocity)


def hover(seconds: float, *, gust_m_s: float = 0.15) -> Piece:
    """Hold the place, in some wind."""
    return cruise(0.0, seconds, gust_m_s=gust_m_s)


def cruise(
    speed_m_s: float,
    seconds: float,
    *,
    heading_deg: float | None = None,
    climb_m_s: float = 0.0,
    gust_m_s: float = 0.15,
) -> Piece:
    """Come to a speed over ground and keep it; by default ahead."""

    def piece(course: Course) -> None:
        times = course.times(seconds)
        way = course.yaw if heading_deg is None else np.radians(heading_deg)
        target = np.array([speed_m_s * np.cos(way), speed_m_s * np.sin(way), -climb_m_s])
        change_s = 1.0 + float(np.linalg.norm(target - course.velocity)) / 3.0
        share = eased(times, min(seconds, change_s))[:, None]
        velocity = course.velocity * (1.0 - share) + target * share
        moved(course, velocity + gusts(course, times, gust_m_s))

    return piece


def aggressive(seconds: float, *, tilt_deg: float = 45.0, fastest_hz: float = 0.3) -> Piece:
    """Thrown about by its pilot, who leans it over to that tilt at most (ANGLE_MAX)."""

    def piece(course: Course) -> None:
        times = course.times(seconds)
        wild = np.stack([wandering(course.rng, times, fastest_hz) for _ in range(3)], axis=1)
        wild *= np.array([1.0, 1.0, 0.2])
        pull = np.abs(np.gradient(wild[:, :2], STEP_S, axis=0)).max()
        wild *= GRAVITY * np.tan(np.radians(tilt_deg)) / (1.2 * pull)
        velocity = wild + course.velocity * (1.0 - eased(times, 3.0))[:, None]
        yaw = course.yaw + 0.8 * wandering(course.rng, times, 0.2)
        moved(course, velocity, yaw)

    return piece


def touch_down(
    sink_m_s: float,
    *,
    drift_m_s: float = 0.0,
    bounce: float = 0.15,
    hurried: bool = False,
    still_s: float = 1.0,
) -> Piece:
    """Land on the gear at this sink speed, motors to idle, and stand for so long.

    Hurried, it sinks so fast from where it is, else over the last metres.
    """

    def piece(course: Course) -> None:
        if course.height_m > _SLOW_BELOW_M and not hurried:
            _climb(course, _SLOW_BELOW_M - course.height_m, 1.5, 0.1)
        _sink(course, sink_m_s, drift_m_s)
        blow = Blow(course.craft.gear_s, bounce)
        pose = Pose(flat(course), still_s=still_s)
        strike(course, blow, pose, throttle=course.craft.hover_throttle * 0.8, fading_s=0.8)

    return piece


def _sink(course: Course, sink_m_s: float, drift_m_s: float) -> None:
    """Down to height 0."""
    way = course.rng.uniform(-np.pi, np.pi)
    target = np.array([drift_m_s * np.cos(way), drift_m_s * np.sin(way), sink_m_s])
    ease_s = min(1.5, 1.4 * course.height_m / max(sink_m_s, 0.1))
    even_s = (course.height_m - (course.velocity[2] + sink_m_s) / 2 * ease_s) / sink_m_s
    times = course.times(ease_s + max(even_s, 0.0))
    share = eased(times, ease_s)[:, None]
    moved(course, course.velocity * (1.0 - share) + target * share)
    course.on_ground()


def flip(*, seconds: float = 0.7, sideways: bool = True, backwards: bool = False) -> Piece:
    """A punch of thrust, a turn of 360 degrees with little of it, and a catch."""

    def piece(course: Course) -> None:
        times = course.times(seconds + 1.2)
        turn = 2 * np.pi * eased(times, seconds, 0.5) * (-1.0 if backwards else 1.0)
        axis = FRONT if sideways else RIGHT
        level = rotation.from_euler(0.0, 0.0, course.yaw)
        base = rotation.between(course.attitude, level, eased(times, _JOIN_S))
        attitude = rotation.multiply(base, rotation.about(axis, turn))
        flipping = eased(times, 0.15, 0.4) - eased(times, 0.15, seconds + 0.45)
        share = 1.7 - 1.5 * flipping
        thrown(course, attitude, share, wanted=attitude)

    return piece


def upset(tilt_deg: float, *, seconds: float = 0.6) -> Piece:
    """Turned over to a tilt against its autopilot's will, held there for a time, and recovered."""

    def piece(course: Course) -> None:
        times = course.times(seconds + 1.4)
        over = eased(times, 0.4) - eased(times, 0.6, 0.4 + seconds)
        way = course.rng.uniform(-np.pi, np.pi)
        axis = np.array([np.cos(way), np.sin(way), 0.0])
        level = rotation.from_euler(0.0, 0.0, course.yaw)
        wanted = np.repeat(level[None], len(times), axis=0)
        base = rotation.between(course.attitude, level, eased(times, _JOIN_S))
        attitude = rotation.multiply(base, rotation.about(axis, np.radians(tilt_deg) * over))
        thrown(course, attitude, 1.0 - 0.4 * over, wanted=wanted)

    return piece


def thrown(course: Course, attitude: Floats, share: Floats, *, wanted: Floats) -> None:
    """Add attitudes (n, 4) under a thrust of `share` (n,) times the weight; motion follows."""
    upwards = -GRAVITY * np.outer(share, rotation.DOWN)
    velocity = coasted(course, rotation.to_world(attitude, upwards))
    throttle = np.clip(course.craft.hover_throttle * share, _LEAST_THROTTLE, 1.0)
    course.add(velocity, attitude, throttle, wanted=wanted)


def coasted(course: Course, thrust: Floats) -> Floats:
    """Velocities (n, 3) under a thrust in m/s² (world, (n, 3)), gravity and air."""
    drag = GRAVITY / course.craft.terminal_m_s**2
    north, east, down = (float(one) for one in course.velocity)
    rows = []
    for push_north, push_east, push_down in thrust.tolist():
        brake = drag * (north * north + east * east + down * down) ** 0.5
        north += (push_north - brake * north) * STEP_S
        east += (push_east - brake * east) * STEP_S
        down += (push_down + GRAVITY - brake * down) * STEP_S
        rows.append((north, east, down))
    return np.array(rows)
