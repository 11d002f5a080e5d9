"""Flights on wings: launches, belly landings, transitions, and how such flights end badly.

Each takes a Generator and draws its craft, its pilot and its weather from it.
"""

import numpy as np

from windsock.firmware_sim.flights.contact import Blow
from windsock.firmware_sim.flights.course import Piece, fly
from windsock.firmware_sim.flights.crafts import plane, quadplane, tailsitter
from windsock.firmware_sim.flights.falling import fall, impact, tip_over
from windsock.firmware_sim.flights.ground import arm, cut_log, disarm, rest, switch
from windsock.firmware_sim.flights.hovering import climb, hover, touch_down
from windsock.firmware_sim.flights.lookalikes import started
from windsock.firmware_sim.flights.trajectory import Mode, Trajectory
from windsock.firmware_sim.flights.wings import belly_landing, launch, rail, transition, wing

Generator = np.random.Generator


def catapult(rng: Generator) -> Trajectory:
    """A plane from a catapult, landing on its belly."""
    speed = rng.uniform(13.0, 18.0)
    return _winged(rng, launch(speed, seconds=rng.uniform(0.25, 0.6)))


def hand_launch(rng: Generator) -> Trajectory:
    """A plane thrown by hand, with a swing of the arm, landing on its belly."""
    swing = rng.uniform(-20.0, 20.0)
    speed = rng.uniform(8.0, 11.0)
    return _winged(rng, launch(speed, seconds=rng.uniform(0.3, 0.5), swing_deg=swing))


def _winged(rng: Generator, thrown: Piece) -> Trajectory:
    cruising = rng.uniform(14.0, 20.0)
    blow = Blow(
        rng.uniform(0.03, 0.08), rng.uniform(0.05, 0.3), rng.uniform(0.3, 0.6), rng.uniform(0.3, 1)
    )
    sink = rng.uniform(0.5, 1.6)
    return fly(
        plane(rng),
        rng,
        rail(2.0),
        arm("mission"),
        rail(rng.uniform(1.0, 6.0)),
        thrown,
        wing(cruising, rng.uniform(6.0, 10.0), climb_m_s=rng.uniform(2.0, 4.0)),
        wing(cruising, rng.uniform(15.0, 30.0), turn_deg_s=rng.uniform(-20.0, 20.0)),
        switch("land"),
        belly_landing(
            rng.uniform(10.0, 13.0), sink, blow=blow, wing_down_deg=rng.uniform(2.0, 25.0)
        ),
        rest(rng.uniform(1.0, 3.0)),
        disarm(),
        rest(16.0),
    )


def _upright(rng: Generator) -> list[Piece]:
    """A VTOL's flight until it stands again, by hand or all of it by mission."""
    cruising = rng.uniform(15.0, 20.0)
    by_hand: tuple[Mode, ...] = ("hover", "position", "hover", "land")
    rising, flying, braking, landing = by_hand if rng.integers(2) else ("mission",) * 4
    return [
        *started(rng, rng.uniform(20.0, 40.0), rising),
        switch(flying),
        transition("wings", cruising, rng.uniform(2.5, 5.0)),
        wing(cruising, rng.uniform(15.0, 30.0), turn_deg_s=rng.uniform(-15.0, 15.0)),
        switch(braking),
        transition("rotors", cruising, rng.uniform(3.0, 6.0)),
        hover(3.0),
        switch(landing),
        climb(4.0, speed_m_s=2.5),
        touch_down(rng.uniform(0.3, 0.8)),
    ]


def tailsitter_cruise(rng: Generator) -> Trajectory:
    """A tailsitter's flight, most of it on its back as PX4 sees it."""
    return fly(tailsitter(rng), rng, *_upright(rng), rest(2.0), disarm(), rest(16.0))


def quadplane_cruise(rng: Generator) -> Trajectory:
    """A quadplane's flight on rotors, on wings and on rotors."""
    return fly(quadplane(rng), rng, *_upright(rng), rest(2.0), disarm(), rest(16.0))


def tailsitter_tips_over(rng: Generator) -> Trajectory:
    """A tailsitter that stands, landed, until the wind topples it."""
    return fly(
        tailsitter(rng),
        rng,
        *_upright(rng),
        rest(rng.uniform(1.5, 5.0)),
        tip_over(rng.uniform(80.0, 95.0), stop_s=rng.uniform(0.02, 0.08)),
        rest(rng.uniform(3.0, 6.0)),
        disarm("the pilot"),
        rest(16.0),
    )


def plane_disarmed_in_air(rng: Generator) -> Trajectory:
    """A plane's pilot disarms on the approach; it glides on to its belly."""
    return fly(
        plane(rng),
        rng,
        rail(2.0),
        arm("mission"),
        rail(2.0),
        launch(15.0, seconds=0.4),
        wing(16.0, 8.0, climb_m_s=3.0),
        wing(16.0, rng.uniform(8.0, 15.0)),
        disarm("the pilot"),
        belly_landing(12.0, rng.uniform(0.8, 1.5)),
        rest(16.0),
    )


def plane_power_lost(rng: Generator) -> Trajectory:
    """Everything goes dark while a plane cruises, or glides with its motor off."""
    gliding = bool(rng.integers(2))
    return fly(
        plane(rng),
        rng,
        rail(2.0),
        arm("mission"),
        rail(2.0),
        launch(15.0, seconds=0.4),
        wing(16.0, 10.0, climb_m_s=3.0),
        wing(
            16.0,
            rng.uniform(5.0, 12.0),
            climb_m_s=-0.8 if gliding else 0.0,
            throttle=0.0 if gliding else None,
        ),
        cut_log(),
        rest(1.0),
    )


def spiral_dive(rng: Generator) -> Trajectory:
    """A plane loses its servo: it spirals down and goes in."""
    bank = rng.choice((-1.0, 1.0)) * rng.uniform(35.0, 60.0)
    return fly(
        plane(rng),
        rng,
        rail(2.0),
        arm("mission"),
        rail(2.0),
        launch(15.0, seconds=0.4),
        wing(16.0, 15.0, climb_m_s=3.0),
        wing(16.0, 10.0),
        wing(22.0, 2.0, climb_m_s=-12.0, turn_deg_s=float(bank), throttle=0.4),
        fall(thrust=0.1, tumbling_deg_s=rng.uniform(60.0, 150.0)),
        impact("upside down"),
        rest(3.0),
        disarm("the pilot"),
        rest(16.0),
    )


def lost_in_transition(rng: Generator) -> Trajectory:
    """A tailsitter tumbles out of its transition."""
    return fly(
        tailsitter(rng),
        rng,
        *started(rng, rng.uniform(25.0, 40.0), "hover"),
        switch("position"),
        transition("wings", 16.0, 3.0),
        wing(16.0, 10.0),
        switch("hover"),
        transition("rotors", 16.0, 3.0),
        fall(thrust=0.3, tumbling_deg_s=rng.uniform(150.0, 300.0)),
        impact("on its side"),
        rest(3.0),
        disarm("the pilot"),
        rest(16.0),
    )


def quadplane_falls(rng: Generator) -> Trajectory:
    """A lift motor of a quadplane fails in hover."""
    return fly(
        quadplane(rng),
        rng,
        *started(rng, rng.uniform(15.0, 30.0), "hover"),
        fall(thrust=0.5, tumbling_deg_s=rng.uniform(60.0, 250.0)),
        impact("upside down"),
        rest(3.0),
        disarm("the pilot"),
        rest(16.0),
    )
