"""What never came, lane by lane, and why."""

import sqlite3
from typing import Final

import msgspec

from windsock.collector.receive.gaps import RESTORED

LANES: Final = ("urgent", "flights", "series", "backlog")
_QUERY: Final = """
SELECT agent, epoch, lane, first_seq, last_seq, reason, last_seen_us
FROM gaps LEFT JOIN stations USING (agent)
ORDER BY reason IS NOT NULL, agent, epoch, lane, first_seq
"""


class GapRow(msgspec.Struct, frozen=True):
    """Batches of one lane that follow one another."""

    agent: str
    epoch: str
    """In hexadecimal: it is a name, not a number."""
    lane: str
    first_seq: int
    last_seq: int
    batches: int
    reason: str | None
    """None: they may still come."""
    station_seen_us: int | None


def gap_rows(ledger: sqlite3.Connection) -> list[GapRow]:
    """Every gap, the open ones first."""
    return [
        GapRow(
            agent=row["agent"],
            epoch=f"{row['epoch']:x}",
            lane=LANES[row["lane"]] if row["lane"] < len(LANES) else str(row["lane"]),
            first_seq=row["first_seq"],
            last_seq=row["last_seq"],
            batches=row["last_seq"] - row["first_seq"] + 1,
            reason=row["reason"],
            station_seen_us=row["last_seen_us"],
        )
        for row in ledger.execute(_QUERY)
    ]


def lost_by_restore(rows: list[GapRow]) -> list[str]:
    """The stations that have to send again what a restore lost."""
    return sorted({row.agent for row in rows if row.reason == RESTORED})
