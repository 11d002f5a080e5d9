"""Cases in the ledger: every step with its event and its notices, in one transaction.

Functions work in a transaction of their caller, so a step is there whole or not at all.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from windsock.collector.calls import book
from windsock.collector.cases.beside import Places, beside
from windsock.collector.cases.decision import Decision, Reason, Room, decide
from windsock.collector.cases.life import DAY_US, FACTS, Change, Finding
from windsock.collector.cases.rules import RULES, playbook
from windsock.collector.notify.channels import channel_names
from windsock.collector.notify.compose import Step, compose
from windsock.collector.notify.notice import Notice
from windsock.collector.notify.outbox import enqueue
from windsock.collector.notify.wording import Wording
from windsock.collector.settings import Day, Judge, Notify, Sight
from windsock.collector.sql import insert
from windsock.collector.web.links import Links

Columns = dict[str, str | int | None]


class Desk(NamedTuple):
    """What is needed to file a step and to tell of it."""

    ledger: sqlite3.Connection
    now_us: int
    judge: Judge
    notify: Notify
    wording: Wording
    sight: Sight = Sight()
    day: Day = Day()
    links: Links | None = None


class Filed(NamedTuple):
    """A step as it stands in the ledger."""

    case_id: int
    reason: Reason
    notices: int


def file_step(desk: Desk, change: Change, facts: Mapping[str, Any]) -> Filed:
    """Store *change* with the complete *facts* of its finding, and put notices into the outbox."""
    row = _store(desk, change, facts)
    slot = _slot(desk, row)
    room = book.room_in(desk.ledger, slot, desk.day) if slot else Room()
    decision = decide(change, desk.now_us, desk.judge.incident_notice_days, room)
    transition = _numbered(desk.ledger, row["id"], change.transition)
    if slot and decision.reason in ("same-call", "rationed"):
        book.join(desk.ledger, slot, row["id"], "joined", desk.now_us)
    notices = _tell(desk, change, row, decision, transition) if decision.audience else 0
    reason: Reason = decision.reason if notices or decision.audience is None else "nobody-to-tell"
    _note_event(desk, change, row["id"], reason)
    return Filed(row["id"], reason, notices)


def _store(desk: Desk, change: Change, facts: Mapping[str, Any]) -> sqlite3.Row:
    if change.case is None:
        case_id = _open(desk, change, facts)
    else:
        case_id = change.case.id
        _alter(desk, change, facts)
    row: sqlite3.Row = desk.ledger.execute(
        "SELECT * FROM cases WHERE id = ?", (case_id,)
    ).fetchone()
    return row


def _open(desk: Desk, change: Change, facts: Mapping[str, Any]) -> int:
    finding = _finding(change)
    return insert(
        desk.ledger,
        "cases",
        _columns(finding, facts)
        | {
            "rule": finding.rule,
            "subject_kind": RULES[finding.rule].about,
            "subject": finding.subject,
            "state": "open",
            "opened_us": desk.now_us,
            "due_us": _due_us(desk),
        },
    )


def _alter(desk: Desk, change: Change, facts: Mapping[str, Any]) -> None:
    columns = _changed_columns(desk, change, facts)
    if not columns:
        return
    places = ", ".join(f"{name} = :{name}" for name in columns)
    case_id = change.case.id if change.case else None
    desk.ledger.execute(
        f"UPDATE cases SET {places} WHERE id = :id",  # noqa: S608 - our names
        columns | {"id": case_id},
    )


def _changed_columns(desk: Desk, change: Change, facts: Mapping[str, Any]) -> Columns:
    """None for what is over: a person had closed it already."""
    if change.transition == "over":
        return {}
    if change.transition == "resolve":
        return {
            "state": "resolved", "closed_us": desk.now_us, "closed_by": FACTS,
            "snoozed_until_us": None,
        }  # fmt: skip
    columns = _columns(_finding(change), facts)
    if change.transition == "reopen":
        columns |= {"state": "open", "closed_us": None, "closed_by": None}
    if change.transition == "wake":
        columns |= {"state": "open", "snoozed_until_us": None, "due_us": _due_us(desk)}
    return columns


def _due_us(desk: Desk) -> int:
    return desk.now_us + round(desk.judge.due_days * DAY_US)


def _columns(finding: Finding, facts: Mapping[str, Any]) -> Columns:
    owner = finding.owner
    who = owner._asdict() if owner else None
    return {
        "severity": finding.severity,
        "basis": finding.basis,
        "csm": finding.csm,
        "playbook": playbook(finding.rule, owner),
        "episode": finding.episode,
        "facts": _json(dict(facts) | {"who": who}),
    }


def _finding(change: Change) -> Finding:
    if change.finding is None:
        raise ValueError(f"{change.transition} without a finding")
    return change.finding


def _numbered(ledger: sqlite3.Connection, case_id: int, transition: str) -> str:
    """``3-reopen``: a case may be reopened twice, and each time is told by itself."""
    row = ledger.execute(
        "SELECT count(*) FROM case_events WHERE case_id = ?", (case_id,)
    ).fetchone()
    return f"{row[0] + 1}-{transition}"


def _tell(
    desk: Desk, change: Change, row: sqlite3.Row, decision: Decision, transition: str
) -> int:
    ended = change.transition == "resolve"
    step = _step(change, row, transition)
    slot = _slot(desk, row) if decision.audience == "csm" else None
    person = (slot and slot.person) or desk.notify.support or ""
    notice = _notice(desk, step, row, person)
    if slot:
        notice = book.in_thread(desk.ledger, slot, notice)
    channels = channel_names(desk.notify)
    sent = enqueue(desk.ledger, notice, channels, person)
    if slot and sent and not ended:
        call = book.join(desk.ledger, slot, row["id"], "at once", desk.now_us)
        rationed = _finding(change).rationed
        book.note_interrupt(desk.ledger, call, notice.identity, rationed=rationed)
    if step.facts.get("verdict") == "crash" and desk.notify.safety:
        copy = _notice(desk, step, row, desk.notify.safety)
        sent += enqueue(desk.ledger, copy, channels, desk.notify.safety)
    return sent


def _step(change: Change, row: sqlite3.Row, transition: str) -> Step:
    facts = msgspec.json.decode(row["facts"])
    return Step(
        case=row["id"],
        transition=transition,
        rule=row["rule"],
        subject=row["subject"],
        severity=row["severity"],
        basis=row["basis"],
        playbook=row["playbook"],
        variant="withdrawn" if change.transition == "resolve" else facts["variant"],
        facts=facts | dict(change.gone.facts if change.gone else {}),
        opened_us=row["opened_us"],
        due_us=row["due_us"],
    )


def _notice(desk: Desk, step: Step, row: sqlite3.Row, person: str) -> Notice:
    """For one person: their link is theirs alone."""
    places = Places(desk.notify, desk.links)
    more = beside(desk.ledger, row, places, person, desk.now_us)
    return compose(step._replace(beside=more), desk.wording, desk.now_us)


def _slot(desk: Desk, row: sqlite3.Row) -> book.Slot | None:
    """The call that a case belongs to; None where there is no CSM to call."""
    if row["csm"] is None:
        return None
    who = msgspec.json.decode(row["facts"])["who"]
    account = (who and who["customer"]) or row["subject"]
    return book.slot_of(desk.ledger, row["csm"], account, desk.now_us, desk.day)


def _note_event(desk: Desk, change: Change, case_id: int, reason: Reason) -> None:
    finding = change.finding
    news = finding.news if finding else change.case.news if change.case else ""
    detail = {
        "why": change.gone.why if change.gone else None,
        "severity": finding.severity if finding else None,
        "basis": finding.basis if finding else None,
        "csm": finding.csm if finding else None,
    }
    insert(
        desk.ledger,
        "case_events",
        {
            "case_id": case_id,
            "at_us": desk.now_us,
            "transition": change.transition,
            "actor": FACTS,
            "news": news,
            "decision": reason,
            "detail": _json({key: value for key, value in detail.items() if value is not None}),
        },
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
