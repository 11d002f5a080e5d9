"""``windsock-collector tasks``: periodic calls and health checks, listed and done."""

import argparse
import getpass
import sqlite3
from typing import Final

from rich.table import Table

from windsock.collector.calls.health import in_words
from windsock.collector.calls.tasks import NAMES, TaskRow, close_task, task_rows
from windsock.collector.ledger import transaction
from windsock.collector.show.layout import Column, day, laid_out, text


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command understands; ``-c`` and ``--json`` come with the others."""
    command.add_argument("action", nargs="?", choices=["done"], help="mark tasks as done")
    command.add_argument("task", nargs="*", type=int, help="their numbers")
    command.add_argument("--by", default=getpass.getuser(), help="who did it (you)")
    command.add_argument("--closed", action="store_true", help="those that are done, too")


def tasks(options: argparse.Namespace, ledger: sqlite3.Connection, now_us: int) -> list[TaskRow]:
    """Mark those that *options* name as done, all or none; the tasks as they stand then.

    Raises TaskError.
    """
    with transaction(ledger):
        for task in options.task:
            close_task(ledger, task, options.by, now_us)
    return task_rows(ledger, closed=options.closed)


def tasks_table(rows: list[TaskRow], width: int) -> Table:
    """Open ones first, by day."""
    return laid_out(_COLUMNS, rows, width, [] if rows else ["no tasks"])


_COLUMNS: Final[tuple[Column[TaskRow], ...]] = (
    Column("task", lambda row: text(str(row.task)), right=True),
    Column("due", lambda row: text(day(row.due_us))),
    Column("kind", lambda row: text(NAMES[row.kind], "bold")),
    Column("customer", lambda row: text(row.account)),
    Column("CSM", lambda row: text(row.csm), rank=1),
    Column("sales owner", lambda row: text(row.sales), rank=3),
    Column("done", lambda row: text(day(row.closed_us)), rank=2),
    Column("what", lambda row: text(in_words(row.sheet))),
)
