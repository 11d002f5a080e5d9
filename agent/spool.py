"""The spool: what has to reach the collector, on disk until the collector has it.

SQLite with WAL and synchronous=FULL: a batch that `add` returned for survives power loss. Every
process that opens the spool has an epoch of its own, a random number, so that `import` may add
while `run` sends, and a restart never reuses a key. `agent/spool_file` opens it and mends it,
`agent/worth` says what goes when it is full.
"""

import logging
import secrets
import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, NamedTuple

from windsock.agent.clock import Clock
from windsock.agent.figures import Figures
from windsock.agent.lost import Key, Lost, is_key, runs
from windsock.agent.trouble import of_disk
from windsock.agent.witness import Mark, Witness
from windsock.agent.worth import Worth, worths
from windsock.config.killpoint import reached
from windsock.protocol import envelope
from windsock.protocol.acks import Ack
from windsock.protocol.envelope import FLIGHTS, LANES, MESSAGE_LIMIT, Header
from windsock.protocol.messages import Damage, Message

log = logging.getLogger("windsock.agent")

_EPOCH_BITS: Final = 48
_MB: Final = 1_000_000
_EASED: Final = 0.9
"""A full spool is emptied to so much of its limit, so that not every log has to make room."""


AGREE: Final = """
UPDATE marks SET gone = last_seq - (
    SELECT count(*) FROM batches WHERE epoch = marks.epoch AND lane = marks.lane)
"""
"""What is not here is gone, however it went."""
_NOTE: Final = """
INSERT INTO marks (epoch, lane, last_seq, gone) VALUES (:epoch, :lane, :last_seq, CASE
    WHEN EXISTS (SELECT 1 FROM marks WHERE epoch = :epoch AND lane = :lane) THEN 0
    ELSE :last_seq - (SELECT count(*) FROM batches WHERE epoch = :epoch AND lane = :lane) END)
ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq
"""


class Identity(NamedTuple):
    """Who signs the batches."""

    agent: str
    version: str


class Spool:
    """Batches in lanes; lane 0 leaves first, each lane in the order it came."""

    def __init__(
        self, database: sqlite3.Connection, identity: Identity, clock: Clock, witness: Witness
    ) -> None:
        self.max_bytes: float = float("inf")
        """What the file may take; more, and what is worth least goes."""
        self.replaced = False
        """True where batches were lost: what they were made of is to be queued again."""
        self.figures = Figures()
        """Counts what had to go; one of several spools' threads may have it in common."""
        self._database = database
        self._identity = identity
        self._clock = clock
        self._witness = witness
        self._epoch = secrets.randbits(_EPOCH_BITS)
        self._last_seq = [0] * LANES
        self._held: set[int] = set()

    def add(self, messages: Iterable[tuple[int, Message]]) -> int:
        """Store (lane, message) pairs, all or none; how many they were.

        Where they leave too little room, what is worth least goes: tombstones take its place.
        Raises ValueError for a message that exceeds the wire's limit, sqlite3.OperationalError
        where the disk takes nothing.
        """
        pairs = list(messages)
        before = list(self._last_seq)
        try:
            with self._database:
                self._insert(pairs)
                dropped = self._make_room()
        except BaseException:
            self._last_seq = before
            raise
        reached("after-spool")
        self._count_dropped(dropped)
        _on_disk(lambda: self._bear_witness(before, dropped.values()))
        return len(pairs)

    def head(self, count: int, largest: int = MESSAGE_LIMIT) -> list[int]:
        """The ids of the next *count* batches of at most *largest* bytes, in sending order."""
        held = len(self._held)  # acknowledged ones are as if they were gone
        rows = self._database.execute(
            "SELECT id FROM batches WHERE length(payload) <= ? ORDER BY lane, id LIMIT ?",
            (largest, count + held),
        )
        return [row[0] for row in rows if row[0] not in self._held][:count]

    def payload(self, batch: int) -> bytes:
        """The bytes of one batch that waits, as they were when it was stored.

        Raises KeyError if it doesn't, or if its bytes are no longer what they were: then it goes,
        and what was lost is reported.
        """
        row = self._database.execute(
            "SELECT payload, digest FROM batches WHERE id = ?", (batch,)
        ).fetchone()
        if row is None:
            raise KeyError(batch)
        payload: bytes = row[0]
        if not isinstance(payload, bytes) or envelope.digest(payload) != row[1]:
            self._give_up(batch)
            raise KeyError(batch)
        return payload

    def remove(self, acks: Sequence[Ack]) -> list[int]:
        """Delete what the collector has; the ids that went.

        Where the disk takes no deletion, they count as gone, and go when it does.
        """
        gone: list[int] = []
        for ack in acks:
            rows = self._database.execute("SELECT id FROM batches WHERE digest = ?", (ack.digest,))
            gone += [row[0] for row in rows]
        self._held.update(gone)
        if self._held and _on_disk(self._delete_held):
            self._held.clear()
        return gone

    def depth(self) -> tuple[int, int]:
        """Waiting batches, and their bytes."""
        row = self._database.execute(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM batches"
        ).fetchone()
        return row[0], row[1]

    def larger_than(self, largest: int) -> int:
        """How many batches `head` leaves out."""
        row = self._database.execute(
            "SELECT count(*) FROM batches WHERE length(payload) > ?", (largest,)
        ).fetchone()
        return int(row[0])

    def used_bytes(self) -> int:
        """What the file takes without what is free in it. It never shrinks, it is used again."""
        pages = self._pragma("page_count") - self._pragma("freelist_count")
        return pages * self._pragma("page_size")

    def report_lost(self, damage: Damage, lost: Iterable[Lost]) -> None:
        """Tell the collector of damage: for each gap that stays, its reason."""
        stones = [(FLIGHTS, span.tombstone(damage.detail)) for span in lost]
        self.add([(FLIGHTS, damage), *stones])
        self.replaced = True

    def agree(self, marks: Iterable[Mark]) -> None:
        """What a witness knows better is told by now: once is enough."""
        with self._database:
            self._note(marks)
            self._database.execute(AGREE)

    def close(self) -> None:
        """Let go of the files."""
        self._database.close()
        self._witness.close()

    def _insert(self, pairs: Sequence[tuple[int, Message]]) -> None:
        rows = []
        for (lane, message), worth in zip(pairs, worths(pairs), strict=True):
            self._last_seq[lane] += 1
            seq = self._last_seq[lane]
            payload = envelope.encode(self._header(lane, seq), message)
            rows.append((self._epoch, lane, seq, envelope.digest(payload), payload, worth))
        self._database.executemany(
            "INSERT INTO batches (epoch, lane, seq, digest, payload, worth)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
        self._note(self._marks())

    def _make_room(self) -> dict[int, Key]:
        """Drop what is worth least until the file is well below its limit; what went."""
        if self.used_bytes() <= self.max_bytes:
            return {}
        victims = self._least(self.used_bytes() - _EASED * self.max_bytes)
        self._delete(victims)
        reason = f"no room: the spool may take {self.max_bytes / _MB:g} MB"
        lost = runs(victims.values())
        self._insert([(FLIGHTS, span.tombstone(reason)) for span in lost])
        return victims

    def _count_dropped(self, dropped: Collection[int]) -> None:
        if dropped:
            self.figures.dropped += len(dropped)
            log.warning("spool: no room for all: %d batches went (spool.max_mb)", len(dropped))

    def _least(self, excess: float) -> dict[int, Key]:
        """What is worth least, oldest first, of *excess* bytes or a little more."""
        victims: dict[int, Key] = {}
        for id_, epoch, lane, seq, size in self._database.execute(
            "SELECT id, epoch, lane, seq, length(payload) FROM batches WHERE worth < ?"
            " ORDER BY worth, id",
            (Worth.KEPT,),
        ):
            if excess <= 0:
                break
            victims[id_] = (epoch, lane, seq)
            excess -= size
        return victims

    def _give_up(self, batch: int) -> None:
        """A batch whose bytes have changed on the disk."""
        key = self._database.execute(
            "SELECT epoch, lane, seq FROM batches WHERE id = ?", (batch,)
        ).fetchone()
        with self._database:
            self._delete([batch])
        detail = "a batch in the spool is no longer what was stored: the disk changed it"
        lost = runs([key] if is_key(key) else [])
        self.report_lost(Damage(what="spool", detail=detail, lost_batches=1), lost)

    def _delete_held(self) -> None:
        with self._database:
            lanes = self._delete(self._held)
            reached("mid-delete")
        self._witness.count_gone(lanes)

    def _delete(self, batches: Iterable[int]) -> list[tuple[int, int]]:
        """Delete them and count them in `marks`; epoch and lane of each that was there."""
        lanes: list[tuple[int, int]] = []
        for batch in batches:
            rows = self._database.execute(
                "DELETE FROM batches WHERE id = ? RETURNING epoch, lane", (batch,)
            )
            lanes += rows.fetchall()
        self._database.executemany(
            "UPDATE marks SET gone = gone + 1 WHERE epoch = ? AND lane = ?", lanes
        )
        return lanes

    def _note(self, marks: Iterable[Mark]) -> None:
        """How far lanes came. The service's start may have forgotten those of a drained epoch."""
        for epoch, lane, last_seq, _ in marks:
            self._database.execute(_NOTE, {"epoch": epoch, "lane": lane, "last_seq": last_seq})

    def _bear_witness(self, before: Sequence[int], dropped: Iterable[Key]) -> None:
        self._witness.count_gone(key[:2] for key in dropped)
        rows = self._database.execute(
            "SELECT epoch, lane, last_seq, gone FROM marks WHERE epoch = ?", (self._epoch,)
        )
        marks = map(Mark._make, rows.fetchall())
        self._witness.note(mark for mark in marks if mark.last_seq > before[mark.lane])

    def _marks(self) -> list[Mark]:
        return [Mark(self._epoch, lane, seq) for lane, seq in enumerate(self._last_seq) if seq]

    def _pragma(self, name: str) -> int:
        return int(self._database.execute(f"PRAGMA {name}").fetchone()[0])

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


def _on_disk(work: Callable[[], None]) -> bool:
    """Whether the disk let it be done; what must not wait for a full one can be done later."""
    try:
        work()
    except sqlite3.OperationalError as error:
        of_disk(error)
        return False
    return True
