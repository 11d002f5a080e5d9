"""Flights of multicopters that end badly, each in another way.

Each takes a Generator and draws its craft, its pilot and its weather from it.
"""

import numpy as np

from windsock.firmware_sim.flights.course import Piece, fly
from windsock.firmware_sim.flights.crafts import quadcopter
from windsock.firmware_sim.flights.falling import Lying, collide, fall, impact, tip_over
from windsock.firmware_sim.flights.ground import (
    arm,
    cut_log,
    disarm,
    lie,
    rest,
    say,
    switch,
)
from windsock.firmware_sim.flights.hovering import cruise, hover, take_off, touch_down, upset
from windsock.firmware_sim.flights.lookalikes import landed, started
from windsock.firmware_sim.flights.trajectory import Trajectory

Generator = np.random.Generator


def _lain(rng: Generator, running: float) -> list[Piece]:
    """Motors that turn on the ground until the crash check, or the pilot, stops them."""
    return [
        lie(rng.uniform(1.5, 2.5), throttle=running, striking_m_s2=rng.uniform(0.0, 5.0)),
        say("crash check"),
        disarm("the crash check"),
        rest(16.0),
    ]


def level_fall(rng: Generator) -> Trajectory:
    """Thrust fails on all motors alike: it falls level and hits upright."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(8.0, 35.0)),
        fall(thrust=rng.uniform(0.0, 0.5)),
        impact("upright", stop_s=rng.uniform(0.012, 0.04)),
        rest(rng.uniform(1.0, 6.0)),
        disarm("the pilot"),
        rest(16.0),
    )


def tumbling_fall(rng: Generator) -> Trajectory:
    """A motor or a propeller fails: it tumbles, hits and lies with motors turning."""
    lying: list[Lying] = ["on its side", "upside down"]
    running = rng.uniform(0.2, 0.8)
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(8.0, 40.0)),
        cruise(rng.uniform(0.0, 8.0), 5.0),
        fall(thrust=rng.uniform(0.2, 0.7), tumbling_deg_s=rng.uniform(150.0, 500.0)),
        impact(
            lying[int(rng.integers(2))], stop_s=rng.uniform(0.012, 0.05), running=float(running)
        ),
        *_lain(rng, float(running)),
    )


def cut_while_falling(rng: Generator) -> Trajectory:
    """It tumbles down, and power fails before the ground."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(25.0, 40.0)),
        cut_log(after_s=rng.uniform(1.0, 1.6)),
        fall(thrust=rng.uniform(0.0, 0.4), tumbling_deg_s=rng.uniform(200.0, 500.0)),
        impact(),
        rest(2.0),
    )


def killed_in_air(rng: Generator) -> Trajectory:
    """The pilot stops the motors in the air."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(12.0, 40.0)),
        disarm("the pilot"),
        fall(tumbling_deg_s=rng.uniform(0.0, 200.0)),
        impact("on its side"),
        rest(16.0),
    )


def caught_in_a_bush(rng: Generator) -> Trajectory:
    """Sinks into a bush that catches it softly and holds it askew, motors fighting."""
    running = rng.uniform(0.3, 0.7)
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(2.5, 3.5)),
        fall(thrust=0.8, tumbling_deg_s=60.0, floor_m=1.0),
        impact("askew", stop_s=rng.uniform(0.3, 0.5), bounce=0.0, running=float(running)),
        *_lain(rng, float(running)),
    )


def hard_landing(rng: Generator) -> Trajectory:
    """Comes down much too fast, on its legs, and stands."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(10.0, 20.0)),
        touch_down(rng.uniform(3.4, 4.1), hurried=True, bounce=rng.uniform(0.1, 0.3)),
        rest(3.0),
        disarm("the pilot"),
        rest(16.0),
    )


def tripped_over(rng: Generator) -> Trajectory:
    """Lands with some speed sideways, on a slope, and topples at once."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(8.0, 20.0)),
        switch("land"),
        touch_down(
            rng.uniform(0.4, 0.8),
            drift_m_s=rng.uniform(0.5, 1.5),
            still_s=rng.uniform(0.02, 0.5),
        ),
        tip_over(rng.uniform(75.0, 100.0), stop_s=rng.uniform(0.02, 0.06)),
        rest(rng.uniform(1.5, 3.0)),
        disarm("the pilot"),
        rest(16.0),
    )


def toppled_later(rng: Generator) -> Trajectory:
    """Lands, stands for some seconds, and is blown over before anybody disarms it."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(8.0, 20.0)),
        switch("land"),
        touch_down(rng.uniform(0.4, 0.8), drift_m_s=rng.uniform(0.3, 1.0)),
        rest(rng.uniform(1.0, 3.0)),
        tip_over(rng.uniform(75.0, 100.0), stop_s=rng.uniform(0.02, 0.06)),
        rest(rng.uniform(1.0, 3.0)),
        disarm("the pilot"),
        rest(16.0),
    )


def power_lost(rng: Generator) -> Trajectory:
    """Everything goes dark in level flight: the log just ends."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(6.0, 40.0)),
        cruise(rng.uniform(0.0, 10.0), 8.0),
        cut_log(),
        rest(1.0),
    )


def upset_and_recovered(rng: Generator) -> Trajectory:
    """Turned over by a gust or a stuttering motor, and caught again."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(25.0, 40.0)),
        upset(rng.uniform(75.0, 120.0), seconds=rng.uniform(0.5, 0.9)),
        hover(6.0),
        *landed(rng),
    )


def flown_away(rng: Generator) -> Trajectory:
    """Called back, it flies the other way for a minute and lands where its battery ends."""
    way = rng.uniform(0.0, 360.0)
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(15.0, 30.0)),
        cruise(6.0, 10.0, heading_deg=way),
        say("radio failsafe"),
        switch("return"),
        cruise(rng.uniform(8.0, 12.0), rng.uniform(40.0, 60.0), heading_deg=way),
        say("battery failsafe"),
        *landed(rng),
    )


def landed_by_failsafe(rng: Generator) -> Trajectory:
    """The battery runs low far from home: it lands where it is."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(15.0, 30.0)),
        switch("mission"),
        cruise(10.0, rng.uniform(20.0, 30.0)),
        say("battery failsafe"),
        switch("land"),
        hover(4.0),
        *landed(rng),
    )


def bounced_in_cruise(rng: Generator) -> Trajectory:
    """It flies into a tree at speed, falls out of it and hits the ground."""
    running = rng.uniform(0.2, 0.8)
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(6.0, 15.0)),
        cruise(rng.uniform(5.0, 12.0), 8.0),
        collide(rng.uniform(0.03, 0.1)),
        fall(thrust=rng.uniform(0.1, 0.6), tumbling_deg_s=rng.uniform(150.0, 500.0)),
        impact("on its side", running=float(running)),
        *_lain(rng, float(running)),
    )


def from_a_small_hop(rng: Generator) -> Trajectory:
    """Flips over at take-off, below three metres."""
    running = rng.uniform(0.3, 0.8)
    return fly(
        quadcopter(rng),
        rng,
        rest(2.0),
        arm(),
        rest(1.0),
        take_off(rng.uniform(1.8, 3.0)),
        fall(thrust=0.8, tumbling_deg_s=rng.uniform(300.0, 500.0)),
        impact("upside down", running=float(running)),
        *_lain(rng, float(running)),
    )
