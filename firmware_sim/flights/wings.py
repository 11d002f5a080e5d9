"""Pieces flown on wings, and between rotors and wings."""

from typing import Final, Literal

import numpy as np

from windsock.firmware_sim.flights import rotation
from windsock.firmware_sim.flights.contact import Blow, Pose, strike
from windsock.firmware_sim.flights.course import Course, Piece
from windsock.firmware_sim.flights.curves import eased, pulse, wandering
from windsock.firmware_sim.flights.hovering import gusts
from windsock.firmware_sim.flights.rotation import FRONT, LEVEL, RIGHT, Floats
from windsock.firmware_sim.flights.trajectory import GRAVITY, STEP_S

LYING: Final = rotation.about(RIGHT, -np.pi / 2)
"""From a tailsitter's axes in hover to those of the plane that it is on its wings."""
_ATTACK_DEG: Final = 4.0
_TREMBLE_RAD: Final = 0.015
_TURBULENCE_M_S: Final = 0.35
_BELLY: Final = Blow(0.05, grip=0.4)


def rail(seconds: float, *, pitch_deg: float = 12.0) -> Piece:
    """Wait on a catapult's rail, or in the hand that will throw it."""

    def piece(course: Course) -> None:
        times = course.times(seconds)
        attitude = rotation.from_euler(0.0, np.radians(pitch_deg), course.yaw)
        course.add(
            np.zeros((len(times), 3)),
            np.repeat(attitude[None], len(times), axis=0),
            0.0,
            touching=0.0,
        )

    return piece


def launch(
    speed_m_s: float, *, seconds: float, throttle: float = 0.9, swing_deg: float = 0.0
) -> Piece:
    """Accelerated to a speed within so long, by a catapult or an arm, motors off till the end."""

    def piece(course: Course) -> None:
        times = course.times(seconds)
        nose = rotation.to_world(course.attitude, FRONT)
        swing = np.radians(swing_deg) * np.sin(np.pi * times / seconds)
        attitude = rotation.multiply(course.attitude, rotation.about(RIGHT, swing))
        course.add(np.outer(pulse(times, seconds), speed_m_s * nose), attitude, 0.0, touching=0.0)
        course.mark("launch detected")
        course.add(course.velocity[None], attitude[-1:], throttle)

    return piece


def wing(
    speed_m_s: float,
    seconds: float,
    *,
    climb_m_s: float = 0.0,
    turn_deg_s: float = 0.0,
    throttle: float | None = None,
) -> Piece:
    """Fly on wings: come to a speed, a climb rate and a rate of turn, and keep them."""

    def piece(course: Course) -> None:
        times = course.times(seconds)
        ease_s = min(3.0, seconds / 2)
        share = eased(times, ease_s)
        rate = np.radians(turn_deg_s) * (share - eased(times, ease_s, seconds - ease_s))
        start = float(np.linalg.norm(course.velocity))
        speed = start + (speed_m_s - start) * share
        rise = -course.velocity[2] + (climb_m_s + course.velocity[2]) * share
        heading = _heading(course) + np.cumsum(rate) * STEP_S
        flat = np.sqrt(np.maximum(speed**2 - rise**2, 1.0))
        velocity = np.stack((flat * np.cos(heading), flat * np.sin(heading), -rise), axis=1)
        velocity += gusts(course, times, _TURBULENCE_M_S)
        bank = np.arctan(speed * rate / GRAVITY)
        effort = course.craft.hover_throttle * (1.0 + climb_m_s / 4.0)
        on_path(
            course, velocity, bank, np.clip(effort, 0.0, 1.0) if throttle is None else throttle
        )

    return piece


def _heading(course: Course) -> float:
    """Where it flies to."""
    return float(np.arctan2(course.velocity[1], course.velocity[0]))


def on_path(course: Course, velocity: Floats, bank: Floats, throttle: float) -> None:
    """Add velocities (n, 3) flown on wings, with a bank in radians (n,)."""
    times = course.times(len(velocity) * STEP_S)
    wanted = _winged(course, velocity, bank)
    joined = rotation.between(course.attitude, wanted, eased(times, 0.6))
    tremble = [_TREMBLE_RAD * wandering(course.rng, times, 2.0) for _ in range(2)]
    shaken = rotation.multiply(joined, rotation.from_euler(tremble[0], tremble[1], 0.0))
    course.add(velocity, shaken, throttle, wanted=wanted)


def _winged(course: Course, velocity: Floats, bank: Floats) -> Floats:
    """Attitudes (n, 4) of a craft that flies where its nose points, less the angle of attack."""
    flat = np.hypot(velocity[:, 0], velocity[:, 1])
    path = np.arctan2(-velocity[:, 2], flat)
    heading = np.arctan2(velocity[:, 1], velocity[:, 0])
    plane = rotation.from_euler(bank, path + np.radians(_ATTACK_DEG), heading)
    return rotation.multiply(plane, LYING if course.craft.kind == "tailsitter" else LEVEL)


def belly_landing(
    speed_m_s: float,
    sink_m_s: float,
    *,
    blow: Blow = _BELLY,
    wing_down_deg: float = 8.0,
) -> Piece:
    """Glide down, flare to a sink speed, slide on the belly and come to lie on a wing tip."""

    def piece(course: Course) -> None:
        glide_s = max((course.height_m - 3.0) / 1.8, 2.0)
        wing(speed_m_s * 1.1, glide_s, climb_m_s=-1.8, throttle=0.1)(course)
        _flare(course, speed_m_s, sink_m_s)
        side = np.radians(wing_down_deg) * course.rng.choice((-1.0, 1.0))
        yaw = course.yaw + course.rng.normal(0.0, 0.3)
        slide_s = speed_m_s / (blow.grip * GRAVITY)
        pose = Pose(rotation.from_euler(side, 0.02, yaw), slide_s + 0.5)
        strike(course, blow, pose, throttle=0.0)

    return piece


def _flare(course: Course, speed_m_s: float, sink_m_s: float) -> None:
    """From the glide to the ground."""
    ease_s = min(1.5, course.height_m / max(course.velocity[2], 0.5))
    sunk = (course.velocity[2] + sink_m_s) / 2 * ease_s
    times = course.times(ease_s + max((course.height_m - sunk) / sink_m_s, 0.0))
    share = eased(times, ease_s)[:, None]
    way = _heading(course)
    target = np.array([speed_m_s * np.cos(way), speed_m_s * np.sin(way), sink_m_s])
    velocity = course.velocity * (1.0 - share) + target * share
    on_path(course, velocity, np.zeros(len(times)), 0.0)
    course.on_ground()


def transition(to: Literal["wings", "rotors"], speed_m_s: float, seconds: float) -> Piece:
    """From hover to a speed on wings, or back to a standstill in hover, keeping its height."""

    def piece(course: Course) -> None:
        times = course.times(seconds)
        share = eased(times, seconds)
        moving = np.linalg.norm(course.velocity) > 1.0
        way = _heading(course) if moving else course.yaw
        target = speed_m_s * (to == "wings") * np.array([np.cos(way), np.sin(way), 0.0])
        velocity = np.outer(1.0 - share, course.velocity) + np.outer(share, target)
        goal = rotation.from_euler(0.0, 0.0, way)
        if to == "wings":
            goal = _winged(course, target[None], np.zeros(1))[0]
        lead = eased(times, 0.7 * seconds)
        attitude = rotation.between(course.attitude, goal, lead)
        course.in_transition = True
        course.add(velocity, attitude, course.craft.hover_throttle * 1.1)
        course.in_transition, course.on_wings = False, to == "wings"

    return piece
