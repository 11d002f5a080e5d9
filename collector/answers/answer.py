"""A person's answer to a case: written down, and acted on, in one step.

It closes or quiets the case, and where it says how the drone or the customer stands, that becomes
a fact (`effects`). Answers are append-only; the same one twice is one. Functions work in their
caller's transaction.
"""

import sqlite3
from typing import Final, NamedTuple

import msgspec

from windsock.collector.answers.effects import take_effect
from windsock.collector.answers.said import ANSWERS, Answer, AnswerError, AnswerKind, check
from windsock.collector.cases.life import FACTS
from windsock.collector.ledger import savepoint
from windsock.collector.notify.phrases import short_day
from windsock.collector.sql import insert

__all__ = ["ANSWERS", "Answer", "AnswerError", "AnswerKind", "Answered", "apply_answer"]

_STAYS_OPEN: Final = {
    "acknowledge": "acknowledged",
    "confirmed": "acknowledged",
    "snooze": "snoozed",
}
"""What a case is after these; the others close it."""


class Answered(NamedTuple):
    """What came of it."""

    case_id: int
    state: str
    what: str
    """In words, for who answered."""


def apply_answer(
    ledger: sqlite3.Connection, case_id: int, answer: Answer, now_us: int
) -> Answered:
    """Do what *answer* says to the case, in the caller's transaction.

    Raises AnswerError, and then nothing changed: no such case, one that is closed, a date that is
    missing, past or not asked for, something that can't be said of this case.
    """
    case = ledger.execute("SELECT * FROM cases WHERE id = ?", (case_id,)).fetchone()
    if case is None:
        raise AnswerError(f"there is no case {case_id}")
    state = _STAYS_OPEN.get(answer.kind, "resolved")
    if _said_already(ledger, case, answer, state):
        return Answered(case_id, state, f"case {case_id}: {answer.kind} had been said already")
    check(answer, now_us)
    if case["state"] == "resolved":
        by = "by itself" if case["closed_by"] == FACTS else f"by {case['closed_by']}"
        raise AnswerError(f"case {case_id} was closed on {short_day(case['closed_us'])} {by}")
    with savepoint(ledger):
        answer_id = _write_down(ledger, case_id, answer, now_us)
        effect = take_effect(ledger, case, answer_id, answer, now_us)
    _note_event(ledger, case_id, answer, now_us)
    _alter(ledger, case_id, answer, state, now_us)
    said = {"resolved": "closed", "snoozed": f"quiet until {short_day(answer.until_us)}"}
    words = [f"case {case_id}: {said.get(state, state)}", *([effect] if effect else [])]
    return Answered(case_id, state, "; ".join(words))


def _said_already(
    ledger: sqlite3.Connection, case: sqlite3.Row, answer: Answer, state: str
) -> bool:
    """The newest answer was the same, and the case is still as it left it."""
    last = ledger.execute(
        "SELECT answer, until_us FROM answers WHERE case_id = ? ORDER BY id DESC LIMIT 1",
        (case["id"],),
    ).fetchone()
    if last is None or case["closed_by"] == FACTS or case["state"] != state:
        return False
    return bool((last["answer"], last["until_us"]) == (answer.kind, answer.until_us))


def _write_down(ledger: sqlite3.Connection, case_id: int, answer: Answer, now_us: int) -> int:
    return insert(
        ledger,
        "answers",
        {
            "case_id": case_id,
            "at_us": now_us,
            "actor": answer.actor,
            "via": answer.via,
            "answer": answer.kind,
            "until_us": answer.until_us,
            "note": answer.note or None,
        },
    )


def _note_event(ledger: sqlite3.Connection, case_id: int, answer: Answer, now_us: int) -> None:
    last = ledger.execute(
        "SELECT news FROM case_events WHERE case_id = ? ORDER BY id DESC LIMIT 1", (case_id,)
    ).fetchone()
    said = {"via": answer.via, "until_us": answer.until_us, "note": answer.note or None}
    detail = {key: value for key, value in said.items() if value is not None}
    insert(
        ledger,
        "case_events",
        {
            "case_id": case_id,
            "at_us": now_us,
            "transition": answer.kind,
            "actor": answer.actor,
            "news": last["news"] if last else "",
            "decision": "answered",
            "detail": msgspec.json.encode(detail).decode(),
        },
    )


def _alter(
    ledger: sqlite3.Connection, case_id: int, answer: Answer, state: str, now_us: int
) -> None:
    closed = state == "resolved"
    ledger.execute(
        "UPDATE cases SET state = :state, snoozed_until_us = :until_us, closed_us = :closed_us,"
        " closed_by = :closed_by WHERE id = :id",
        {
            "state": state,
            "until_us": answer.until_us if state == "snoozed" else None,
            "closed_us": now_us if closed else None,
            "closed_by": answer.actor if closed else None,
            "id": case_id,
        },
    )
