"""The catalogue: which logs this station has already queued, and each autopilot's parameters.

A database apart from the spool, so that a damaged spool does not import everything again. It is
only a memory: losing it costs repeated work, which the collector recognises
(`agent/catalogue_file`).
"""

import json
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from windsock.agent import mending
from windsock.agent.catalogue_file import sound_database
from windsock.agent.clock import Clock

Change = tuple[float | None, float | None]


class Stamp(NamedTuple):
    """What tells a changed file from the one seen before without reading it."""

    size: int
    mtime_ns: int


class Catalogue:
    """What this station has queued."""

    def __init__(self, database: sqlite3.Connection, damage: str | None = None) -> None:
        self.damage = damage
        """What was wrong with the one before, where this one took its place."""
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
        before = _parameters(row[0]) if row else {}
        return differences(before, parameters) if before else {}

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


def open_catalogue(path: Path, clock: Clock) -> Catalogue:
    """Open or create the catalogue at *path*; a damaged one is set aside, `damage` says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return Catalogue(*sound_database(path, clock.wall_us()))


def look_into_catalogue(path: Path) -> Catalogue | None:
    """The catalogue at *path* to read only, beside whoever writes it; None where there is none."""
    return Catalogue(mending.connect(path, read_only=True)) if path.exists() else None


def _parameters(text: str) -> dict[str, float]:
    """As they were noted; of bytes that the disk has changed, none."""
    try:
        return msgspec.json.decode(text, type=dict[str, float])
    except (ValueError, RecursionError):
        return {}
