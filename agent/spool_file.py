"""The spool's file: opened, checked, and replaced where it is damaged, without anybody's help.

Losses are told in three ways. A file that SQLite finds damaged is set aside; what can be read of
it is carried over. One that reads well but knows less than the witness lost the end of its
write-ahead log. One batch whose bytes have changed is found when it is sent (`Spool.payload`).
Each time the collector hears how much is lost at most, and which sequence numbers won't come.
"""

import sqlite3
from pathlib import Path
from typing import Final

from windsock.agent import mending
from windsock.agent.clock import Clock
from windsock.agent.lost import Lost, is_key, without
from windsock.agent.spool import AGREE, Identity, Spool
from windsock.agent.witness import Mark, Witness, open_witness
from windsock.protocol import envelope
from windsock.protocol.messages import Damage

SPOOL: Final = "spool.sqlite"
"""In the state folder."""
_COLUMNS: Final = ("id", "epoch", "lane", "seq", "digest", "payload", "worth")
_BATCHES_1: Final = """\
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL,
    digest BLOB NOT NULL, payload BLOB NOT NULL,
    UNIQUE (epoch, lane, seq)
);
"""
_SCHEMA: Final = """\
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL,
    digest BLOB NOT NULL, payload BLOB NOT NULL,
    worth INTEGER NOT NULL,
    UNIQUE (epoch, lane, seq)
);
CREATE INDEX IF NOT EXISTS by_digest ON batches (digest);
CREATE INDEX IF NOT EXISTS sending_order ON batches (lane, id);
CREATE TABLE IF NOT EXISTS marks (
    epoch INTEGER NOT NULL, lane INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (epoch, lane)
) WITHOUT ROWID;
"""
# Before batches had a worth: backlog, series, and the rest as flights.
_TO_2: Final = """\
BEGIN;
ALTER TABLE batches RENAME TO batches_1;
DROP INDEX by_digest;
DROP INDEX sending_order;
{schema}
INSERT INTO batches SELECT *, CASE lane WHEN 3 THEN 0 WHEN 2 THEN 1 ELSE 6 END FROM batches_1;
DROP TABLE batches_1;
COMMIT;
"""


# A write-ahead log that was cut where a checkpoint had gone on: pages of two moments, each sound.
_WRONG_COUNT: Final = """
SELECT 1 FROM marks WHERE last_seq - gone <> (
    SELECT count(*) FROM batches WHERE epoch = marks.epoch AND lane = marks.lane)
"""


def open_spool(path: Path, identity: Identity, clock: Clock) -> Spool:
    """Open or create the spool at *path*; a damaged one is set aside and reported upstream.

    Raises sqlite3.OperationalError or OSError where the disk is at fault, not the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    witness = open_witness(path.parent)
    known = witness.marks()  # before the spool, so that it can't be ahead of it
    try:
        database, carried, damage = _sound(path), None, None
    except mending.UNSOUND as error:
        if not mending.is_damage(error):
            raise
        aside = mending.set_aside(path, clock.wall_us())
        carried = _readable(aside)
        database = _sound(path)
        _carry_over(database, carried)
        damage = f"{error}; the file is kept as {aside.name}"
    spool = Spool(database, identity, clock, witness)
    if carried is not None and damage is not None:
        _report_replaced(spool, known, carried, damage)
    else:
        _report_cut(spool, database, known)
    _forget_drained(database, witness)
    return spool


def beside(path: Path, identity: Identity, clock: Clock) -> Spool:
    """The spool at *path* for another thread of a process that has opened and mended it.

    A port that is tried every few seconds must not read through the whole file each time.
    """
    witness = open_witness(path.parent)
    database = _connect(path)
    database.executescript(_SCHEMA)  # a service that has just begun may not have come so far
    return Spool(database, identity, clock, witness)


def _connect(path: Path) -> sqlite3.Connection:
    database = mending.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    return database


def _sound(path: Path) -> sqlite3.Connection:
    """The file with its layout, or sqlite3.DatabaseError."""
    database = _connect(path)
    _upgrade(database)
    mending.check(database, _SCHEMA)
    database.executescript(_SCHEMA)
    if database.execute(_WRONG_COUNT).fetchone():
        raise sqlite3.DatabaseError("it holds other batches than it counted")
    return database


def _upgrade(database: sqlite3.Connection) -> None:
    found = database.execute("SELECT sql FROM sqlite_master WHERE name = 'batches'").fetchone()
    if found and found[0] == mending.definitions(_BATCHES_1)["batches"]:
        database.executescript(_TO_2.format(schema=_SCHEMA))


def _readable(aside: Path) -> list[mending.Row]:
    """Batches in a damaged file that are as they were stored."""
    rows = mending.readable_rows(aside, "batches", _COLUMNS)
    return [row for row in rows if _as_stored(row)]


def _as_stored(row: mending.Row) -> bool:
    id_, *key, digest, payload, worth = row
    return (
        isinstance(id_, int) and isinstance(worth, int) and is_key(key)
        and isinstance(payload, bytes) and envelope.digest(payload) == digest
    )  # fmt: skip


def _carry_over(database: sqlite3.Connection, rows: list[mending.Row]) -> None:
    with database:
        database.executemany("INSERT OR IGNORE INTO batches VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        database.executemany(
            "INSERT INTO marks (epoch, lane, last_seq) VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET last_seq = max(last_seq, excluded.last_seq)",
            (row[1:4] for row in rows),
        )
        database.execute(AGREE)


def _report_replaced(
    spool: Spool, known: list[Mark], carried: list[mending.Row], damage: str
) -> None:
    """All that was ever stored and isn't here: what the collector has of it is no loss."""
    keys = [(row[1], row[2], row[3]) for row in carried]
    whole = [Lost(mark.epoch, mark.lane, 1, mark.last_seq) for mark in known]
    at_most = max(0, sum(mark.last_seq - mark.gone for mark in known) - len(keys))
    lost = [span for one in whole for span in without(one, keys)]
    spool.report_lost(Damage(what="spool", detail=damage, lost_batches=at_most), lost)
    spool.agree(known)


def _report_cut(spool: Spool, database: sqlite3.Connection, known: list[Mark]) -> None:
    """What the witness saw and the spool has forgotten: the end of a damaged write-ahead log."""
    rows = database.execute("SELECT epoch, lane, last_seq FROM marks")
    here = {(epoch, lane): last for epoch, lane, last in rows}
    ends = [Lost(*mark[:2], here.get(mark[:2], 0) + 1, mark.last_seq) for mark in known]
    lost = [end for end in ends if end.seqs > 0]
    if not lost:
        return
    count = sum(span.seqs for span in lost)
    detail = "the newest batches are missing: the end of the write-ahead log was damaged"
    spool.report_lost(Damage(what="spool", detail=detail, lost_batches=count), lost)
    spool.agree(known)


def _forget_drained(database: sqlite3.Connection, witness: Witness) -> None:
    """Epochs of which nothing waits; those that both sides know the same of, so nobody writes."""
    drained = database.execute(
        "SELECT epoch, lane, last_seq FROM marks"
        " WHERE epoch NOT IN (SELECT epoch FROM batches) LIMIT 1000"
    ).fetchall()
    same = {mark[:3] for mark in witness.marks()} & set(drained)
    if same:
        witness.forget(same)
        with database:
            database.executemany(
                "DELETE FROM marks WHERE epoch = ? AND lane = ? AND last_seq = ?", same
            )
