"""The short form of `make bench ARGS=wear`: what docs/detection-wear.md says of the rule."""

import pytest

from tests.fleets.wearing_out import replay
from windsock.firmware_sim.fleet.wear import Wear
from windsock.firmware_sim.fleet.world import STEADY

WORLD = STEADY._replace(drones=500, days=730)


def test_most_wear_is_found_in_a_few_flights_and_little_else_is_said():
    found = replay(WORLD, seeds=[501])

    assert len(found.delay) > 30
    assert found.recall >= 0.75
    assert found.delay_flights <= 10
    assert found.false_a_year <= 0.16


@pytest.mark.parametrize("fleet", [1, 3])
def test_a_small_maker_hears_no_more_of_it_than_a_large_one(fleet):
    found = replay(WORLD, seeds=[501], fleet=fleet)

    assert found.recall >= 0.75
    assert found.false_a_year <= 0.16


def test_windy_weeks_and_other_batteries_are_hardly_ever_wear():
    healthy = Wear(worn_share=0, heavy_share=0.06, pack_flights=30, windy_weeks=6)

    assert replay(WORLD, [501], rates=healthy).false_a_year <= 0.25
