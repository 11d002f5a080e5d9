"""Mentions in rows that stay: whatever table or column has one, those of later versions too."""

import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Final

from windsock.collector.forget.mentions import Names
from windsock.protocol.dictionary import DICTIONARY
from windsock.protocol.envelope import BODY_LIMIT

_HEADERS: Final = range(8, 512)
"""Where the body of a batch may begin."""
_WHOLE_ROW: Final = ("dead_letters", "damage")
"""What is noted down for operators goes as a row; it is of use to nobody in parts.

Not imports: a file that did not change since would be taken again, and bring back what it names.
"""

_DERIVED: Final = ("packed", "unpacked")
"""Not swept but dropped, and made of the rows again: a pack that is changed is a damaged one."""
_NAMING: Final = "instr(lower(words || ' ' || drone_uid), lower(:name)) > 0"


def sweep(ledger: sqlite3.Connection, names: Names) -> Counter[str]:
    """Take *names* out of every text; how many rows of each table changed or went."""
    changed: Counter[str] = Counter()
    for table in _tables(ledger):
        for column in _text_columns(ledger, table):
            changed[table] += _sweep_column(ledger, table, column, names)
    changed["quarantine"] += _sweep_quarantine(ledger, names)
    _drop_packs(ledger, names)
    return +changed


def _tables(ledger: sqlite3.Connection) -> list[str]:
    rows = ledger.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    return [row["name"] for row in rows if row["name"] not in _DERIVED]


def _text_columns(ledger: sqlite3.Connection, table: str) -> list[str]:
    rows = ledger.execute("SELECT name, type FROM pragma_table_info(?)", (table,))
    return [row["name"] for row in rows if row["type"].upper() == "TEXT"]


def _sweep_column(ledger: sqlite3.Connection, table: str, column: str, names: Names) -> int:
    changed = 0
    for cell in _cells(ledger, table, column, names):
        left = names.out_of_cell(cell)
        if left == cell:
            continue
        if table in _WHOLE_ROW:
            query, values = f"DELETE FROM {table} WHERE {column} = :was", {"was": cell}  # noqa: S608 - the ledger's own names
        else:
            query = f"UPDATE OR REPLACE {table} SET {column} = :left WHERE {column} = :was"  # noqa: S608 - likewise
            values = {"was": cell, "left": left}
        changed += ledger.execute(query, values).rowcount
    return changed


def _cells(ledger: sqlite3.Connection, table: str, column: str, names: Names) -> list[str]:
    """Texts that may have a name in them."""
    found: set[str] = set()
    for name in names.all:
        rows = ledger.execute(
            f"SELECT DISTINCT {column} FROM {table}"  # noqa: S608 - the ledger's own names
            f" WHERE instr(lower({column}), lower(?)) > 0",
            (name,),
        )
        found |= {row[0] for row in rows}
    return sorted(found)


def _drop_packs(ledger: sqlite3.Connection, names: Names) -> None:
    """Of rows that the sweep changed, which the triggers noted; and any that has a name in it."""
    for name in names.all:
        ledger.execute(
            "INSERT OR IGNORE INTO unpacked SELECT source, drone_uid FROM packed"  # noqa: S608 - ours
            f" WHERE {_NAMING} AND typeof(drone_uid) = 'text'",
            {"name": name},
        )
        ledger.execute(f"DELETE FROM packed WHERE {_NAMING}", {"name": name})  # noqa: S608 - ours
    ledger.execute(
        "DELETE FROM packed WHERE (source, drone_uid) IN (SELECT source, drone_uid FROM unpacked)"
    )
    ledger.execute(
        "DELETE FROM unpacked WHERE NOT EXISTS"
        " (SELECT 1 FROM flights WHERE flights.drone_uid = unpacked.drone_uid)"
        " AND NOT EXISTS (SELECT 1 FROM sightings WHERE sightings.drone_uid = unpacked.drone_uid)"
    )


def _sweep_quarantine(ledger: sqlite3.Connection, names: Names) -> int:
    """Bytes that nobody could decode, where they have a name in them, packed or not."""
    marks = [name.encode() for name in names.all]
    rows = ledger.execute("SELECT id, payload FROM quarantine")
    gone = [
        (row["id"],)
        for row in rows
        if any(mark in bare for bare in _bare(row["payload"]) for mark in marks)
    ]
    ledger.executemany("DELETE FROM quarantine WHERE id = ?", gone)
    return len(gone)


def _bare(payload: bytes) -> Iterator[bytes]:
    """The bytes, and what any deflated stream in them holds as far as it can be read."""
    yield payload
    for start in _HEADERS:
        head = payload[start : start + 2]
        if len(head) == 2 and head[0] & 0x0F == 8 and int.from_bytes(head, "big") % 31 == 0:  # noqa: PLR2004 - RFC 1950
            yield _inflated(payload[start:], packed_with_ours=bool(head[1] & 0x20))


def _inflated(stream: bytes, *, packed_with_ours: bool) -> bytes:
    inflater = zlib.decompressobj(zdict=DICTIONARY if packed_with_ours else b"")
    plain = b""
    try:
        for at in range(0, len(stream), 64):
            plain += inflater.decompress(stream[at : at + 64], BODY_LIMIT)
            if len(plain) > BODY_LIMIT:
                break
    except zlib.error:
        pass  # damaged from here on
    return plain
