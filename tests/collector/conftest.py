"""For tests of the collector."""

import pytest

from tests.collector.world import World


@pytest.fixture
def world(tmp_path):
    """A ledger to fill."""
    world = World(tmp_path / "windsock.ledger")
    yield world
    world.ledger.close()
