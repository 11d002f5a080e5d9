"""Tasks that people completed in HubSpot, as answers to their cases; each completion once.

A task that is open again may be completed again, which is another answer. Where one changed
nothing and the case is still open (a snooze without a date), the task opens again and says why.
"""

import logging
import re
import sqlite3
from collections.abc import Iterable
from typing import Final

from windsock.collector.answers.answer import AnswerError, apply_answer
from windsock.collector.calls.tasks import TaskError, close_task
from windsock.collector.hubspot.mapping import Completed
from windsock.collector.ledger import transaction

log = logging.getLogger("windsock.collector")

_KEY: Final = re.compile(r"(case|task)-(\d{1,18})")


def take_completions(ledger: sqlite3.Connection, found: Iterable[Completed], now_us: int) -> bool:
    """Apply those that are new, each in a transaction of its own; True: there was one."""
    came = False
    for one in found:
        with transaction(ledger):
            if _is_new(ledger, one):
                came = True
                case_id, trouble = _apply(ledger, one, now_us)
                ledger.execute(
                    "INSERT OR REPLACE INTO hubspot_tasks VALUES (?, ?, ?, ?)",
                    (one.task, one.finish, case_id, trouble),
                )
    return came


def _is_new(ledger: sqlite3.Connection, one: Completed) -> bool:
    row = ledger.execute("SELECT finish FROM hubspot_tasks WHERE task = ?", (one.task,)).fetchone()
    return row is None or bool(row["finish"] != one.finish)


def _apply(
    ledger: sqlite3.Connection, one: Completed, now_us: int
) -> tuple[int | None, str | None]:
    """The case that it is about, if there is one, and why it changed nothing, if it didn't."""
    match = _KEY.fullmatch(one.key)
    if match is None:
        return None, None
    number = int(match[2])
    try:
        if match[1] == "task":
            close_task(ledger, number, one.answer.actor, now_us)
        elif row := _open_case(ledger, number):
            apply_answer(ledger, number, one.answer, now_us)
            changed = _open_case(ledger, number) != row
            return number, None if changed else f"{one.answer.kind} had been said already"
    except (AnswerError, TaskError) as error:
        log.warning("HubSpot task %s, completed by %s: %s", one.task, one.answer.actor, error)
        return (number, str(error)) if _open_case(ledger, number) else (None, None)
    return None, None


def _open_case(ledger: sqlite3.Connection, case_id: int) -> tuple[int, ...] | None:
    """A case that nobody closed, with its last event; None: somebody was quicker, or the facts."""
    row = ledger.execute(
        "SELECT id, (SELECT max(id) FROM case_events WHERE case_id = cases.id) FROM cases"
        " WHERE id = ? AND state <> 'resolved'", (case_id,)
    ).fetchone()  # fmt: skip
    return tuple(row) if row else None
