"""What somebody sees to be so holds from then on, and takes nothing of before away."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collector.world import World
from windsock.collector.roster.observation import observe
from windsock.collector.roster.timeline import Span, at


def spans(ledger, kind):
    table, says = ("traits", "value") if kind == "stage" else ("links", "object")
    rows = ledger.execute(
        f"SELECT from_us, until_us, {says} FROM {table} WHERE kind = ? ORDER BY from_us", (kind,)
    )
    return [Span(*row) for row in rows]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("observed") / "ledger")
    yield world.ledger
    world.ledger.close()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["stage", "account_csm"]),
    st.lists(st.tuples(st.integers(1, 50), st.sampled_from("abc")), min_size=1, max_size=6),
)
def test_at_any_moment_the_last_that_was_seen_by_then_holds(ledger, kind, seen):
    ledger.execute("DELETE FROM traits")
    ledger.execute("DELETE FROM links")
    seen = sorted(dict(seen).items())
    for now_us, value in seen:
        observe(ledger, kind, "Acme", value, now_us)
        assert not observe(ledger, kind, "Acme", value, now_us)

    found = spans(ledger, kind)
    for moment_us in range(60):
        known = [value for now_us, value in seen if now_us <= moment_us]
        assert at(found, moment_us) == (known[-1] if known else seen[0][1])


def test_what_was_planned_for_later_still_comes(world):
    world.roster(
        "D1,,Acme,,,anna@x,,,", "D1,,Acme,,,bob@x,,2026-02-01,",
    )  # fmt: skip
    begins = spans(world.ledger, "account_csm")[1].from_us
    observe(world.ledger, "account_csm", "Acme", "carl@x", begins - 10)

    assert spans(world.ledger, "account_csm") == [
        Span(0, begins - 10, "anna@x"), Span(begins - 10, begins, "carl@x"),
        Span(begins, None, "bob@x"),
    ]  # fmt: skip
