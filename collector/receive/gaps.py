"""Which sequence numbers are missing: a high-water mark and a list of gaps for each lane."""

import sqlite3
from typing import Final

from windsock.protocol.envelope import Key
from windsock.protocol.messages import Tombstone

_LANE: Final = "agent = ? AND epoch = ? AND lane = ?"


def note_arrival(ledger: sqlite3.Connection, key: Key) -> None:
    """Raise the mark to *key*, or take it out of its gap."""
    lane = key[:3]
    row = ledger.execute(f"SELECT high_seq FROM marks WHERE {_LANE}", lane).fetchone()  # noqa: S608
    high = row[0] if row else 0
    if key.seq <= high:
        _fill(ledger, key)
        return
    if key.seq > high + 1:
        _insert(ledger, key, high + 1, key.seq - 1)
    ledger.execute("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", key)


def close_by_tombstone(ledger: sqlite3.Connection, agent: str, stone: Tombstone) -> None:
    """The agent had to drop these: the gaps within get its reason."""
    ledger.execute(
        f"UPDATE gaps SET reason = ? WHERE {_LANE} AND first_seq >= ? AND last_seq <= ?",  # noqa: S608
        (stone.reason, agent, stone.epoch, stone.lane, stone.first_seq, stone.last_seq),
    )


def _fill(ledger: sqlite3.Connection, key: Key) -> None:
    """Split the gap that holds *key*, if there is one."""
    gap = ledger.execute(
        f"SELECT first_seq, last_seq FROM gaps WHERE {_LANE} AND first_seq <= ? AND last_seq >= ?",  # noqa: S608
        (*key, key.seq),
    ).fetchone()
    if gap is None:
        return
    ledger.execute(f"DELETE FROM gaps WHERE {_LANE} AND first_seq = ?", (*key[:3], gap[0]))  # noqa: S608
    _insert(ledger, key, gap[0], key.seq - 1)
    _insert(ledger, key, key.seq + 1, gap[1])


def _insert(ledger: sqlite3.Connection, key: Key, first: int, last: int) -> None:
    if first <= last:
        ledger.execute("INSERT INTO gaps VALUES (?, ?, ?, ?, ?, NULL)", (*key[:3], first, last))
