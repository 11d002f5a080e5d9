"""The catalogue's database: what this station remembers, apart from the spool.

Sole owner of the file's layout. Of the tables `agent/catalogue` uses logs, files and parameters,
`agent/drones/met` drones, `agent/drones/downloads` downloads, `agent/witness` witness.
"""

import sqlite3
from pathlib import Path
from typing import Final

from windsock.agent import mending

CATALOGUE: Final = "catalogue.sqlite"
"""In the state folder."""
SCHEMA: Final = """\
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
CREATE TABLE IF NOT EXISTS drones (
    drone_uid TEXT PRIMARY KEY, vendor TEXT NOT NULL, serial TEXT,
    met INTEGER NOT NULL DEFAULT 0, met_us INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS downloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    drone_uid TEXT NOT NULL, path TEXT, size INTEGER NOT NULL, time_s INTEGER NOT NULL,
    ranges TEXT NOT NULL DEFAULT '[]',
    state TEXT NOT NULL DEFAULT 'part',
    file TEXT NOT NULL DEFAULT '', log_id TEXT, changed_us INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS downloads_by_drone ON downloads (drone_uid);
CREATE TABLE IF NOT EXISTS witness (
    epoch INTEGER NOT NULL, lane INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (epoch, lane)
) WITHOUT ROWID;
"""
_TABLES: Final = ("drones", "downloads", "logs", "files", "parameters", "witness")


def connect(path: Path) -> sqlite3.Connection:
    """A connection to the catalogue's database, made if it isn't there."""
    database = mending.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(SCHEMA)
    return database


def sound_database(path: Path, now_us: int) -> tuple[sqlite3.Connection, str | None]:
    """The database at *path*, and what was wrong with it if it had to be replaced.

    What can still be read of a damaged one is carried over: claims of drones above all. Raises
    sqlite3.OperationalError where the disk is at fault, not the file.
    """
    try:
        database = connect(path)
        mending.check(database, SCHEMA)
    except mending.UNSOUND as error:
        if not mending.is_damage(error):
            raise
        aside = mending.set_aside(path, now_us)
        database = connect(path)
        rows = sum(_carry_over(database, aside, table) for table in _TABLES)
        return database, f"{error}; {rows} rows carried over, the file is kept as {aside.name}"
    return database, None


def _carry_over(database: sqlite3.Connection, aside: Path, table: str) -> int:
    """Copy what can be read; how many rows."""
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    rows = mending.readable_rows(aside, table, columns)
    places = ", ".join("?" * len(columns))
    with database:
        database.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({places})", rows)  # noqa: S608 - our own names
    return len(rows)
