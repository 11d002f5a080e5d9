"""Tasks that people completed in HubSpot, as answers to their cases; each completion once.

A task that is open again may be completed again, which is another answer. What can't be said to a
case (a snooze without a date) is logged; the case stays as it was.
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
                _apply(ledger, one, now_us)
                ledger.execute(
                    "INSERT OR REPLACE INTO hubspot_tasks VALUES (?, ?)", (one.task, one.finish)
                )
    return came


def _is_new(ledger: sqlite3.Connection, one: Completed) -> bool:
    row = ledger.execute("SELECT finish FROM hubspot_tasks WHERE task = ?", (one.task,)).fetchone()
    return row is None or bool(row["finish"] != one.finish)


def _apply(ledger: sqlite3.Connection, one: Completed, now_us: int) -> None:
    match = _KEY.fullmatch(one.key)
    try:
        if match and match[1] == "case" and not _is_closed(ledger, int(match[2])):
            apply_answer(ledger, int(match[2]), one.answer, now_us)
        elif match and match[1] == "task":
            close_task(ledger, int(match[2]), one.answer.actor, now_us)
    except (AnswerError, TaskError) as error:
        log.warning("HubSpot task %s, completed by %s: %s", one.task, one.answer.actor, error)


def _is_closed(ledger: sqlite3.Connection, case_id: int) -> bool:
    """Somebody was quicker, or the facts."""
    row = ledger.execute("SELECT state FROM cases WHERE id = ?", (case_id,)).fetchone()
    return row is not None and bool(row["state"] == "resolved")
