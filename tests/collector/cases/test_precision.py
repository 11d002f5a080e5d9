"""How often a rule was right, and what else stands with an account."""

import pytest

from tests.collector.world import DAY, T0
from windsock.collector.cases.precision import Precision, how_often_wrong, precision_of
from windsock.collector.cases.situation import Score, Ticket, situation_of
from windsock.collector.ledger import transaction
from windsock.collector.sql import insert


def given(world, rule, *answers):
    """A closed case, and what was said to it."""
    with transaction(world.ledger) as ledger:
        row = {"rule": rule, "subject_kind": "drone", "subject": "D1", "state": "resolved"}
        row |= {"severity": 1, "episode": "", "facts": "{}", "opened_us": 0}
        case = insert(ledger, "cases", row)
        for word in answers:
            said = {"case_id": case, "at_us": 0, "actor": "a@x", "via": "link", "answer": word}
            insert(ledger, "answers", said)


@pytest.mark.parametrize(
    ("rule", "answers", "expected"),
    [
        ("X1", [], (0, 0, 1)),
        ("X1", ["done"], (0, 0, 1)),
        ("X1", ["acknowledge", "confirmed", "done"], (1, 0, 0)),
        ("X1", ["confirmed", "false-alarm"], (0, 1, 0)),  # the last word counts
        ("X1", ["false-alarm"], (0, 1, 0)),
        ("X1", ["repair"], (1, 0, 0)),
        ("X1", ["sold"], (0, 0, 1)),  # says nothing of a crash
        ("D1a", ["sold"], (1, 0, 0)),  # and why it did not fly
        ("D1a", ["snooze", "pause"], (1, 0, 0)),
    ],
)
def test_the_last_word_on_each_case_counts(world, rule, answers, expected):
    given(world, rule, *answers)
    given(world, "C4", "false-alarm")

    assert precision_of(world.ledger, rule) == Precision(*expected)


@pytest.mark.parametrize(
    ("precision", "expected"),
    [
        (Precision(0, 0, 40), "how often it is wrong is not known yet: 0 answers"),
        (Precision(0, 1, 9), "how often it is wrong is not known yet: 1 answer"),
        (Precision(9, 0, 0), "how often it is wrong is not known yet: 9 answers"),
        (Precision(10, 0, 5), "wrong never in 10 answers"),
        (Precision(9, 1, 0), "wrong once in 10 answers"),
        (Precision(5, 7, 0), "wrong 7 times in 12 answers"),
    ],
)
def test_how_often_a_rule_is_wrong_is_said_once_it_is_known(precision, expected):
    assert how_often_wrong(precision) == expected


def test_open_tickets_and_last_scores_of_an_account(world):
    world.roster("D1,px4:01,Acme", "D2,px4:02,Beta")
    with transaction(world.ledger) as ledger:
        for ticket, drone, account, critical, state, merged in (
            ("T1", "D1", None, 0, "open", None),
            ("T2", None, "Acme", 1, "open", None),
            ("T3", "D1", None, 1, "closed", None),
            ("T4", "D1", None, 1, "open", "T2"),
            ("T5", "D2", "Beta", 1, "open", None),
        ):
            row = {"ticket": ticket, "drone": drone, "account": account, "critical": critical}
            more = {"state": state, "merged_into": merged, "opened_us": T0, "incident_us": T0}
            insert(ledger, "tickets", row | more)
        for survey, account, kind, score, day in (
            ("1", "Acme", "CES", 3, 1), ("2", "Acme", "CES", 6, 2), ("3", "Acme", "NPS", 9, 1),
            ("4", "Beta", "CES", 1, 3), ("5", "Acme", "CES", 2, 9),
        ):  # fmt: skip
            row = {"survey": survey, "account": account, "kind": kind, "score": score}
            insert(ledger, "surveys", row | {"scale": 7, "answered_us": T0 + day * DAY})

    found = situation_of(world.ledger, "Acme", "D1", T0 + 5 * DAY)

    assert found.open_tickets == [Ticket("T2", None, True, T0), Ticket("T1", "D1", False, T0)]
    assert found.last_scores == [
        Score("CES", 6, 7, T0 + 2 * DAY), Score("NPS", 9, 7, T0 + DAY),
    ]  # fmt: skip
    assert situation_of(world.ledger, None, None, T0) == ([], [])
