"""Followers of the ledger: how far each has come in rows that are only ever appended."""

import sqlite3

from windsock.collector.ledger import transaction


def last_id(ledger: sqlite3.Connection, name: str) -> int:
    """The last row that follower *name* has dealt with; 0 for none."""
    row = ledger.execute("SELECT last_id FROM progress WHERE name = ?", (name,)).fetchone()
    return 0 if row is None else int(row[0])


def advance(ledger: sqlite3.Connection, name: str, row_id: int) -> None:
    """Note that *name* has dealt with all rows up to *row_id*."""
    with transaction(ledger):
        ledger.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", (name, row_id))
