"""What people answered holds against the facts until they change."""

import pytest

from tests.collector.answers.test_answer import answer
from tests.collector.cases.told import tell, ticket
from tests.collector.judged import CRASH, events, fleet, headlines, new, of
from tests.collector.world import DAY, HOUR, T0, S

SILENT = T0 + 31 * DAY
MAY = T0 + 120 * DAY


@pytest.fixture
def silent(world):
    """D1 stopped flying a month ago; case 1 says so."""
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    world.online(T0, T0 + 200 * DAY)
    world.habit(T0)
    world.flight(T0)
    fleet(world, SILENT)
    assert of(world, "D1a") == ["D1"]
    return world


def test_a_snooze_ends_by_itself_and_what_still_stands_is_told_again(world):
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    world.flight(T0, facts=CRASH)
    new(world)
    answer(world, 1, "snooze", T0 + 3 * DAY, now_us=T0 + HOUR)
    for moment_us in (T0 + 2 * HOUR, T0 + 3 * DAY - 1, T0 + 3 * DAY, T0 + 3 * DAY + HOUR):
        fleet(world, moment_us)

    assert events(world) == ["open: notify", "snooze: answered", "wake: notify"]
    assert [case["state"] for case in world.rows("SELECT state FROM cases")] == ["open"]
    assert headlines(world) == [("anna@maker", "Possible crash")] * 2
    keys = world.rows("SELECT key FROM outbox")
    assert len({row["key"] for row in keys}) == 2


def test_another_crash_ends_a_snooze(world):
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    world.flight(T0, facts=CRASH)
    new(world)
    answer(world, 1, "snooze", T0 + 9 * DAY, now_us=T0 + HOUR)
    world.flight(T0 + DAY, facts=CRASH)
    new(world, T0 + DAY + HOUR)

    assert events(world) == ["open: notify", "snooze: answered", "wake: notify"]


def test_what_is_over_before_the_snooze_ends_is_told_to_nobody(silent):
    answer(silent, 1, "snooze", SILENT + 9 * DAY, now_us=SILENT)
    silent.flight(SILENT + DAY)
    fleet(silent, SILENT + 2 * DAY)
    fleet(silent, SILENT + 10 * DAY)

    assert events(silent, "D1a") == ["open: digest", "snooze: answered", "resolve: resolved"]


def test_an_acknowledged_case_hears_of_news(world):
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    world.flight(T0, facts=CRASH)
    new(world)
    answer(world, 1, "acknowledge", now_us=T0 + HOUR)
    world.flight(T0 + DAY, facts=CRASH)
    new(world, T0 + DAY + HOUR)

    assert events(world) == ["open: notify", "acknowledge: answered", "update: notify"]


def test_a_silence_paused_until_may_stays_silent_until_then(silent):
    answer(silent, 1, "pause", MAY, now_us=SILENT)
    for moment_us in range(SILENT, MAY, 10 * DAY):
        fleet(silent, moment_us)
    fleet(silent, MAY - 1)
    assert of(silent, "D1a") == []

    fleet(silent, MAY)  # the 30 days were over before it paused
    assert of(silent, "D1a") == ["D1"]
    assert [row["id"] for row in silent.rows("SELECT id FROM cases WHERE rule = 'D1a'")][-1] > 1


def test_a_pause_that_began_in_time_leaves_the_rest_of_the_month(silent):
    silent.flight(SILENT + DAY)
    fleet(silent, SILENT + 2 * DAY)
    tell(silent, "pauses", "drone,from,until", "D1,2026-02-12,2026-04-12")
    flown_us, paused_us = SILENT + DAY, 59 * DAY
    fleet(silent, flown_us + paused_us + 30 * DAY)
    assert of(silent, "D1a") == []

    fleet(silent, flown_us + paused_us + 30 * DAY + S)
    assert of(silent, "D1a") == ["D1"]


@pytest.mark.parametrize("whose", ["drone,from,until|D1", "customer,from,until|Acme"])
def test_planned_pauses_hold_for_a_drone_or_all_of_a_customer(silent, whose):
    header, subject = whose.split("|")
    tell(silent, "pauses", header, f"{subject},2026-01-20,2026-05-01")
    fleet(silent, SILENT)

    assert of(silent, "D1a") == of(silent, "C1") == []
    (event,) = silent.rows(
        "SELECT detail FROM case_events WHERE transition = 'resolve' AND case_id = 1"
    )
    assert "service state paused" in event["detail"]


def test_a_customers_case_pauses_all_its_drones(silent):
    (whole,) = silent.rows("SELECT id FROM cases WHERE rule = 'C1'")
    answer(silent, whole["id"], "pause", MAY, now_us=SILENT)
    fleet(silent, SILENT + DAY)
    assert of(silent, "C1") == of(silent, "D1a") == []

    fleet(silent, MAY)
    assert of(silent, "C1") == ["Acme"]


@pytest.mark.parametrize("kind", ["done", "sold", "retired", "repair", "false-alarm"])
def test_what_a_person_closed_stays_closed_while_the_facts_are_the_same(silent, kind):
    answer(silent, 1, kind, now_us=SILENT)
    for day in range(1, 60, 7):
        fleet(silent, SILENT + day * DAY)

    assert of(silent, "D1a") == []


def test_after_it_flew_another_silence_is_another_case(silent):
    answer(silent, 1, "done", now_us=SILENT)
    for day in (1, 2, 3):
        silent.flight(SILENT + day * DAY)
    fleet(silent, SILENT + 4 * DAY)
    assert events(silent, "D1a")[-1] == "over: resolved"

    fleet(silent, SILENT + 34 * DAY)
    assert of(silent, "D1a") == ["D1"]


@pytest.mark.parametrize(("after_days", "told"), [(6, 1), (8, 2)])
def test_a_station_out_of_sight_again_is_news_after_a_week(world, after_days, told):
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    world.flight(T0)
    fleet(world, T0 + 31 * DAY)
    late = world.flight(T0 + 32 * DAY)
    fleet(world, T0 + 33 * DAY)
    assert events(world, "X2") == ["open: support", "resolve: resolved"]
    world.retract(late)
    fleet(world, T0 + (33 + after_days) * DAY)

    assert len([row for row in headlines(world) if row[0] == "support@maker"]) == told


def test_who_stands_in_is_told_and_the_case_stays_the_csms(world):
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    tell(world, "cover", "csm,from,until,substitute",
         "anna@maker,2026-01-01,2026-01-03,bob@maker")  # fmt: skip
    world.flight(T0, facts=CRASH)
    new(world)
    world.flight(T0 + 2 * DAY, facts=CRASH)
    new(world, T0 + 2 * DAY + HOUR)

    assert headlines(world) == [
        ("bob@maker", "Possible crash"), ("anna@maker", "Possible crash"),
    ]  # fmt: skip
    assert {row["csm"] for row in world.rows("SELECT csm FROM cases")} == {"anna@maker"}


def test_of_a_drone_that_was_sold_nothing_is_held_against_nobody(silent):
    """What it did before is its customer's; who has it now is not known."""
    for name in ("T1", "T2", "T3"):
        ticket(silent, name, T0)
    fleet(silent, SILENT)
    answer(silent, 1, "sold", now_us=SILENT)
    for day in range(1, 100, 9):
        fleet(silent, SILENT + day * DAY)

    assert of(silent, "D1a") == of(silent, "D2") == of(silent, "D1b") == []
    assert "support@maker" not in {who for who, _ in headlines(silent)}
