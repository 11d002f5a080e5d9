"""Every autopilot's rows of the tables that grow, packed: read in milliseconds, never out of date.

The packs live in the ledger (table `packed`). Its triggers note, in the transaction of the change,
each autopilot of which a row changed (table `unpacked`); what is noted there, damaged or packed by
another program is read from the rows themselves. docs/decisions/0012.
"""

import json
import logging
import sqlite3
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from windsock.collector.fleet.packed import FLIGHTS, SIGHTINGS
from windsock.collector.fleet.packing import NOTHING, Columns, Pack, Packing, pack, unpack
from windsock.collector.ledger import transaction

log = logging.getLogger("windsock.collector")

PACKINGS: Final = (FLIGHTS, SIGHTINGS)
AUTOPILOTS_A_STEP: Final = 500
"""Packed in one transaction: others want to write, too ..."""
BYTES_A_STEP: Final = 1_000_000
"""... and where their histories are long, fewer: a step ends once it packed this much."""

_SOUND: Final = """
SELECT drone_uid, digest, words, rows
FROM json_each(:uids) AS named CROSS JOIN packed ON source = :source AND drone_uid = named.value
WHERE made_by = :made_by
    AND NOT EXISTS (SELECT 1 FROM unpacked
        WHERE unpacked.source = packed.source AND unpacked.drone_uid = packed.drone_uid)
"""
_PACKED: Final = "SELECT rowid, drone_uid, digest, words, rows FROM packed WHERE source = ?"
_FOREIGN: Final = "SELECT rowid FROM packed WHERE source = ? AND made_by <> ?"
_SIZES: Final = "SELECT drone_uid, sum(length(rows)) FROM packed GROUP BY drone_uid"
_WAITING: Final = "SELECT drone_uid FROM unpacked WHERE source = ? ORDER BY drone_uid LIMIT ?"


def load_columns(ledger: sqlite3.Connection, packing: Packing, uids: Sequence[str]) -> Columns:
    """The rows of the autopilots *uids*, in their order. In the caller's snapshot."""
    packs = _stored(ledger, packing, uids)
    packs |= _pack(ledger, packing, [uid for uid in uids if uid not in packs])
    return unpack(packing, [packs.get(uid, NOTHING) for uid in uids])


def packed_bytes(ledger: sqlite3.Connection) -> dict[str, int]:
    """How much is packed of each autopilot, of all tables; of some nothing is."""
    return dict(map(tuple, ledger.execute(_SIZES)))


def renew(ledger: sqlite3.Connection) -> None:
    """Pack what changed since it was packed, in transactions that others can write between."""
    for packing in PACKINGS:
        _distrust(ledger, packing)
        while _renew_some(ledger, packing):
            pass


def _stored(ledger: sqlite3.Connection, packing: Packing, uids: Sequence[str]) -> dict[str, Pack]:
    values = {"uids": json.dumps(uids), "source": packing.source, "made_by": packing.made_by}
    packs = {}
    for uid, digest, *parts in ledger.execute(_SOUND, values):
        one = Pack(*parts)
        if one.is_whole(uid, digest):
            packs[uid] = one
    return packs


def _pack(ledger: sqlite3.Connection, packing: Packing, uids: Sequence[str]) -> dict[str, Pack]:
    """From the rows themselves; autopilots without any are left out."""
    rows = ledger.execute(packing.query, {"uids": json.dumps(uids)}) if uids else ()
    return {uid: pack(packing, of_one) for uid, of_one in groupby(rows, lambda row: row[0])}


def _distrust(ledger: sqlite3.Connection, packing: Packing) -> None:
    """Drop what another program packed, and what is damaged."""
    foreign = [row[0] for row in ledger.execute(_FOREIGN, (packing.source, packing.made_by))]
    damaged = [
        rowid
        for rowid, uid, digest, *parts in ledger.execute(_PACKED, (packing.source,))
        if not Pack(*parts).is_whole(uid, digest)
    ]
    if foreign:
        log.info("%s of %d autopilots were packed by another version: packed anew",
                 packing.source, len(foreign))  # fmt: skip
    if damaged:
        log.warning("%s of %d autopilots are damaged as packed: packed anew from their rows",
                    packing.source, len(damaged))  # fmt: skip
    if foreign or damaged:
        with transaction(ledger):
            _drop(ledger, packing, {*foreign, *damaged})


def _drop(ledger: sqlite3.Connection, packing: Packing, packs: set[int]) -> None:
    """Note whose they were by the rows themselves: the name in a pack can be what is damaged."""
    ledger.executemany("DELETE FROM packed WHERE rowid = ?", [(rowid,) for rowid in packs])
    ledger.execute(
        f"INSERT OR IGNORE INTO unpacked SELECT DISTINCT :source, drone_uid FROM {packing.source}"  # noqa: S608 - our names
        " WHERE typeof(drone_uid) = 'text'"
        " AND drone_uid NOT IN (SELECT drone_uid FROM packed WHERE source = :source)",
        {"source": packing.source},
    )


def _renew_some(ledger: sqlite3.Connection, packing: Packing) -> bool:
    """One step; False when nothing waited."""
    waiting = (packing.source, AUTOPILOTS_A_STEP)
    if not ledger.execute(_WAITING, waiting).fetchone():
        return False  # without waiting for whoever is writing
    with transaction(ledger):
        packs = _step(ledger, packing, [row[0] for row in ledger.execute(_WAITING, waiting)])
        names = [(packing.source, uid) for uid in packs]
        for table in ("packed", "unpacked"):
            ledger.executemany(f"DELETE FROM {table} WHERE source = ? AND drone_uid = ?", names)  # noqa: S608 - our names
        ledger.executemany(
            "INSERT INTO packed (source, drone_uid, made_by, digest, words, rows)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (packing.source, uid, packing.made_by, one.digest(uid), *one)
                for uid, one in packs.items()
                if one.rows
            ],
        )
    return True


def _step(ledger: sqlite3.Connection, packing: Packing, uids: Sequence[str]) -> dict[str, Pack]:
    """The first of *uids* packed, as many as a step may take; those without rows as `NOTHING`."""
    packs: dict[str, Pack] = {}
    size = 0
    for uid in uids:
        packs[uid] = _pack(ledger, packing, [uid]).get(uid, NOTHING)
        size += len(packs[uid].rows)
        if size >= BYTES_A_STEP:
            break
    return packs
