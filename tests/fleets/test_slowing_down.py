"""`slowing`, from flights in a ledger: at its edge, and in a world where drones drop."""

import numpy as np
import pytest

from tests.collector.world import DAY, T0, World
from tests.fleets.slowing_down import SETTINGS, replay
from windsock.collector.cases.judge import judge_fleet
from windsock.collector.fleet.states import drone_states


@pytest.mark.parametrize(
    ("day", "state"), [(139, "active"), (140, "slowing"), (141, "slowing"), (149, "inactive")]
)
def test_half_of_what_it_flew_before(tmp_path, day, state):
    """It flew every other day until day 118.

    Within the 42 days until day 139 come 11 flights of 20.6 that its usual lets expect; until day
    140, 10 of 20.8.
    """
    world, now_us = World(tmp_path / "ledger"), T0 + day * DAY
    world.roster("D1,px4:01,Acme")
    for flown in range(0, 119, 2):
        world.flight(T0 + flown * DAY)
    world.online(T0, now_us)
    judge_fleet(world.ledger, now_us, SETTINGS)
    (drone,) = drone_states(world.ledger, now_us, SETTINGS)
    world.ledger.close()

    assert drone.state == state


def test_drones_that_drop_to_a_quarter_are_called_and_steady_ones_are_not(tmp_path):
    """The short form of a figure in docs/detection-states.md.

    A drone that hardly ever flew is another matter: its cohort.
    """
    found = replay(tmp_path / "ledger", drones=150, seed=501, every_days=28)
    delay = found.delay_days(least_a_year=52)

    assert len(delay) > 20
    assert np.median(delay) <= 140
    assert np.isfinite(delay).mean() >= 0.7
    assert found.false_a_year(least_a_year=26) <= 0.1
