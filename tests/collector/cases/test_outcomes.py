"""Whether the account flew again within 30 days of a closed case."""

import pytest

from tests.collector.answers.test_answer import answer
from tests.collector.judged import CRASH, fleet, new
from tests.collector.world import DAY, HOUR, T0, S

CLOSED = T0 + HOUR


@pytest.fixture
def closed(world):
    """Case 1, of Acme, was closed by Anna."""
    world.roster("D1,px4:01,Acme,,Anna,anna@maker", "D2,px4:02,Acme", "D3,px4:03,Beta")
    world.flight(T0, facts=CRASH)
    new(world)
    answer(world, 1, "done", now_us=CLOSED)
    return world


def outcomes(world):
    return [
        (row["case_id"], row["flew_again"], (row["decided_us"] - T0) // DAY)
        for row in world.rows("SELECT * FROM outcomes")
    ]


@pytest.mark.parametrize(("after_us", "flew"), [(1, 1), (30 * DAY, 1), (30 * DAY + 1, 0)])
@pytest.mark.parametrize("uid", ["px4:01", "px4:02"])
def test_any_drone_of_the_account_within_thirty_days(closed, uid, after_us, flew):
    closed.flight(CLOSED + after_us, uid=uid)
    fleet(closed, CLOSED + 31 * DAY)

    assert outcomes(closed) == [(1, flew, 31)]


def test_it_is_known_as_soon_as_it_flew_and_not_before(closed):
    fleet(closed, T0 + 4 * DAY)
    assert outcomes(closed) == []

    closed.flight(T0 + 5 * DAY)
    fleet(closed, T0 + 6 * DAY)
    fleet(closed, T0 + 9 * DAY)
    assert outcomes(closed) == [(1, 1, 6)]


@pytest.mark.parametrize(("late_us", "known"), [(-1, []), (0, [(1, 0, 30)])])
def test_it_did_not_once_thirty_days_are_over(closed, late_us, known):
    fleet(closed, CLOSED + 30 * DAY + late_us)

    assert outcomes(closed) == known


def test_a_card_that_comes_in_later_makes_it_a_yes(closed):
    fleet(closed, T0 + 40 * DAY)
    closed.flight(T0 + 10 * DAY)
    fleet(closed, T0 + 50 * DAY)

    assert outcomes(closed) == [(1, 1, 50)]


@pytest.mark.parametrize(
    "flight",
    [
        {"uid": "px4:03"},  # another customer's
        {"facts": {"airborne_s": 9.0}},
        {"simulated": 1},
        {"start_us": T0 - DAY},
    ],
)
def test_what_is_no_flight_of_the_account(closed, flight):
    closed.flight(**({"start_us": T0 + DAY} | flight))
    fleet(closed, T0 + 40 * DAY)

    assert outcomes(closed) == [(1, 0, 40)]


def test_a_case_that_was_reopened_has_none(world):
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    world.online(T0, T0 + 99 * DAY)
    world.flight(T0)
    fleet(world, T0 + 31 * DAY)
    late = world.flight(T0 + 20 * DAY)
    fleet(world, T0 + 31 * DAY + S)
    assert len(outcomes(world)) == 0
    world.flight(T0 + 32 * DAY)
    fleet(world, T0 + 33 * DAY)
    assert {row[:2] for row in outcomes(world)} >= {(1, 1)}

    world.retract(late)
    world.retract(late + 1)
    fleet(world, T0 + 34 * DAY)
    assert 1 not in {row[0] for row in outcomes(world)}


def test_a_station_has_none(world):
    world.roster("D1,px4:01,Acme")
    world.flight(T0)
    fleet(world, T0 + 31 * DAY)
    world.flight(T0 + 32 * DAY)
    fleet(world, T0 + 33 * DAY)
    closed = world.rows("SELECT id FROM cases WHERE rule = 'X2' AND state = 'resolved'")

    assert closed
    assert closed[0]["id"] not in {row[0] for row in outcomes(world)}
