"""Periodic calls and health checks, as they stand in the ledger, and how they are closed."""

import sqlite3
from collections.abc import Set
from typing import Final

import msgspec

from windsock.collector.calls.accounts import csm_by_account
from windsock.collector.calls.digest import Due
from windsock.collector.calls.health import Sheet, in_words
from windsock.collector.calls.people import answering
from windsock.collector.notify import phrases as say

SALES_WORD: Final = "sales-word"
"""Kind of the sub-task that comes before a distributor's periodic call."""
NAMES: Final = {
    "call": "Periodic call",
    "health-check": "Health check",
    SALES_WORD: "Talk to the sales owner",
}
_TASKS: Final = """
SELECT tasks.*, (SELECT min(id) FROM tasks AS word WHERE word.parent = tasks.id
    AND word.closed_us IS NULL) AS word
FROM tasks WHERE :closed OR closed_us IS NULL ORDER BY closed_us IS NOT NULL, due_us, id
"""


class TaskError(Exception):
    """There is no such task, or it is done already."""


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """One task; `word` is the sub-task that comes before it and is still open."""

    task: int
    kind: str
    account: str
    csm: str | None
    playbook: str | None
    due_us: int
    opened_us: int
    closed_us: int | None
    closed_by: str | None
    parent: int | None
    word: int | None
    sales: str | None
    sheet: Sheet
    moved: bool
    """Its day was put off: no working day, or the end of a quarter."""


def task_rows(ledger: sqlite3.Connection, *, closed: bool = False) -> list[TaskRow]:
    """Open tasks, the next one first; with *closed* the others after them."""
    return [_row(row) for row in ledger.execute(_TASKS, {"closed": closed})]


def due_tasks(
    ledger: sqlite3.Connection, people: Set[str | None], until_us: int, now_us: int
) -> list[Due]:
    """What *people* have to do until *until_us* for accounts that they answer for now.

    None among them: what is nobody's. Whose an account was when the task was opened is no matter.
    """
    csms = csm_by_account(ledger, now_us)

    def person(account: str) -> str | None:
        csm = csms.get(account)
        return None if csm is None else answering(ledger, csm, now_us)

    return [
        Due(task.task, task.account, what_in_words(task), says_in_words(task), task.playbook)
        for task in task_rows(ledger)
        if task.due_us <= until_us and person(task.account) in people
    ]


def close_task(ledger: sqlite3.Connection, task: int, actor: str, now_us: int) -> None:
    """*actor* did it; with a call, the word with sales before it is done, too.

    In the caller's transaction. Raises TaskError for a task that is not open.
    """
    row = ledger.execute("SELECT closed_us, closed_by FROM tasks WHERE id = ?", (task,)).fetchone()
    if row is None:
        raise TaskError(f"no task {task}")
    if row["closed_us"] is not None:
        raise TaskError(f"task {task} was done by {row['closed_by']} on"
                        f" {say.day(row['closed_us'])}")  # fmt: skip
    ledger.execute(
        "UPDATE tasks SET closed_us = ?1, closed_by = ?2"
        " WHERE (id = ?3 OR parent = ?3) AND closed_us IS NULL",
        (now_us, actor, task),
    )


def what_in_words(task: TaskRow) -> str:
    """``Health check due 3 March 2027 (task 7)``."""
    return f"{NAMES[task.kind]} due {say.day(task.due_us)} (task {task.task})"


def says_in_words(task: TaskRow) -> str:
    """What to know before it is done."""
    sales = f"Sales owner: {task.sales}. " if task.sales and task.kind != "health-check" else ""
    before = f"First talk to the sales owner (task {task.word}). " if task.word else ""
    return f"{before}{sales}{in_words(task.sheet)}."


def _row(row: sqlite3.Row) -> TaskRow:
    facts = msgspec.json.decode(row["facts"])
    return TaskRow(
        task=row["id"],
        kind=row["kind"],
        account=row["account"],
        csm=row["csm"],
        playbook=row["playbook"],
        due_us=row["due_us"],
        opened_us=row["opened_us"],
        closed_us=row["closed_us"],
        closed_by=row["closed_by"],
        parent=row["parent"],
        word=row["word"],
        sales=facts["sales"],
        sheet=msgspec.convert(facts["sheet"], Sheet),
        moved=facts["moved"],
    )
