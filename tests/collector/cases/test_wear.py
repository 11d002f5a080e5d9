"""X3, from rows of the ledger."""

import numpy as np
import pytest

from tests.collector.judged import FINE, SETTINGS, cases, events, headlines
from tests.collector.world import DAY, T0, World, blob
from windsock.collector.cases.judge import judge_wear
from windsock.collector.cases.rows import case_rows
from windsock.collector.fleet.facts import facts_matrix
from windsock.protocol.facts import COLUMN, FACTS

NOW = T0 + 60 * DAY


@pytest.fixture
def shaky(world):
    """Twenty-five quiet flights and two that shake."""
    world.roster("D1,px4:01,Acme,,Anna,anna@maker", "D2,px4:02,Acme,,,,repair")
    for uid in ("px4:01", "px4:02"):
        for day in range(27):
            shaking = 14.0 if day >= 25 else 5.0
            world.flight(T0 + day * DAY, uid=uid, facts=FINE | {"vibration_m_s2": shaking})
    return world


def test_it_takes_three_of_five_flights_and_is_for_the_digest_only(shaky: World):
    judge_wear(shaky.ledger, NOW, SETTINGS)
    assert cases(shaky) == []

    shaky.flight(T0 + 27 * DAY, facts=FINE | {"vibration_m_s2": 14.0})
    shaky.flight(T0 + 27 * DAY, uid="px4:02", facts=FINE | {"vibration_m_s2": 14.0})
    judge_wear(shaky.ledger, NOW, SETTINGS)
    judge_wear(shaky.ledger, NOW + DAY, SETTINGS)

    assert [(case["rule"], case["subject"]) for case in cases(shaky)] == [("X3", "D1")]
    assert events(shaky) == ["open: digest"]
    assert headlines(shaky) == []
    (row,) = case_rows(shaky.ledger, NOW)
    assert row.what == "wears: vibration 14 m/s2 (usually 5)"


def test_quiet_flights_end_it(shaky):
    shaky.flight(T0 + 27 * DAY, facts=FINE | {"vibration_m_s2": 14.0})
    judge_wear(shaky.ledger, NOW, SETTINGS)
    for day in (28, 29, 30):
        shaky.flight(T0 + day * DAY, facts=FINE | {"vibration_m_s2": 5.0})
    judge_wear(shaky.ledger, NOW, SETTINGS)

    assert events(shaky) == ["open: digest", "resolve: resolved"]


def test_facts_of_older_and_newer_agents_in_one_matrix():
    full = blob({"airborne_s": 3.0, "armed_s": 4.0})
    found = facts_matrix([full, full[:8], full + b"\0\0\0\0"])

    assert found.shape == (3, len(FACTS))
    assert found[:, COLUMN["airborne_s"]].tolist() == [3.0, 3.0, 3.0]
    assert np.isnan(found[1, 2:]).all()
    assert facts_matrix([]).shape == (0, len(FACTS))
