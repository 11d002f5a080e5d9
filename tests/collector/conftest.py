"""For tests of the collector."""

import pytest

from tests.collector.world import World


@pytest.fixture
def world(tmp_path):
    """A ledger to fill."""
    world = World(tmp_path / "windsock.ledger")
    yield world
    world.ledger.close()


@pytest.fixture
def drone(world):
    """D1 is Acme's and Anna's."""
    world.roster("D1,px4:01,Acme,Dealer,Anna,anna@maker")
    return world
