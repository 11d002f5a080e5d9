"""What the periodic pass reads of each drone, as it comes out of a ledger."""

from dataclasses import fields

import numpy as np

from tests.collector.judged import SETTINGS
from tests.collector.world import DAY, T0
from windsock.collector.cases.judge import inactive_fleet
from windsock.collector.fleet.contact import load_sight

LIMIT = 64
OF_CASES = 2
"""Masks of a byte each: whose open case of D1a is presumed, who flies rarely already."""


def test_all_periodic_rules_of_silence_and_sight_read_64_bytes_a_drone(world):
    """D1a, the score, D1b, C1, C5, the drone's state and what can be seen of it."""
    world.roster("D1,px4:01,Acme", "D2,px4:02,Acme")
    world.habit(T0)
    fleet = inactive_fleet(world.ledger, T0 + DAY, SETTINGS)
    sight = load_sight(world.ledger, fleet.rows, T0 + DAY, SETTINGS.sight, simulated=False)
    columns = [getattr(fleet.rows.fleet, field.name) for field in fields(fleet.rows.fleet)]
    columns += [*fleet.ways.drones.habits.standing, *sight.contact]
    columns += [fleet.ways.drones.cohort, fleet.ways.account]
    arrays = {id(one): one for one in columns if isinstance(one, np.ndarray)}.values()

    assert {len(one) for one in arrays} == {2}
    assert sum(one.itemsize for one in arrays) + OF_CASES <= LIMIT
