"""For tests of cases that rest on tickets."""

import pytest

from tests.collector.cases.told import ROSTER


@pytest.fixture
def acme(world):
    """D1 and D2 are Acme's, an end user of Dealer, and Anna's."""
    world.roster(
        "D1,px4:01,Acme,Dealer,Anna,anna@maker,,customer", "D2,px4:02,Acme,,,,,", header=ROSTER
    )
    return world
