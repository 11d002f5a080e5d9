"""One call an account and day: what was told of it already, and what joins it.

Functions work in a transaction of their caller.
"""

import sqlite3
from typing import Literal, NamedTuple

import msgspec

from windsock.collector.calls.people import answering, zone_of
from windsock.collector.calls.workday import local_day
from windsock.collector.cases.decision import Room
from windsock.collector.notify.notice import Line, Notice
from windsock.collector.settings import Day

How = Literal["at once", "joined", "digest"]


class Slot(NamedTuple):
    """Whose call it is, about whom, on which day of theirs."""

    person: str
    account: str
    day: str


def slot_of(ledger: sqlite3.Connection, csm: str, account: str, now_us: int, day: Day) -> Slot:
    """Where a call about *account* belongs, with *csm* or who stands in for them."""
    person = answering(ledger, csm, now_us)
    return Slot(person, account, str(local_day(now_us, zone_of(ledger, person, day))))


def room_in(ledger: sqlite3.Connection, slot: Slot, day: Day) -> Room:
    """What the day of *slot* has room for."""
    (told,) = ledger.execute(
        "SELECT coalesce(sum(interrupts), 0) FROM calls WHERE csm = ? AND day = ?",
        (slot.person, slot.day),
    ).fetchone()
    return Room(told, day.interrupts, called=thread_of(ledger, slot) is not None)


def thread_of(ledger: sqlite3.Connection, slot: Slot) -> str | None:
    """Identity of the first notice that told of today's call at once."""
    row = ledger.execute(
        "SELECT thread FROM calls WHERE account = ? AND day = ?", (slot.account, slot.day)
    ).fetchone()
    return row["thread"] if row else None


def join(ledger: sqlite3.Connection, slot: Slot, case_id: int, how: How, now_us: int) -> int:
    """Put a case into the call of *slot*, which begins with its first; the call's id."""
    ledger.execute(
        "INSERT INTO calls (account, day, csm, opened_us) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (slot.account, slot.day, slot.person, now_us),
    )
    (call_id,) = ledger.execute(
        "SELECT id FROM calls WHERE account = ? AND day = ?", (slot.account, slot.day)
    ).fetchone()
    ledger.execute(
        "INSERT INTO call_cases VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (call_id, case_id, how)
    )
    return int(call_id)


def note_interrupt(
    ledger: sqlite3.Connection, call_id: int, identity: str, *, rationed: bool
) -> None:
    """A call's CSM was told at once by the notice *identity*."""
    ledger.execute(
        "UPDATE calls SET interrupts = interrupts + ?, thread = coalesce(thread, ?) WHERE id = ?",
        (int(rationed), identity, call_id),
    )


def in_thread(ledger: sqlite3.Connection, slot: Slot, notice: Notice) -> Notice:
    """*notice* as part of today's call, if there is one already."""
    thread = thread_of(ledger, slot)
    if thread in (None, notice.identity):
        return notice
    others = ledger.execute(
        "SELECT case_id FROM call_cases JOIN calls ON calls.id = call_id"
        " WHERE account = ? AND day = ? AND how = 'at once' AND case_id <> ? ORDER BY case_id",
        (slot.account, slot.day, notice.case),
    ).fetchall()
    if not others:
        return msgspec.structs.replace(notice, thread=thread)
    names = ", ".join(str(row["case_id"]) for row in others)
    word = "case" if len(others) == 1 else "cases"
    lines = [
        Line(line.key, f"{line.text}; one call today, with {word} {names}")
        if line.key == "case" else line
        for line in notice.lines
    ]  # fmt: skip
    return msgspec.structs.replace(notice, thread=thread, lines=lines)
