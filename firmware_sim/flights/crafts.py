"""Drones as they differ: each drawn from the ranges that such craft are built in."""

import numpy as np

from windsock.firmware_sim.flights.trajectory import Craft


def quadcopter(rng: np.random.Generator) -> Craft:
    """A camera or survey drone of 1 to 8 kg on rubber feet or skids."""
    return Craft(
        kind="multicopter",
        hover_throttle=rng.uniform(0.15, 0.5),
        terminal_m_s=rng.uniform(14.0, 25.0),
        gear_s=rng.uniform(0.025, 0.06),
        shell_s=rng.uniform(0.008, 0.03),
        height_m=rng.uniform(0.08, 0.2),
        shaking_m_s2=rng.uniform(0.8, 4.0),
        uneven=tuple(rng.normal(0.0, 0.02, 4)),
        cells=int(rng.choice((3, 4, 6))),
    )


def plane(rng: np.random.Generator) -> Craft:
    """A foam or composite plane without wheels, one motor."""
    return Craft(
        kind="plane",
        motors=1,
        uneven=(0.0,),
        hover_throttle=rng.uniform(0.35, 0.55),
        terminal_m_s=45.0,
        gear_s=rng.uniform(0.03, 0.07),
        shell_s=rng.uniform(0.02, 0.05),
        height_m=0.08,
        shaking_m_s2=rng.uniform(0.5, 2.0),
        hover_a=10.0,
    )


def tailsitter(rng: np.random.Generator) -> Craft:
    """A wing that stands on its tail, four motors, its autopilot half a metre up."""
    return Craft(
        kind="tailsitter",
        hover_throttle=rng.uniform(0.35, 0.5),
        terminal_m_s=35.0,
        gear_s=rng.uniform(0.03, 0.06),
        shell_s=rng.uniform(0.015, 0.04),
        height_m=rng.uniform(0.25, 0.45),
        slope_deg=3.0,
        shaking_m_s2=rng.uniform(1.0, 3.0),
    )


def quadplane(rng: np.random.Generator) -> Craft:
    """A plane with four motors for lift and a fifth to push."""
    return Craft(
        kind="vtol",
        motors=5,
        uneven=(0.01, -0.01, 0.02, -0.02, 0.0),
        hover_throttle=rng.uniform(0.35, 0.55),
        terminal_m_s=35.0,
        gear_s=rng.uniform(0.03, 0.06),
        shell_s=rng.uniform(0.015, 0.04),
        height_m=0.2,
        shaking_m_s2=rng.uniform(1.0, 3.0),
        hover_a=35.0,
    )
