"""Batches that nobody could decode: listed, looked at, tried again with the present code."""

import sqlite3
from typing import Final, Literal, NamedTuple

import msgspec

from windsock.collector.ledger import LedgerError, transaction
from windsock.collector.receive.inbox import Arrived
from windsock.collector.receive.ingest import Ingest
from windsock.protocol import topics
from windsock.protocol.acks import STORED
from windsock.protocol.messages import Station

_ROW: Final = "SELECT id, topic, received_us, reason, length(payload) AS size FROM quarantine"


class QuarantineRow(msgspec.Struct, frozen=True):
    """One batch, without its bytes."""

    id: int
    agent: str | None
    topic: str
    received_us: int
    size_bytes: int
    reason: str


class Kept(NamedTuple):
    """One batch, with them."""

    row: QuarantineRow
    payload: bytes


class Retried(msgspec.Struct, frozen=True):
    """What became of one: *reason* says why it is still there."""

    id: int
    outcome: Literal["stored", "still unreadable"]
    reason: str


def quarantine_rows(ledger: sqlite3.Connection) -> list[QuarantineRow]:
    """All of it, the newest last."""
    return [_row(row) for row in ledger.execute(f"{_ROW} ORDER BY id")]


def kept(ledger: sqlite3.Connection, number: int) -> Kept:
    """One of them; raises LedgerError where there is no such."""
    row = ledger.execute(f"{_ROW} WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise LedgerError(f"nothing in quarantine has the number {number}")
    payload: bytes = ledger.execute(
        "SELECT payload FROM quarantine WHERE id = ?", (number,)
    ).fetchone()[0]
    return Kept(_row(row), payload)


def retry(ingest: Ingest, number: int) -> Retried:
    """Decode it again and store it as of when it came; only then does it leave the quarantine.

    Raises StoreDown where InfluxDB is down: it stays, and may be tried again.
    """
    row, payload = kept(ingest.ledger, number)
    arrived = Arrived(row.topic, payload, retained=True, mid=0)
    acks = ingest.take([arrived], row.received_us)
    stored = any(ack.status == STORED for of_agent in acks.values() for ack in of_agent)
    with transaction(ingest.ledger):
        if stored or _is_status(arrived):
            ingest.ledger.execute("DELETE FROM quarantine WHERE id = ?", (number,))
            return Retried(number, "stored", "")
    return Retried(number, "still unreadable", kept(ingest.ledger, number).row.reason)


def _is_status(arrived: Arrived) -> bool:
    """A status that can be read by now: later ones have come since."""
    agent = topics.agent_of(arrived.topic)
    if agent is None or arrived.topic != topics.status(agent):
        return False
    try:
        msgspec.json.decode(arrived.payload, type=Station)
    except (ValueError, RecursionError):
        return False
    return True


def _row(row: sqlite3.Row) -> QuarantineRow:
    agent = topics.agent_of(row["topic"])
    return QuarantineRow(
        row["id"], agent, row["topic"], row["received_us"], row["size"], row["reason"]
    )
