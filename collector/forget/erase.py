"""Rows that belong to a scope, out of the ledger: `erase.sql`, statement by statement."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files

from windsock.collector.forget.scope import Scope


def erase_rows(ledger: sqlite3.Connection, scope: Scope) -> Counter[str]:
    """Delete what belongs to *scope*, in the caller's transaction; rows that went, by table."""
    ledger.execute("PRAGMA defer_foreign_keys = ON")
    _note(ledger, "spans (drone_uid, from_us, until_us)", scope.stretches)
    _note(ledger, "drones (serial)", [(name,) for name in scope.drones])
    _note(ledger, "accounts (account)", [(name,) for name in scope.accounts])
    gone: Counter[str] = Counter()
    for statement in _statements():
        cursor = ledger.execute(statement)
        if statement.startswith("DELETE FROM "):
            gone[statement.split()[2]] += cursor.rowcount
    for name in ("spans", "drones", "accounts"):
        ledger.execute(f"DROP TABLE forget_{name}")
    return +gone


def _note(ledger: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """What is theirs, in a table that only this connection sees."""
    name, _, columns = table.partition(" ")
    ledger.execute(f"CREATE TEMP TABLE forget_{name} {columns}")
    marks = ", ".join("?" * (columns.count(",") + 1))
    ledger.executemany(f"INSERT INTO forget_{name} VALUES ({marks})", rows)  # noqa: S608 - put together of our own words


def _statements() -> list[str]:
    script = (files("windsock.collector.forget") / "erase.sql").read_text("utf-8")
    lines = (line.partition("--")[0] for line in script.splitlines())
    return [statement.strip() for statement in "\n".join(lines).split(";") if statement.strip()]
