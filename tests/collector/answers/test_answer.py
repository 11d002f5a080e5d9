"""What an answer does to its case, and to what the case is about."""

import pytest

from tests.collector.judged import CRASH, SETTINGS, cases, new
from tests.collector.world import DAY, HOUR, T0
from windsock.collector.answers.answer import ANSWERS, Answer, AnswerError, apply_answer
from windsock.collector.answers.effects import hold_answers
from windsock.collector.cases.judge import judge_fleet
from windsock.collector.cases.rows import case_rows
from windsock.collector.ledger import transaction
from windsock.collector.roster.owners import owner_of

NOW = T0 + 2 * HOUR


def said(kind, until_us=None, note="", actor="anna@maker"):
    return Answer(kind, until_us, note, actor, "command")


def answer(world, case_id, *words, now_us=NOW, **more):
    with transaction(world.ledger) as ledger:
        return apply_answer(ledger, case_id, said(*words, **more), now_us)


@pytest.fixture
def crashed(world):
    """Case 1 is about D1, which is Acme's."""
    world.roster("D1,px4:01,Acme,,Anna,anna@maker")
    world.flight(T0, facts=CRASH)
    new(world)
    return world


@pytest.mark.parametrize(
    ("kind", "until_us", "state"),
    [
        ("acknowledge", None, "acknowledged"),
        ("confirmed", None, "acknowledged"),
        ("snooze", NOW + DAY, "snoozed"),
        ("done", None, "resolved"),
        ("pause", NOW + DAY, "resolved"),
        ("sold", None, "resolved"),
        ("retired", None, "resolved"),
        ("repair", None, "resolved"),
        ("false-alarm", None, "resolved"),
    ],
)
def test_each_answer_leaves_its_case_in_a_state_with_who_and_when(crashed, kind, until_us, state):
    assert answer(crashed, 1, kind, until_us, "spoke to Bo").state == state

    (case,) = cases(crashed)
    closed = (NOW, "anna@maker") if state == "resolved" else (None, None)
    assert case["state"] == state
    assert (case["closed_us"], case["closed_by"]) == closed
    assert case["snoozed_until_us"] == (until_us if state == "snoozed" else None)
    assert crashed.rows("SELECT at_us, transition, actor, decision FROM case_events")[1:] == [
        {"at_us": NOW, "transition": kind, "actor": "anna@maker", "decision": "answered"}
    ]
    assert crashed.rows("SELECT answer, via, note FROM answers") == [
        {"answer": kind, "via": "command", "note": "spoke to Bo"}
    ]


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_same_answer_twice_is_one(crashed, kind):
    until_us = NOW + DAY if kind in ("snooze", "pause") else None
    first = answer(crashed, 1, kind, until_us)
    again = answer(crashed, 1, kind, until_us, now_us=NOW + HOUR)

    assert again.state == first.state
    assert again.what == f"case 1: {kind} had been said already"
    assert len(crashed.rows("SELECT * FROM answers")) == 1
    assert len(crashed.rows("SELECT * FROM case_events")) == 2


@pytest.mark.parametrize(
    ("case", "words", "complaint"),
    [
        (7, ("done",), "there is no case 7"),
        (1, ("snooze",), "snooze needs a date"),
        (1, ("pause",), "pause needs a date"),
        (1, ("snooze", NOW), "snooze until 2026-01-01: that is past"),
        (1, ("repair", NOW - 1), "that is past"),
        (1, ("done", NOW + DAY), "done takes no date"),
        (1, ("sold", -5), "expected a date from 1970"),
        (1, ("sold", 2**62), "to 2199"),
        (1, ("forget it",), "expected one of acknowledge, done"),
        (1, ("done", None, "x" * 1001), "at most 1000"),
        (1, ("done", None, "", ""), "needs the e-mail address"),
        (1, ("done", None, "", "facts"), "needs the e-mail address"),
        (2, ("sold",), "sold can be said of a drone; case 2 is about dock-1"),
        (2, ("pause", NOW + DAY), "which can't pause"),
    ],
)
def test_what_cant_be_said_is_refused_and_changes_nothing(crashed, case, words, complaint):
    with transaction(crashed.ledger) as ledger:
        ledger.execute(
            "INSERT INTO cases (rule, subject_kind, subject, state, severity, episode, facts,"
            " opened_us) VALUES ('X2', 'station', 'dock-1', 'open', 20, 'unseen', '{}', 0)"
        )
    before = list(crashed.ledger.iterdump())

    with transaction(crashed.ledger) as ledger, pytest.raises(AnswerError, match=complaint):
        apply_answer(ledger, case, said(*words), NOW)
    assert list(crashed.ledger.iterdump()) == before


def test_a_closed_case_takes_no_other_answer(crashed):
    answer(crashed, 1, "done")

    with pytest.raises(AnswerError, match="closed on 2026-01-01 by anna@maker"):
        answer(crashed, 1, "false-alarm")


def test_sold_ends_the_customers_link_on_the_day(crashed):
    answer(crashed, 1, "sold", T0 - 10 * DAY)

    assert owner_of(crashed.ledger, "D1", T0 - 10 * DAY - 1).customer == "Acme"
    assert owner_of(crashed.ledger, "D1", T0 - 10 * DAY).customer is None


def test_nobodys_drone_cant_be_sold(world):
    world.roster("D1,px4:01")
    world.flight(T0, facts=CRASH)
    new(world)

    with pytest.raises(AnswerError, match="has no customer after"):
        answer(world, 1, "sold")


@pytest.mark.parametrize(
    ("kind", "until_us", "states"),
    [
        ("retired", None, ["in_service", "retired", "retired"]),
        ("repair", None, ["in_service", "repair", "repair"]),
        ("repair", NOW + DAY, ["in_service", "repair", "in_service"]),
    ],
)
def test_how_a_drone_stands_changes_with_the_day(crashed, kind, until_us, states):
    answer(crashed, 1, kind, until_us)

    assert [
        owner_of(crashed.ledger, "D1", at_us).service_state for at_us in (NOW - 1, NOW, NOW + DAY)
    ] == states


SOLD = ("drone_customer", "SELECT until_us FROM links WHERE kind = 'drone_customer'")


def test_the_same_roster_again_undoes_no_answer(crashed):
    answer(crashed, 1, "sold")
    before = crashed.rows("SELECT * FROM links ORDER BY kind, subject, from_us")
    crashed.roster("D1,px4:01,Acme,,Anna,anna@maker")
    with transaction(crashed.ledger) as ledger:
        hold_answers(ledger)

    assert crashed.rows("SELECT * FROM links ORDER BY kind, subject, from_us") == before


def test_a_roster_that_says_something_new_counts(crashed):
    answer(crashed, 1, "sold")
    crashed.roster(f"D1,px4:01,Acme,,Anna,anna@maker,,{'2025-03-01'}")
    with transaction(crashed.ledger) as ledger:
        hold_answers(ledger)

    assert owner_of(crashed.ledger, "D1", NOW + DAY).customer == "Acme"


def test_answers_one_after_the_other_all_hold(crashed):
    answer(crashed, 1, "repair", NOW + 9 * DAY)
    judge_fleet(crashed.ledger, NOW, SETTINGS)
    crashed.flight(T0 + DAY, facts=CRASH)
    new(crashed, T0 + 2 * DAY)
    answer(crashed, 2, "retired", now_us=NOW + 2 * DAY)
    crashed.roster("D1,px4:01,Acme,,Anna,anna@maker")
    with transaction(crashed.ledger) as ledger:
        hold_answers(ledger)

    states = [owner_of(crashed.ledger, "D1", NOW + n * DAY).service_state for n in (1, 3, 10)]
    assert states == ["repair", "retired", "retired"]


@pytest.mark.parametrize(
    ("kind", "state"), [("false-alarm", "withdrawn"), ("confirmed", "confirmed")]
)
def test_what_a_person_says_of_an_incident_stands(crashed, kind, state):
    answer(crashed, 1, kind)
    crashed.measure(1, CRASH | {"peak_force_m_s2": 200.0})
    new(crashed, NOW + HOUR)

    assert crashed.rows("SELECT state, answered_by FROM incidents") == [
        {"state": state, "answered_by": "anna@maker"}
    ]
    assert len(cases(crashed)) == 1


def test_a_crash_is_possible_until_a_person_confirms_it(crashed):
    answer(crashed, 1, "confirmed")
    judge_fleet(crashed.ledger, NOW, SETTINGS)

    (row,) = case_rows(crashed.ledger, NOW)
    assert (row.what[:5], row.basis, row.state) == ("crash", "confirmed", "acknowledged")
    assert len(crashed.rows("SELECT * FROM outbox")) == 1  # nothing new to tell
