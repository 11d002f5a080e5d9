"""How many batches the spool was given, remembered outside of it.

A write-ahead log that lost its end to a bad card reads as a shorter one without any fault. The
witness, in the catalogue's database, knows better. It is noted after the spool's own commit and
never waited for, so a power cut leaves it behind the spool, never ahead.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from windsock.agent.catalogue_file import CATALOGUE, connect


class Mark(NamedTuple):
    """How far a lane of an epoch has come."""

    epoch: int
    lane: int
    last_seq: int
    gone: int = 0
    """How many of them were acknowledged, or dropped."""


class Witness:
    """One connection, of one thread."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def marks(self) -> list[Mark]:
        """All that is remembered."""
        rows = self._database.execute("SELECT epoch, lane, last_seq, gone FROM witness")
        return [Mark(*row) for row in rows]

    def note(self, marks: Iterable[Mark]) -> None:
        """The spool has these; how many are gone is taken of those that are not known here."""
        with self._database:
            self._database.executemany(
                "INSERT INTO witness (epoch, lane, last_seq, gone) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET last_seq = excluded.last_seq",
                marks,
            )

    def count_gone(self, lanes: Iterable[tuple[int, int]]) -> None:
        """One batch of each (epoch, lane) waits no longer."""
        with self._database:
            self._database.executemany(
                "UPDATE witness SET gone = gone + 1 WHERE epoch = ? AND lane = ?", lanes
            )

    def forget(self, marks: Iterable[tuple[int, int, int]]) -> None:
        """Nothing of these waits any more, unless they have grown.

        On the disk before the spool forgets them, too: then it has lost nothing.
        """
        self._database.execute("PRAGMA synchronous = FULL")
        with self._database:
            self._database.executemany(
                "DELETE FROM witness WHERE epoch = ? AND lane = ? AND last_seq = ?", marks
            )
        self._database.execute("PRAGMA synchronous = NORMAL")

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def open_witness(state: Path) -> Witness:
    """The one of the spool in folder *state*, in the catalogue's database."""
    database = connect(state / CATALOGUE)
    database.execute("PRAGMA synchronous = NORMAL")  # behind is harmless, see above
    return Witness(database)
