"""One row at a time into a table, columns by name."""

import sqlite3
from collections.abc import Mapping

Value = int | float | str | bytes | None


def insert(
    ledger: sqlite3.Connection, table: str, row: Mapping[str, Value], conflict: str = ""
) -> int:
    """Insert *row* into *table*; the rowid, or 0 if *conflict* (an ON CONFLICT clause) applied.

    Table and column names come from our own code, values are bound.
    """
    columns = ", ".join(row)
    places = ", ".join("?" * len(row))
    cursor = ledger.execute(
        f"INSERT INTO {table} ({columns}) VALUES ({places}) {conflict}",  # noqa: S608 - our names
        tuple(row.values()),
    )
    return cursor.lastrowid or 0 if cursor.rowcount > 0 else 0
