"""The catalogue: which logs this station has already queued, and each autopilot's parameters.

A database apart from the spool, so that a damaged spool does not import everything again. It is
only a memory: losing it costs repeated work, which the collector recognises.
"""

import json
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_SCHEMA = """
CREATE TABLE IF NOT EXISTS logs (
    log_id TEXT PRIMARY KEY, facts_version INTEGER NOT NULL, drone_uid TEXT, queued_us INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parameters (
    drone_uid TEXT NOT NULL, start_us INTEGER NOT NULL, log_id TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (drone_uid, start_us, log_id)
) WITHOUT ROWID;
"""
_BUSY_S = 60.0

Change = tuple[float | None, float | None]


class Stamp(NamedTuple):
    """What tells a changed file from the one seen before without reading it."""

    size: int
    mtime_ns: int


class Catalogue:
    """What this station has queued."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def queued(self, log_id: str, facts_version: int) -> bool:
        """True where this log was queued with these facts or better ones."""
        row = self._database.execute(
            "SELECT 1 FROM logs WHERE log_id = ? AND facts_version >= ?", (log_id, facts_version)
        ).fetchone()
        return row is not None

    def remember(self, log_id: str, facts_version: int, drone_uid: str | None, now: int) -> None:
        """Note that a log is in the spool."""
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO logs VALUES (?, ?, ?, ?)",
                (log_id, facts_version, drone_uid, now),
            )

    def forget_queued(self) -> None:
        """The spool was lost: every log is to be queued again. The collector knows its own."""
        with self._database:
            self._database.execute("DELETE FROM logs")
            self._database.execute("DELETE FROM files")

    def unchanged(self, path: Path, stamp: Stamp) -> bool:
        """True where this very file was dealt with."""
        row = self._database.execute(
            "SELECT size, mtime_ns FROM files WHERE path = ?", (os.fsencode(path),)
        ).fetchone()
        return row is not None and Stamp(*row) == stamp

    def dealt_with(self, path: Path, stamp: Stamp) -> None:
        """Note that a file needs no second look until it changes."""
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (os.fsencode(path), *stamp)
            )

    def parameter_changes(
        self, drone_uid: str, start_us: int, parameters: Mapping[str, float]
    ) -> dict[str, Change]:
        """What differs from this autopilot's latest log before *start_us*, as (before, now).

        Empty where no earlier one is known, in whatever order logs come.
        """
        row = self._database.execute(
            "SELECT value FROM parameters WHERE drone_uid = ? AND start_us < ?"
            " ORDER BY start_us DESC LIMIT 1",
            (drone_uid, start_us),
        ).fetchone()
        return differences(json.loads(row[0]), parameters) if row else {}

    def remember_parameters(
        self, drone_uid: str, start_us: int, log_id: str, parameters: Mapping[str, float]
    ) -> None:
        """Keep these for the logs that come after."""
        with self._database:
            self._database.execute(
                "INSERT OR REPLACE INTO parameters VALUES (?, ?, ?, ?)",
                (drone_uid, start_us, log_id, json.dumps(dict(parameters))),
            )

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def differences(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, Change]:
    """Names whose value differs, with None where a side lacks it."""
    return {
        name: (before.get(name), now.get(name))
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    }


def open_catalogue(path: Path) -> Catalogue:
    """Open or create the catalogue at *path*; a damaged one is replaced by an empty one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return Catalogue(connect(path))
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return Catalogue(connect(path))


def look_into_catalogue(path: Path) -> Catalogue | None:
    """The catalogue at *path* to read only, beside whoever writes it; None where there is none."""
    if not path.exists():
        return None
    location = f"{path.absolute().as_uri()}?mode=ro"
    return Catalogue(sqlite3.connect(location, uri=True, timeout=_BUSY_S))


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the catalogue's database, which is there and sound or an error."""
    database = sqlite3.connect(path, timeout=_BUSY_S)
    database.execute("PRAGMA journal_mode = WAL")
    verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
    database.executescript(_SCHEMA)
    return database
