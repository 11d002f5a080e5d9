"""Flights at the edge of what can be told: rare landings and launches, crashes that look mild.

Each takes a Generator and draws its craft, its pilot and its weather from it.
"""

import numpy as np

from windsock.firmware_sim.flights.course import Course, Piece, fly
from windsock.firmware_sim.flights.crafts import quadcopter
from windsock.firmware_sim.flights.curves import eased, pulse
from windsock.firmware_sim.flights.falling import collide, fall, impact, parachute
from windsock.firmware_sim.flights.ground import arm, carry, cut_log, disarm, lie, rest, switch
from windsock.firmware_sim.flights.hovering import (
    climb,
    coasted,
    cruise,
    flip,
    hover,
    take_off,
    touch_down,
)
from windsock.firmware_sim.flights.lookalikes import landed, started
from windsock.firmware_sim.flights.rotation import Floats
from windsock.firmware_sim.flights.trajectory import Trajectory

Generator = np.random.Generator


def sinks_at_full_thrust(rng: Generator) -> Trajectory:
    """Too little thrust is left: it sinks level, motors at full, and stands where it hits."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(10.0, 30.0)),
        fall(thrust=rng.uniform(0.85, 0.93), fighting=True),
        impact("upright", stop_s=rng.uniform(0.012, 0.03)),
        lie(rng.uniform(2.0, 8.0), throttle=1.0),
        disarm("the pilot"),
        rest(16.0),
    )


def under_parachute(rng: Generator) -> Trajectory:
    """The pilot stops the motors and releases a parachute; it comes down on its side."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(30.0, 50.0)),
        disarm("the pilot"),
        parachute(rng.uniform(3.5, 5.5)),
        impact("on its side", stop_s=rng.uniform(0.04, 0.1)),
        rest(16.0),
    )


def crashed_in_acro(rng: Generator) -> Trajectory:
    """A roll too low: it hits the ground in the mode in which any tilt is its pilot's will."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(15.0, 30.0)),
        switch("acro"),
        flip(seconds=0.8),
        cruise(8.0, 4.0),
        fall(thrust=rng.uniform(0.2, 0.7), tumbling_deg_s=rng.uniform(150.0, 500.0)),
        impact("on its side", running=0.3),
        lie(2.0, throttle=0.3),
        disarm("the pilot"),
        rest(16.0),
    )


def stays_in_a_tree(rng: Generator) -> Trajectory:
    """It flies into a tree and stays in it, metres up."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(9.0, 15.0)),
        cruise(rng.uniform(4.0, 9.0), 6.0),
        collide(rng.uniform(0.05, 0.2)),
        fall(thrust=0.6, tumbling_deg_s=200.0, floor_m=rng.uniform(4.0, 7.0)),
        impact("on its side", stop_s=rng.uniform(0.1, 0.3), bounce=0.0),
        lie(4.0, throttle=0.2, striking_m_s2=3.0),
        disarm("the pilot"),
        rest(16.0),
    )


def into_water(rng: Generator) -> Trajectory:
    """It falls into water, which is soft, floats askew, and goes dark."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(15.0, 30.0)),
        fall(thrust=rng.uniform(0.3, 0.7), tumbling_deg_s=rng.uniform(0.0, 200.0)),
        impact("askew", stop_s=rng.uniform(0.25, 0.5), bounce=0.0),
        cut_log(after_s=rng.uniform(0.5, 4.0)),
        lie(6.0, throttle=rng.uniform(0.1, 0.5)),
    )


def down_a_slope(rng: Generator) -> Trajectory:
    """It crashes below the place that it took off from."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(15.0, 30.0)),
        cruise(6.0, 8.0),
        fall(thrust=0.5, tumbling_deg_s=200.0, floor_m=-rng.uniform(3.0, 12.0)),
        impact("on its side"),
        rest(3.0),
        disarm("the pilot"),
        rest(16.0),
    )


def caught_by_hand(rng: Generator) -> Trajectory:
    """Caught at chest height, switched off in the hand and carried away."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, 10.0),
        climb(rng.uniform(1.3, 1.8), speed_m_s=1.0),
        hover(3.0),
        lie(1.5, throttle=0.3, striking_m_s2=1.5),
        disarm("the pilot"),
        rest(rng.uniform(0.5, 1.5)),
        carry(9.0, height_m=0.2),
        rest(8.0),
    )


def touch_and_go(rng: Generator) -> Trajectory:
    """Two touchdowns under way, and a landing."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, 10.0),
        touch_down(rng.uniform(0.5, 1.5), still_s=0.5),
        take_off(8.0),
        hover(4.0),
        touch_down(rng.uniform(0.5, 1.5), still_s=0.3),
        take_off(5.0),
        *landed(rng),
    )


def thrown_to_start(rng: Generator) -> Trajectory:
    """Thrown up by hand, weightless, until its motors catch it."""
    return fly(
        quadcopter(rng), rng, rest(2.0), arm(), rest(2.0), _thrown(), climb(10.0, speed_m_s=3.0),
        hover(5.0), *landed(rng),
    )  # fmt: skip


def _thrown(speed_m_s: float = 7.0) -> Piece:
    def piece(course: Course) -> None:
        times = course.times(0.25)
        up = -speed_m_s * pulse(times, 0.25)
        _held(course, np.stack((0.0 * up, 0.0 * up, up), axis=1), touching=0.0)
        _weightless(course, 0.7)

    return piece


def dropped_to_start(rng: Generator) -> Trajectory:
    """Lifted by another craft with its motors idle, let go of, and caught by them."""
    return fly(
        quadcopter(rng), rng, rest(2.0), arm(), rest(2.0), _lifted(25.0, 20.0),
        climb(20.0), hover(6.0), *landed(rng),
    )  # fmt: skip


def _lifted(metres: float, seconds: float) -> Piece:
    def piece(course: Course) -> None:
        times = course.times(seconds)
        even = eased(times, 2.0) - eased(times, 2.0, seconds - 2.0)
        up = -metres / (seconds - 2.0) * even
        _held(course, np.stack((0.0 * up, 0.0 * up, up), axis=1), touching=1.0)
        _weightless(course, 1.0)

    return piece


def _held(course: Course, velocity: Floats, touching: float | None) -> None:
    still = np.repeat(course.attitude[None], len(velocity), axis=0)
    course.add(velocity, still, 0.0, touching=touching)


def _weightless(course: Course, seconds: float) -> None:
    _held(course, coasted(course, np.zeros((len(course.times(seconds)), 3))), touching=None)
