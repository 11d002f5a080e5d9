"""One row at a time into a table, columns by name."""

import sqlite3
from collections.abc import Mapping
from functools import cache

Value = int | float | str | bytes | None


def insert(
    ledger: sqlite3.Connection, table: str, row: Mapping[str, Value], conflict: str = ""
) -> int:
    """Insert *row* into *table*; the rowid, or 0 if *conflict* (an ON CONFLICT clause) applied.

    Table and column names come from our own code, values are bound.
    """
    cursor = ledger.execute(_statement(table, tuple(row), conflict), tuple(row.values()))
    return cursor.lastrowid or 0 if cursor.rowcount > 0 else 0


@cache
def _statement(table: str, columns: tuple[str, ...], conflict: str) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places}) {conflict}"  # noqa: S608 - our names
