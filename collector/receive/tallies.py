"""What was counted since the ledger began: figures that outlive the process that counts."""

import sqlite3
from typing import Final, Literal

Tally = Literal["batches stored", "batches again", "batches quarantined", "rows written"]
TALLIES: Final[tuple[Tally, ...]] = (
    "batches stored",
    "batches again",  # came once more after they were stored
    "batches quarantined",
    "rows written",  # to InfluxDB, of batches that came
)
_ADD: Final = """
INSERT INTO tallies VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET total = total + excluded.total
"""


def count(ledger: sqlite3.Connection, name: Tally, more: int = 1) -> None:
    """Add to a tally, inside the transaction of what is counted."""
    if more:
        ledger.execute(_ADD, (name, more))


def totals(ledger: sqlite3.Connection) -> dict[Tally, int]:
    """Every tally."""
    found = {row[0]: int(row[1]) for row in ledger.execute("SELECT name, total FROM tallies")}
    return {name: found.get(name, 0) for name in TALLIES}
