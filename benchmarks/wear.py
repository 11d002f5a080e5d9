"""X3 on simulated drones whose wear is known: how many are found, how soon, what else is said.

The threshold was found on `TUNING_SEEDS`; these are `REPORT_SEEDS`.
"""

import sys
from functools import cache
from pathlib import Path

from figure import Figure
from rich.table import Table

sys.path.append(str(Path(__file__).parents[1]))

from tests.fleets.wearing_out import replay
from windsock.firmware_sim.fleet.wear import SIGNS
from windsock.firmware_sim.fleet.world import (
    PROJECTS,
    REPORT_SEEDS,
    STEADY,
    YEAR_DAYS,
)

DRONES, DAYS = 1500, 2 * YEAR_DAYS
WORLDS = {"steady": STEADY, "projects": PROJECTS}
QUICK = 20
"""Flights in which wear grows: within them it is quick."""


def figures():
    for name in WORLDS:
        found = reported(name)
        told = f"wear, {name} world, {len(found.delay)} drones that wear"
        yield Figure(f"{told}: share found", found.recall, "of them")
        yield Figure(f"{told}: median delay", found.delay_flights, "flights")
        yield Figure(f"wear, {name} world: false lines", found.false_a_year, "a drone and year")


def tables():
    """By what wears, and by how fast."""
    result = Table("world", "what wears", "planted", "found", "flights", title="Wear, by kind")
    for name in WORLDS:
        found = reported(name)
        kinds = {sign: found.sign == code for code, sign in enumerate(SIGNS)}
        kinds |= {f"within {QUICK} flights": found.ramp <= QUICK, "slower": found.ramp > QUICK}
        for kind, which in kinds.items():
            some = found.of(which)
            result.add_row(name, kind, str(len(some.delay)), f"{some.recall:.2f}",
                           f"{some.delay_flights:.0f}")  # fmt: skip
    yield result


@cache
def reported(name):
    return replay(WORLDS[name]._replace(drones=DRONES, days=DAYS), REPORT_SEEDS)
