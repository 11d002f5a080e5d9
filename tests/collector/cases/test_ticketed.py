"""Tickets and detections come in any order, and end as the same incidents."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.collector.cases.told import ticket
from tests.collector.judged import CRASH, FINE, SETTINGS
from tests.collector.world import DAY, HOUR, T0, World
from windsock.collector.cases.judge import judge_fleet, judge_new

LATER = T0 + 40 * DAY
HOURS = st.integers(0, 300)
ARRIVALS = st.lists(
    st.one_of(
        st.tuples(st.just("ticket"), st.integers(0, 5), HOURS),
        st.tuples(st.just("crash"), st.integers(0, 5), HOURS),
        st.tuples(st.just("flight"), st.integers(0, 5), HOURS),
    ),
    max_size=10,
    unique_by=lambda arrival: arrival[:2],
)


def arrive(world, arrival):
    what, number, hour = arrival
    if what == "ticket":
        ticket(world, f"T{number}", T0 + hour * HOUR)
    else:
        facts = CRASH if what == "crash" else FINE
        world.flight(T0 + hour * HOUR, facts=facts, log=f"{what:>8}{number:024d}")


def look(world):
    judge_new(world.ledger, LATER, SETTINGS)
    judge_fleet(world.ledger, LATER, SETTINGS)


def incidents(world):
    return sorted(
        (row["log_id"] or "", row["ticket"] or "", row["state"])
        for row in world.rows(
            "SELECT log_id, ticket, state FROM incidents LEFT JOIN flights"
            " ON flights.id = flight_id WHERE flight_id IS NOT NULL OR ticket IS NOT NULL"
        )
    )


@given(ARRIVALS, st.randoms())
@settings(max_examples=12, deadline=None)
def test_the_order_in_which_they_come_does_not_matter(arrivals, chance):
    ends = []
    shuffled = chance.sample(arrivals, len(arrivals))
    for order, each in ((arrivals, True), (shuffled, True), (shuffled, False)):
        with tempfile.TemporaryDirectory() as folder:
            world = World(Path(folder) / "ledger")
            world.roster("D1,px4:01,Acme,,Anna,anna@maker")
            for arrival in order:
                arrive(world, arrival)
                if each:
                    look(world)
            look(world)
            look(world)
            ends.append(incidents(world))
            world.ledger.close()

    assert ends[0] == ends[1] == ends[2]
