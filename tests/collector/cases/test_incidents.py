"""D2 and C2: three critical incidents within a month, at their edges."""

import msgspec
import pytest

from tests.collector.answers.test_answer import answer
from tests.collector.cases.told import ROSTER, ticket
from tests.collector.judged import (
    CRASH,
    SETTINGS,
    events,
    facts,
    fleet,
    headlines,
    new,
    open_cases,
)
from tests.collector.world import DAY, T0, S
from windsock.collector.ledger import transaction

COUNTING = msgspec.structs.replace(
    SETTINGS, judge=msgspec.structs.replace(SETTINGS.judge, count_unconfirmed=True)
)


@pytest.mark.parametrize(
    ("third_us", "opens"),
    [
        (30 * DAY, True),  # on day 30
        (30 * DAY + S, False),  # 30 days and a second
        (31 * DAY, False),
    ],
)
def test_the_third_ticket_at_the_edge(acme, third_us, opens):
    for name, after_us in (("T1", 0), ("T2", 10 * DAY), ("T3", third_us)):
        ticket(acme, name, T0 + after_us)
    fleet(acme, T0 + 31 * DAY)

    assert bool(open_cases(acme, "D2")) is bool(open_cases(acme, "C2")) is opens


def test_it_is_the_csms_with_both_playbooks_and_the_distributor_named(acme):
    for day in range(3):
        ticket(acme, f"T{day}", T0 + day * DAY)
    fleet(acme, T0 + 3 * DAY)

    (case,) = open_cases(acme, "D2")
    assert (case["subject"], case["csm"]) == ("D1", "anna@maker")
    assert case["playbook"] == "CS: Trouble Call End User; CS: Trouble Call Distributor"
    assert facts(acme, "D2")["who"]["distributor"] == "Dealer"
    assert events(acme, "D2") == ["open: notify"]
    (account,) = open_cases(acme, "C2")
    assert (account["subject"], account["playbook"]) == ("Acme", "CS: Trouble Call End User")
    assert events(acme, "C2") == ["open: digest"]  # all of one drone: D2 tells of it


def test_over_the_account_it_is_c2_alone(acme):
    ticket(acme, "T1", T0)
    ticket(acme, "T2", T0 + DAY, drone="D2")
    ticket(acme, "T3", T0 + 2 * DAY, drone="", account="Acme")
    fleet(acme, T0 + 3 * DAY)

    assert not open_cases(acme, "D2")
    assert events(acme, "C2") == ["open: notify"]


@pytest.mark.parametrize(
    ("settings", "opens"), [(SETTINGS, False), (COUNTING, True)], ids=["shown", "counted"]
)
def test_what_nobody_confirmed_stands_beside_the_count(acme, settings, opens):
    acme.flight(T0, facts=CRASH)
    new(acme)
    ticket(acme, "T1", T0 + 4 * DAY)
    ticket(acme, "T2", T0 + 8 * DAY)
    fleet(acme, T0 + 9 * DAY, settings)
    assert bool(open_cases(acme, "D2")) is opens

    ticket(acme, "T3", T0 + 12 * DAY)
    fleet(acme, T0 + 13 * DAY, settings)
    said = facts(acme, "D2")
    assert (len(said["incidents"]), said["unconfirmed"]) == ((4, 0) if opens else (3, 1))


def test_a_detection_counts_once_a_person_confirms_it(acme):
    acme.flight(T0, facts=CRASH)
    new(acme)
    for name in ("T1", "T2"):
        ticket(acme, name, T0 + 4 * DAY)
    fleet(acme, T0 + 5 * DAY)
    assert not open_cases(acme, "D2")

    answer(acme, 1, "confirmed", now_us=T0 + 5 * DAY)
    fleet(acme, T0 + 6 * DAY)
    assert len(open_cases(acme, "D2")) == 1


@pytest.mark.parametrize(
    ("age_us", "expected"), [(30 * DAY, "open: notify"), (30 * DAY + S, "open: too-old")]
)
def test_what_is_older_than_thirty_days_on_arrival_is_recorded_and_not_told(
    acme, age_us, expected
):
    for day in range(3):
        ticket(acme, f"T{day}", T0 + day * DAY)
    fleet(acme, T0 + 2 * DAY + age_us)

    assert events(acme, "D2") == [expected]


@pytest.mark.parametrize(("sold_us", "opens"), [(T0, True), (T0 + 1, False)])
def test_a_new_owner_sees_only_what_happened_since_the_hand_over(world, sold_us, opens):
    """Acme had the drone before, and its incidents stay Acme's."""
    world.roster("D1,px4:01,Acme,,,anna@maker,,customer", header=ROSTER)
    with transaction(world.ledger) as ledger:
        ledger.execute("UPDATE links SET until_us = ? WHERE kind = 'drone_customer'", (sold_us,))
        ledger.execute(
            "INSERT INTO links VALUES ('drone_customer', 'D1', 'Beta', ?, NULL)", (sold_us,)
        )
    for day in range(3):
        ticket(world, f"T{day}", T0 + day * DAY)
    fleet(world, T0 + 3 * DAY)

    assert bool(open_cases(world, "D2")) is opens


def test_the_account_that_had_the_drone_then_counts_it(world):
    """Three before the sale are Acme's, though the drone is Beta's now; it has none."""
    world.roster(
        "D1,px4:01,Acme,,,anna@maker,,customer", "D1,,Beta,,,bob@maker,2026-01-05,customer",
        header=ROSTER,
    )  # fmt: skip
    for day in range(3):
        ticket(world, f"T{day}", T0 + day * DAY)
    fleet(world, T0 + 10 * DAY)

    assert [case["subject"] for case in open_cases(world, "C2")] == ["Acme"]
    assert not open_cases(world, "D2")


@pytest.mark.parametrize(
    ("stage", "opens"), [("customer", True), ("", True), ("lead", False), ("churned", False)]
)
def test_c2_is_for_accounts_at_stage_customer(world, stage, opens):
    world.roster(f"D1,px4:01,Acme,,,anna@maker,,{stage}", header=ROSTER)
    for day in range(3):
        ticket(world, f"T{day}", T0 + day * DAY)
    fleet(world, T0 + 3 * DAY)

    assert bool(open_cases(world, "C2")) is opens
    assert open_cases(world, "D2")


def test_c2_is_not_for_distributors(world):
    world.roster("D1,px4:01,Acme,Dealer,,anna@maker", "D9,px4:09,Dealer", header=ROSTER)
    for day in range(3):
        ticket(world, f"T{day}", T0 + day * DAY, drone="", account="Dealer")
    fleet(world, T0 + 3 * DAY)

    assert not open_cases(world, "C2")


def test_a_ticket_without_a_date_counts_on_the_day_it_was_opened(acme):
    ticket(acme, "T1", opened="2026-01-01")
    ticket(acme, "T2", T0 + 30 * DAY)
    ticket(acme, "T3", T0 + 30 * DAY)
    fleet(acme, T0 + 31 * DAY)
    assert open_cases(acme, "D2")

    acme.flight(T0, facts=CRASH)  # without a date it is no detection's ticket
    new(acme)
    fleet(acme, T0 + 31 * DAY)
    assert not acme.rows("SELECT 1 FROM incidents WHERE flight_id IS NOT NULL AND ticket = 'T1'")


def test_a_fourth_is_told_in_the_open_case(acme):
    for day in range(3):
        ticket(acme, f"T{day}", T0 + day * DAY)
    fleet(acme, T0 + 3 * DAY)
    ticket(acme, "T3", T0 + 4 * DAY)
    fleet(acme, T0 + 5 * DAY)
    fleet(acme, T0 + 6 * DAY)

    assert events(acme, "D2") == ["open: notify", "update: notify"]
    assert [name for _, name in headlines(acme)] == [
        "3 critical incidents in a month", "4 critical incidents in a month",
    ]  # fmt: skip


def test_what_was_answered_holds_until_there_is_another(acme):
    for day in range(3):
        ticket(acme, f"T{day}", T0 + day * DAY)
    fleet(acme, T0 + 3 * DAY)
    (case,) = open_cases(acme, "D2")
    answer(acme, case["id"], "done", now_us=T0 + 3 * DAY)
    acme.flight(T0, facts=CRASH)  # the card of the first of them comes in: nothing new
    new(acme, T0 + 4 * DAY)
    fleet(acme, T0 + 5 * DAY)
    assert not open_cases(acme, "D2")

    ticket(acme, "T3", T0 + 6 * DAY)
    fleet(acme, T0 + 7 * DAY)
    assert [one["id"] for one in open_cases(acme, "D2")] != [case["id"]]
    assert len(open_cases(acme, "D2")) == 1


def test_a_ticket_from_the_future_waits(acme):
    for day in (1, 2, 9):
        ticket(acme, f"T{day}", T0 + day * DAY)
    fleet(acme, T0 + 8 * DAY)
    assert not open_cases(acme, "D2")

    fleet(acme, T0 + 9 * DAY)
    assert open_cases(acme, "D2")
