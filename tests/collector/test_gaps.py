"""What is missing can be told, and nothing else is said to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.ledger import open_ledger
from windsock.collector.receive import gaps
from windsock.protocol.envelope import Key
from windsock.protocol.messages import Tombstone


@pytest.fixture
def ledger():
    return open_ledger(":memory:")


def missing(ledger):
    rows = ledger.execute("SELECT first_seq, last_seq FROM gaps WHERE reason IS NULL")
    return {seq for first, last in rows for seq in range(first, last + 1)}


@given(st.lists(st.integers(1, 30), min_size=1))
def test_the_gaps_are_what_never_came_below_the_mark(arrivals):
    ledger = open_ledger(":memory:")
    for seq in arrivals:
        gaps.note_arrival(ledger, Key("a", 1, 1, seq))

    assert missing(ledger) == set(range(1, max(arrivals))) - set(arrivals)


def test_lanes_epochs_and_agents_are_counted_apart(ledger):
    for key in (Key("a", 1, 1, 2), Key("a", 1, 2, 2), Key("a", 2, 1, 2), Key("b", 1, 1, 2)):
        gaps.note_arrival(ledger, key)

    assert ledger.execute("SELECT count(*) FROM gaps").fetchone()[0] == 4


def test_a_tombstone_closes_a_gap_with_its_reason(ledger):
    gaps.note_arrival(ledger, Key("a", 1, 3, 10))

    stone = Tombstone(epoch=1, lane=3, first_seq=1, last_seq=9, reason="disk cap")
    gaps.close_by_tombstone(ledger, "a", stone)

    assert missing(ledger) == set()
    assert ledger.execute("SELECT reason FROM gaps").fetchone()[0] == "disk cap"
