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


def missing(ledger, reason=None):
    rows = ledger.execute("SELECT first_seq, last_seq FROM gaps WHERE reason IS ?", (reason,))
    return {seq for first, last in rows for seq in range(first, last + 1)}


TOGETHER = st.lists(st.lists(st.integers(1, 30), min_size=1), min_size=1)
"""What came, in groups that came together."""


def keys(*seqs):
    return [Key("a", 1, 1, seq) for seq in seqs]


@given(TOGETHER)
def test_the_gaps_are_what_never_came_below_the_mark(groups):
    ledger = open_ledger(":memory:")
    for seqs in groups:
        gaps.note_arrivals(ledger, keys(*seqs))

    came = {seq for seqs in groups for seq in seqs}
    assert missing(ledger) == set(range(1, max(came))) - came
    assert ledger.execute("SELECT high_seq FROM marks").fetchone()[0] == max(came)


def test_lanes_epochs_and_agents_are_counted_apart(ledger):
    for key in (Key("a", 1, 1, 2), Key("a", 1, 2, 2), Key("a", 2, 1, 2), Key("b", 1, 1, 2)):
        gaps.note_arrivals(ledger, [key])

    assert ledger.execute("SELECT count(*) FROM gaps").fetchone()[0] == 4


@given(
    st.lists(st.integers(1, 20), max_size=15),
    st.tuples(st.integers(1, 20), st.integers(1, 20)).map(sorted),
    st.integers(0, 15),
)
def test_a_tombstone_closes_what_never_comes_whenever_it_comes_itself(arrivals, span, place):
    ledger = open_ledger(":memory:")
    stone = Tombstone(epoch=1, lane=1, first_seq=span[0], last_seq=span[1], reason="disk cap")
    dropped = set(range(span[0], span[1] + 1))
    for seq in arrivals[:place]:
        gaps.note_arrivals(ledger, [Key("a", 1, 1, seq)])
    gaps.close_by_tombstone(ledger, "a", stone)
    for seq in arrivals[place:]:
        gaps.note_arrivals(ledger, [Key("a", 1, 1, seq)])

    below = set(range(1, max([*arrivals, *span]) + 1))
    assert missing(ledger) == below - dropped - set(arrivals)
    assert missing(ledger, "disk cap") == dropped - set(arrivals)


def test_a_tombstone_that_ends_before_it_begins_closes_nothing(ledger):
    gaps.note_arrivals(ledger, [Key("a", 1, 1, 101)])
    stone = Tombstone(epoch=1, lane=1, first_seq=50, last_seq=10, reason="disk cap")
    gaps.close_by_tombstone(ledger, "a", stone)
    gaps.note_arrivals(ledger, [Key("a", 1, 1, 20)])

    assert missing(ledger) == set(range(1, 101)) - {20}
    assert missing(ledger, "disk cap") == set()


def test_what_is_in_quarantine_is_no_gap_until_it_can_be_read(ledger):
    gaps.note_quarantined(ledger, Key("a", 1, 1, 2))
    assert (missing(ledger), missing(ledger, gaps.QUARANTINED)) == ({1}, {2})

    gaps.note_arrivals(ledger, [Key("a", 1, 1, 1)])
    gaps.note_arrivals(ledger, [Key("a", 1, 1, 2)])
    gaps.note_quarantined(ledger, Key("a", 1, 1, 2))
    assert ledger.execute("SELECT count(*) FROM gaps").fetchone()[0] == 0
