"""What was taken in from whom, and what was wrong with it: table imports."""

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from windsock.collector.roster.sheet import RosterError
from windsock.collector.sql import insert

_KEPT_ERRORS: Final = 100


class Taken(NamedTuple):
    """What became of a file."""

    kind: str
    taken: int
    """Rows that hold now."""
    refused: int
    """Rows that were left out; a file that can't be read at all has errors and no rows."""
    errors: list[RosterError]
    """The first `sheet.MOST_ERRORS`."""
    warnings: Sequence[RosterError] = ()
    """What is odd about rows that were taken."""


def note(ledger: sqlite3.Connection, taken: Taken, source: str, data: bytes, now_us: int) -> None:
    """That *source* brought *data*, and what became of it."""
    said = [str(error) for error in (*taken.errors, *taken.warnings)]
    insert(ledger, "imports", {
        "kind": taken.kind,
        "source": source,
        "digest": hashlib.sha256(data).digest(),
        "at_us": now_us,
        "taken": taken.taken,
        "refused": taken.refused,
        "errors": msgspec.json.encode(said[:_KEPT_ERRORS]).decode(),
    })  # fmt: skip


def is_known(ledger: sqlite3.Connection, kind: str, source: str, data: bytes) -> bool:
    """The last that *source* brought of this kind was the same: nothing need be done.

    Else a file that didn't change would undo, at every start, what others said since.
    """
    row = ledger.execute(
        "SELECT digest FROM imports WHERE kind = ? AND source = ? ORDER BY id DESC LIMIT 1",
        (kind, source),
    ).fetchone()
    return row is not None and bool(row["digest"] == hashlib.sha256(data).digest())
