"""The spool: what has to reach the collector, on disk until the collector has it.

SQLite with WAL and synchronous=FULL: a batch that `add` returned for survives power loss. Every
process that opens the spool has an epoch of its own, a random number, so that `import` may add
while `run` sends, and a restart never reuses a key.
"""

import contextlib
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from windsock.agent.clock import Clock
from windsock.protocol import envelope
from windsock.protocol.acks import Ack
from windsock.protocol.envelope import FLIGHTS, LANES, Header
from windsock.protocol.messages import Damage, Message

_EPOCH_BITS = 48
_BUSY_S = 60.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL,
    digest BLOB NOT NULL, payload BLOB NOT NULL,
    UNIQUE (epoch, lane, seq)
);
CREATE INDEX IF NOT EXISTS by_digest ON batches (digest);
CREATE INDEX IF NOT EXISTS sending_order ON batches (lane, id);
"""


class Identity(NamedTuple):
    """Who signs the batches."""

    agent: str
    version: str


class Spool:
    """Batches in lanes; lane 0 leaves first, each lane in the order it came."""

    def __init__(self, database: sqlite3.Connection, identity: Identity, clock: Clock) -> None:
        self._database = database
        self._identity = identity
        self._clock = clock
        self._epoch = secrets.randbits(_EPOCH_BITS)
        self._last_seq = [0] * LANES
        self.replaced = False
        """True where a damaged file was set aside: what it held has to be queued again."""

    def add(self, messages: Iterable[tuple[int, Message]]) -> int:
        """Store (lane, message) pairs, all or none; how many they were.

        Raises ValueError for a message that exceeds the wire's limit.
        """
        last_seq = list(self._last_seq)
        rows = []
        for lane, message in messages:
            last_seq[lane] += 1
            payload = envelope.encode(self._header(lane, last_seq[lane]), message)
            digest = envelope.digest(payload)
            rows.append((self._epoch, lane, last_seq[lane], digest, payload))
        with self._database:
            self._database.executemany(
                "INSERT INTO batches (epoch, lane, seq, digest, payload) VALUES (?, ?, ?, ?, ?)",
                rows,
            )
        self._last_seq = last_seq
        return len(rows)

    def head(self, count: int) -> list[int]:
        """The ids of the next *count* batches in sending order."""
        rows = self._database.execute("SELECT id FROM batches ORDER BY lane, id LIMIT ?", (count,))
        return [row[0] for row in rows]

    def payload(self, batch: int) -> bytes:
        """The bytes of one batch that waits. Raises KeyError if it doesn't."""
        row = self._database.execute(
            "SELECT payload FROM batches WHERE id = ?", (batch,)
        ).fetchone()
        if row is None:
            raise KeyError(batch)
        payload: bytes = row[0]
        return payload

    def remove(self, acks: Sequence[Ack]) -> list[int]:
        """Delete what the collector has; the ids that went."""
        gone: list[int] = []
        with self._database:
            for ack in acks:
                rows = self._database.execute(
                    "DELETE FROM batches WHERE digest = ? RETURNING id", (ack.digest,)
                )
                gone += [row[0] for row in rows]
        return gone

    def depth(self) -> tuple[int, int]:
        """Waiting batches, and their bytes."""
        row = self._database.execute(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM batches"
        ).fetchone()
        return row[0], row[1]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _header(self, lane: int, seq: int) -> Header:
        clock = self._clock
        return Header(
            agent=self._identity.agent,
            epoch=self._epoch,
            lane=lane,
            seq=seq,
            wall_us=clock.wall_us(),
            monotonic_us=clock.monotonic_us(),
            boot_id=clock.boot_id,
            agent_version=self._identity.version,
        )


def open_spool(path: Path, identity: Identity, clock: Clock) -> Spool:
    """Open or create the spool at *path*; a damaged one is set aside and reported upstream."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return Spool(_connect(path), identity, clock)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        aside = _set_aside(path, clock.wall_us())
        spool = Spool(_connect(path), identity, clock)
        spool.replaced = True
        damage = Damage(what="spool", detail=f"{error}; the file is kept as {aside.name}")
        spool.add([(FLIGHTS, damage)])
        return spool


def _set_aside(path: Path, now_us: int) -> Path:
    """Rename the file, and its write-ahead log with it: somebody may want to mend them."""
    aside = path.with_name(f"{path.name}.damaged-{now_us}")
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_BUSY_S)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
    database.executescript(_SCHEMA)
    return database
