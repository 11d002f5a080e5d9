"""X3 on simulated drones whose wear is known: how many are found, how soon, what else is said.

Judged as in service: once a day, each drone beside its fleet, however small. The threshold was
found on `TUNING_SEEDS`; these are `REPORT_SEEDS`.
"""

import sys
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from figure import Figure
from rich.table import Table

sys.path.append(str(Path(__file__).parents[1]))

from tests.fleets.wearing_out import replay
from windsock.firmware_sim.fleet.wear import SIGNS, Wear
from windsock.firmware_sim.fleet.world import (
    PROJECTS,
    REPORT_SEEDS,
    STEADY,
    YEAR_DAYS,
)

DRONES, DAYS = 1500, 2 * YEAR_DAYS
WORLDS = {"steady": STEADY, "projects": PROJECTS}
FLEETS = (1, 3, 10, DRONES)
HEALTHY = {
    "nothing wears, what looks like it comes twice as often":
        Wear(worn_share=0, heavy_share=0.06, pack_flights=30, windy_weeks=6),
    "nothing wears, nothing looks like it":
        Wear(worn_share=0, heavy_share=0, pack_flights=np.inf, windy_weeks=0),
}  # fmt: skip
RATES = {"as any drone": Wear(), "x 1.5": Wear(restless=1.5)}
"""How far flights vary: small fleets are held to what we think that any drone's do."""
QUICK = 20
"""Flights in which wear grows: within them it is quick."""


def figures():
    for name in WORLDS:
        found = reported(name, DRONES)
        told = f"wear, {name} world, {len(found.delay)} drones that wear"
        yield Figure(f"{told}: share found", found.recall, "of them")
        yield Figure(f"{told}: median delay", found.delay_flights, "flights")
        yield Figure(f"wear, {name} world: false lines", found.false_a_year, "a drone and year")
    for name, rates in HEALTHY.items():
        found = replay(world("steady"), REPORT_SEEDS, rates=rates)
        yield Figure(f"wear, steady world, {name}: false lines", found.false_a_year,
                     "a drone and year")  # fmt: skip


def tables():
    """By the size of the fleet; by what wears, and by how fast."""
    yield sizes()
    yield kinds()


def sizes():
    result = Table("world", "flights vary", "fleet", "planted", "found", "flights",
                   "false a year", title="Wear, by the drones in the fleet")  # fmt: skip
    for name, vary, fleet in product(WORLDS, RATES, FLEETS):
        found = reported(name, fleet, RATES[vary])
        result.add_row(name, vary, str(fleet), *row(found), f"{found.false_a_year:.2f}")
    return result


def kinds():
    result = Table("world", "what wears", "planted", "found", "flights", title="Wear, by kind")
    for name in WORLDS:
        found = reported(name, DRONES)
        some = {sign: found.sign == code for code, sign in enumerate(SIGNS)}
        some |= {f"within {QUICK} flights": found.ramp <= QUICK, "slower": found.ramp > QUICK}
        for kind, which in some.items():
            result.add_row(name, kind, *row(found.of(which)))
    return result


def row(found):
    return str(len(found.delay)), f"{found.recall:.2f}", f"{found.delay_flights:.0f}"


@cache
def reported(name, fleet, rates=RATES["as any drone"]):
    return replay(world(name), REPORT_SEEDS, rates=rates, fleet=fleet)


def world(name):
    return WORLDS[name]._replace(drones=DRONES, days=DAYS)
