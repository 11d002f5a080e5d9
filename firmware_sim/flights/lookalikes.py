"""Flights of multicopters that look like crashes to a careless eye, and are none.

Each takes a Generator and draws its craft, its pilot and its weather from it.
"""

import numpy as np

from windsock.firmware_sim.flights.course import Piece, fly
from windsock.firmware_sim.flights.crafts import quadcopter
from windsock.firmware_sim.flights.ground import (
    arm,
    bench,
    carry,
    cut_log,
    disarm,
    lie,
    rest,
    say,
    switch,
)
from windsock.firmware_sim.flights.hovering import (
    aggressive,
    climb,
    cruise,
    flip,
    hover,
    take_off,
    touch_down,
)
from windsock.firmware_sim.flights.trajectory import Mode, Trajectory

Generator = np.random.Generator


def started(rng: Generator, height_m: float, mode: Mode = "position") -> list[Piece]:
    """From standing on the ground to a hover at a height."""
    wind = rng.uniform(0.05, 0.4)
    return [
        rest(2.0),
        arm(mode),
        rest(rng.uniform(0.5, 2.0)),
        take_off(height_m, climb_m_s=rng.uniform(1.5, 3.0), gust_m_s=wind),
        hover(rng.uniform(4.0, 8.0), gust_m_s=wind),
    ]


def landed(rng: Generator, sink_m_s: float | None = None) -> list[Piece]:
    """From a hover to some time after disarming."""
    sink = rng.uniform(0.3, 0.9) if sink_m_s is None else sink_m_s
    return [
        switch("land"),
        climb(rng.uniform(3.0, 5.0), speed_m_s=2.0),
        touch_down(sink, drift_m_s=rng.uniform(0.0, 0.3), bounce=rng.uniform(0.05, 0.25)),
        rest(rng.uniform(1.0, 2.5)),
        disarm(),
        rest(16.0),
    ]


def normal(rng: Generator) -> Trajectory:
    """A survey: up, there, back, down."""
    way = rng.uniform(0.0, 360.0)
    speed = rng.uniform(3.0, 12.0)
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(8.0, 25.0)),
        switch("mission"),
        cruise(speed, rng.uniform(8.0, 15.0), heading_deg=way),
        cruise(speed, rng.uniform(8.0, 15.0), heading_deg=way + 180.0),
        hover(5.0),
        *landed(rng),
    )


def firm_touchdown(rng: Generator) -> Trajectory:
    """Set down in a hurry by hand on stiff legs; nothing breaks."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(5.0, 12.0), "manual"),
        touch_down(rng.uniform(1.0, 2.2), drift_m_s=rng.uniform(0.0, 0.8), hurried=True),
        rest(2.0),
        disarm("the pilot"),
        rest(16.0),
    )


def called_back(rng: Generator) -> Trajectory:
    """The battery runs low far out: a failsafe brings it home, and it lands where it started."""
    way, speed, seconds = rng.uniform(0.0, 360.0), rng.uniform(8.0, 12.0), rng.uniform(20.0, 40.0)
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(15.0, 30.0)),
        cruise(speed, seconds, heading_deg=way),
        say("battery failsafe"),
        switch("return"),
        cruise(speed, seconds, heading_deg=way + 180.0),
        hover(6.0),
        climb(rng.uniform(3.0, 5.0), speed_m_s=2.0),
        touch_down(rng.uniform(0.3, 0.9)),
        rest(2.0),
        disarm(),
        rest(16.0),
    )


def aggressive_manual(rng: Generator) -> Trajectory:
    """A pilot in a self-levelling mode who uses all the tilt there is."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(12.0, 25.0), "manual"),
        aggressive(rng.uniform(10.0, 25.0), tilt_deg=rng.uniform(35.0, 50.0)),
        hover(4.0),
        *landed(rng),
    )


def flips(rng: Generator) -> Trajectory:
    """Flips by a mode made for them."""
    tricks: list[Piece] = []
    for _ in range(int(rng.integers(1, 4))):
        sideways, backwards = (bool(rng.integers(2)) for _ in range(2))
        turn_s = rng.uniform(0.5, 0.9)
        tricks += [
            switch("flip"),
            flip(seconds=turn_s, sideways=sideways, backwards=backwards),
            switch("altitude"),
            hover(rng.uniform(2.0, 4.0)),
        ]
    return fly(quadcopter(rng), rng, *started(rng, rng.uniform(12.0, 25.0)), *tricks, *landed(rng))


def acro(rng: Generator) -> Trajectory:
    """Minutes of acro: rolls and loops one after another, thrown about between them."""
    tricks: list[Piece] = [switch("acro")]
    for _ in range(int(rng.integers(3, 7))):
        sideways, backwards = (bool(rng.integers(2)) for _ in range(2))
        tricks += [
            flip(seconds=rng.uniform(0.5, 1.1), sideways=sideways, backwards=backwards),
            aggressive(rng.uniform(2.0, 5.0), tilt_deg=rng.uniform(45.0, 70.0), fastest_hz=0.6),
        ]
    tricks += [climb(20.0, speed_m_s=3.0), switch("manual")]
    return fly(quadcopter(rng), rng, *started(rng, rng.uniform(25.0, 40.0)), *tricks, *landed(rng))


def carried(rng: Generator) -> Trajectory:
    """Armed by mistake, carried to another place and shaken on the way."""
    shaken = rng.choice((0.0, rng.uniform(10.0, 40.0)))
    return fly(
        quadcopter(rng),
        rng,
        rest(2.0),
        arm(),
        rest(2.0),
        carry(
            rng.uniform(8.0, 30.0),
            height_m=rng.uniform(0.6, 1.6),
            turned_deg=rng.uniform(15.0, 80.0),
            shaken_m_s2=float(shaken),
        ),
        rest(2.0),
        disarm("the pilot"),
        rest(16.0),
    )


def bench_run(rng: Generator) -> Trajectory:
    """Motors tried without propellers."""
    return fly(
        quadcopter(rng),
        rng,
        rest(2.0),
        arm(),
        rest(1.0),
        bench(rng.uniform(10.0, 40.0), throttle=rng.uniform(0.2, 1.0)),
        rest(1.0),
        disarm("the pilot"),
        rest(16.0),
    )


def tied_down(rng: Generator) -> Trajectory:
    """Full throttle with propellers, the frame tied to the bench."""
    return fly(
        quadcopter(rng),
        rng,
        rest(2.0),
        arm(),
        rest(1.0),
        bench(rng.uniform(10.0, 30.0), throttle=rng.uniform(0.6, 1.0), propellers=True),
        rest(1.0),
        disarm("the pilot"),
        rest(16.0),
    )


def bench_run_turned(rng: Generator) -> Trajectory:
    """The same, turned over in the hand to see the motors answer, until the crash check fires."""
    return fly(
        quadcopter(rng),
        rng,
        rest(2.0),
        arm(),
        rest(1.0),
        bench(
            rng.uniform(10.0, 25.0),
            throttle=rng.uniform(0.2, 0.7),
            turned_deg=rng.uniform(40.0, 120.0),
        ),
        lie(1.0, throttle=0.1),
        say("crash check"),
        disarm("the crash check"),
        rest(16.0),
    )


def cut_at_landing(rng: Generator) -> Trajectory:
    """The battery is pulled, or the log ends, just before or after the landing."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(8.0, 25.0)),
        switch("land"),
        climb(rng.uniform(1.0, 2.0), speed_m_s=2.0),
        cut_log(after_s=rng.uniform(0.3, 4.0)),
        touch_down(rng.uniform(0.3, 0.8)),
        rest(6.0),
    )


def card_pulled(rng: Generator) -> Trajectory:
    """The card fails in mid-flight; the drone flies on and lands, which nobody sees."""
    return fly(
        quadcopter(rng),
        rng,
        *started(rng, rng.uniform(6.0, 30.0)),
        cut_log(after_s=rng.uniform(1.0, 11.0)),
        cruise(rng.uniform(0.0, 10.0), 12.0),
        hover(5.0),
        *landed(rng),
    )
