"""What an answer makes true of a drone, a customer or an incident, beyond its case.

A pause goes beside those that were planned. *Sold*, *retired* and *in repair* change the dated
links that the roster gave; what they changed is kept, so that the same roster read again doesn't
undo it (`hold_answers`), while a roster that says something new does. Functions work in their
caller's transaction.
"""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from windsock.collector.answers.said import Answer, AnswerError
from windsock.collector.notify.phrases import short_day
from windsock.collector.roster.timeline import Span, overlay
from windsock.collector.sql import Value, insert

Case = sqlite3.Row
Effect = Callable[[sqlite3.Connection, Case, int, Answer, int], str]


def take_effect(
    ledger: sqlite3.Connection, case: Case, answer_id: int, answer: Answer, now_us: int
) -> str:
    """Make it so; what it did, in words, or nothing. Raises AnswerError."""
    effect = _EFFECTS.get(answer.kind)
    return effect(ledger, case, answer_id, answer, now_us) if effect else ""


def hold_answers(ledger: sqlite3.Connection) -> None:
    """Links that the roster has given back as they were before an answer follow the answer again.

    The roster is read anew at every start. Where it has learned something else since, it counts.
    """
    for row in ledger.execute("SELECT * FROM overruled ORDER BY answer_id").fetchall():
        now = _links(ledger, row["kind"], row["subject"])
        if _encoded(now) == row["before"] != row["after"]:
            after = msgspec.json.decode(row["after"], type=list[Span])
            _set_links(ledger, row["kind"], row["subject"], after)


def _pause(
    ledger: sqlite3.Connection, case: Case, answer_id: int, answer: Answer, now_us: int
) -> str:
    if case["subject_kind"] not in ("drone", "customer"):
        raise AnswerError(f"case {case['id']} is about {case['subject']}, which can't pause")
    row: dict[str, Value] = {
        "subject_kind": case["subject_kind"],
        "subject": case["subject"],
        "from_us": now_us,
        "until_us": answer.until_us,
        "reason": answer.note or None,
        "source": f"answer {answer_id}",
    }
    insert(ledger, "pauses", row, "ON CONFLICT DO UPDATE SET until_us = excluded.until_us")
    return f"{case['subject']} is paused until {short_day(answer.until_us)}"


def _sold(
    ledger: sqlite3.Connection, case: Case, answer_id: int, answer: Answer, now_us: int
) -> str:
    serial, day_us = _drone(case, answer), answer.until_us or now_us
    spans = _links(ledger, "drone_customer", serial)
    after = [_ended(span, day_us) if span.from_us < day_us else span for span in spans]
    if after == spans:
        raise AnswerError(f"drone {serial} has no customer after {short_day(day_us)}")
    _overrule(ledger, answer_id, "drone_customer", serial, after)
    return f"drone {serial} is no longer its customer's from {short_day(day_us)} on"


def _retired(
    ledger: sqlite3.Connection, case: Case, answer_id: int, answer: Answer, now_us: int
) -> str:
    serial, day_us = _drone(case, answer), answer.until_us or now_us
    _serve(ledger, answer_id, serial, Span(day_us, None, "retired"))
    return f"drone {serial} is retired from {short_day(day_us)} on"


def _repair(
    ledger: sqlite3.Connection, case: Case, answer_id: int, answer: Answer, now_us: int
) -> str:
    serial = _drone(case, answer)
    _serve(ledger, answer_id, serial, Span(now_us, answer.until_us, "repair"))
    end = f" until {short_day(answer.until_us)}" if answer.until_us else ""
    return f"drone {serial} is in repair{end}"


def _confirmed(ledger: sqlite3.Connection, case: Case, _: int, answer: Answer, __: int) -> str:
    return _settle(ledger, case, answer, "confirmed")


def _false_alarm(ledger: sqlite3.Connection, case: Case, _: int, answer: Answer, __: int) -> str:
    return _settle(ledger, case, answer, "withdrawn")


def _settle(ledger: sqlite3.Connection, case: Case, answer: Answer, state: str) -> str:
    """The incidents that the case tells of; a case of another rule has none."""
    cursor = ledger.execute(
        "UPDATE incidents SET state = ?, withdrawn_by = NULL, answered_by = ? WHERE case_id = ?",
        (state, answer.actor, case["id"]),
    )
    return f"its incident is {state}" if cursor.rowcount else ""


_EFFECTS: Final[dict[str, Effect]] = {
    "pause": _pause,
    "sold": _sold,
    "retired": _retired,
    "repair": _repair,
    "false-alarm": _false_alarm,
    "confirmed": _confirmed,
}


def _drone(case: Case, answer: Answer) -> str:
    if case["subject_kind"] != "drone":
        raise AnswerError(
            f"{answer.kind} can be said of a drone; case {case['id']} is about {case['subject']}"
        )
    return str(case["subject"])


def _serve(ledger: sqlite3.Connection, answer_id: int, serial: str, state: Span) -> None:
    """From then on it is in this state, until the roster has a later one."""
    spans = _links(ledger, "drone_service", serial)
    _overrule(ledger, answer_id, "drone_service", serial, overlay([*spans, state]))


def _overrule(
    ledger: sqlite3.Connection, answer_id: int, kind: str, subject: str, after: list[Span]
) -> None:
    before = _links(ledger, kind, subject)
    _set_links(ledger, kind, subject, after)
    row: dict[str, Value] = {"answer_id": answer_id, "kind": kind, "subject": subject}
    insert(ledger, "overruled", row | {"before": _encoded(before), "after": _encoded(after)})


def _ended(span: Span, day_us: int) -> Span:
    until_us = day_us if span.until_us is None else min(span.until_us, day_us)
    return span._replace(until_us=until_us)


def _links(ledger: sqlite3.Connection, kind: str, subject: str) -> list[Span]:
    rows = ledger.execute(
        "SELECT from_us, until_us, object FROM links WHERE kind = ? AND subject = ?"
        " ORDER BY from_us",
        (kind, subject),
    )
    return [Span(*row) for row in rows]


def _set_links(ledger: sqlite3.Connection, kind: str, subject: str, spans: Iterable[Span]) -> None:
    ledger.execute("DELETE FROM links WHERE kind = ? AND subject = ?", (kind, subject))
    ledger.executemany(
        "INSERT INTO links (kind, subject, from_us, until_us, object) VALUES (?, ?, ?, ?, ?)",
        [(kind, subject, *span) for span in spans],
    )


def _encoded(spans: list[Span]) -> str:
    return msgspec.json.encode(spans).decode()
