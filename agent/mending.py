"""Databases that a bad card or a power cut left behind: checked, set aside, read.

What is damaged is never written to again. It is renamed, a new one takes its place, and every row
that can still be read is carried over: nobody has to come (docs/delivery.md).
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from windsock.agent.trouble import disk_trouble

_FILES: Final = ("", "-wal", "-shm")
_BUSY_S: Final = 60.0
_KEPT: Final = 3
"""Of what was set aside, of each database: a bad card must not fill up with it."""

UNSOUND: Final = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What opening a damaged file raises: SQLite's complaint may quote bytes that are no text."""
Row = tuple[Any, ...]


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection that waits for others, and for which no bytes are a reason to fail as text."""
    mode = "ro" if read_only else "rwc"
    location = f"{path.absolute().as_uri()}?mode={mode}"
    database = sqlite3.connect(location, uri=True, timeout=_BUSY_S)
    database.text_factory = lambda raw: raw.decode(errors="replace")
    return database


def is_damage(error: Exception) -> bool:
    """True where it is the file's bytes that are wrong, not the disk below it."""
    return disk_trouble(error) is None


def check(database: sqlite3.Connection, schema: str) -> None:
    """Raise sqlite3.DatabaseError unless every page is sound and every table of *schema* as there.

    A flipped byte in the schema is no fault to SQLite, only another name.
    """
    verdict = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
    expected, found = definitions(schema), _definitions(database)
    wrong = [name for name in expected if name in found and found[name] != expected[name]]
    if wrong:
        raise sqlite3.DatabaseError(f"the table {wrong[0]} is not as it was made")


def definitions(schema: str) -> dict[str, str]:
    """Name and SQL of what *schema* makes."""
    database = sqlite3.connect(":memory:")
    database.executescript(schema)
    found = _definitions(database)
    database.close()
    return found


def set_aside(path: Path, now_us: int) -> Path:
    """Rename a database, and its write-ahead log with it: somebody may want to look at them.

    Beside it the newest two of those before stay.
    """
    aside = path.with_name(f"{path.name}.damaged-{now_us}")
    while aside.exists():
        now_us += 1  # a clock that stands still
        aside = path.with_name(f"{path.name}.damaged-{now_us}")
    for suffix in _FILES:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    _prune(path, aside)
    return aside


def _prune(path: Path, newest: Path) -> None:
    """By the names' numbers, but for *newest*: the clock may have been set back."""
    prefix = f"{path.name}.damaged-"
    names = (file.name.removesuffix("-wal").removesuffix("-shm") for file in path.parent.iterdir())
    numbers = {
        int(name.removeprefix(prefix))
        for name in names
        if name.startswith(prefix) and name.removeprefix(prefix).isdecimal()
    } - {int(newest.name.removeprefix(prefix))}
    for number in sorted(numbers)[: 1 - _KEPT]:
        for suffix in _FILES:
            with contextlib.suppress(OSError):
                path.with_name(f"{prefix}{number}{suffix}").unlink()


def readable_rows(path: Path, table: str, columns: Sequence[str]) -> list[Row]:
    """The rows of *table* in the damaged database at *path*, as far as they can be reached.

    From the front to the damage, and from the back to it.
    """
    rows: dict[Row, None] = {}
    with contextlib.suppress(*UNSOUND):
        database = connect(path)
        for direction in ("ASC", "DESC"):
            with contextlib.suppress(*UNSOUND):
                for row in _rows(database, table, columns, direction):
                    rows[row] = None  # what came before the damage stays
        database.close()
    return list(rows)


def _rows(
    database: sqlite3.Connection, table: str, columns: Sequence[str], direction: str
) -> Iterator[Row]:
    # A table without a rowid is read by its key, the first column.
    query = f"SELECT {', '.join(columns)} FROM {table} NOT INDEXED ORDER BY 1 {direction}"  # noqa: S608 - our own names
    yield from database.execute(query)


def _definitions(database: sqlite3.Connection) -> dict[str, str]:
    rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: sql for name, sql in rows if not name.startswith("sqlite_")}
