"""The ledger: one SQLite file that holds all the collector knows.

Sole owner of the file's layout: opening, migrating, transactions. What the rows mean is in
`collector/receive` (what arrived), `collector/roster` (who is who) and `collector/cases` (what
was judged).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

VERSION = 5
_BUSY_S = 30.0


class LedgerError(Exception):
    """The ledger file can't be used; the message names it and why."""


def open_ledger(path: Path) -> sqlite3.Connection:
    """Open or create the ledger at *path*, migrated to `VERSION`.

    Durable before it answers: WAL with synchronous=FULL. Raises LedgerError for a file of a newer
    version or one that is not a ledger.
    """
    try:
        ledger = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        ledger.row_factory = sqlite3.Row
        ledger.execute("PRAGMA journal_mode = WAL")
        ledger.execute("PRAGMA synchronous = FULL")
        ledger.execute("PRAGMA foreign_keys = ON")
        _migrate(ledger, path)
    except sqlite3.DatabaseError as error:
        raise LedgerError(f"{path}: {error}") from error
    return ledger


@contextmanager
def transaction(ledger: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing: committed at the end of the block, rolled back if it raises."""
    ledger.execute("BEGIN IMMEDIATE")
    try:
        yield ledger
        ledger.execute("COMMIT")
    except BaseException:
        if ledger.in_transaction:
            ledger.execute("ROLLBACK")
        raise


@contextmanager
def savepoint(ledger: sqlite3.Connection) -> Iterator[None]:
    """All or nothing within the caller's transaction, which goes on whatever is raised here."""
    ledger.execute("SAVEPOINT step")
    try:
        yield
    except BaseException:
        if ledger.in_transaction:
            ledger.execute("ROLLBACK TO step")
        raise
    finally:
        if ledger.in_transaction:
            ledger.execute("RELEASE step")


def _migrate(ledger: sqlite3.Connection, path: Path) -> None:
    if _version(ledger) == VERSION:
        return  # without waiting for whoever is writing
    with transaction(ledger):
        version = _version(ledger)
        if version > VERSION:
            raise LedgerError(f"{path}: ledger version {version}, this collector knows {VERSION}")
        for step in range(version + 1, VERSION + 1):
            for statement in _statements(_script(step)):
                ledger.execute(statement)
            ledger.execute(f"PRAGMA user_version = {step}")


def _version(ledger: sqlite3.Connection) -> int:
    return int(ledger.execute("PRAGMA user_version").fetchone()[0])


def _script(version: int) -> str:
    """What makes a ledger of the version before into one of *version*."""
    name = "schema.sql" if version == 1 else f"schema_{version}.sql"
    return (files("windsock.collector") / name).read_text("utf-8")


def _statements(script: str) -> Iterator[str]:
    """One statement at a time: `executescript` would commit the transaction around it."""
    statement = ""
    for line in script.splitlines():
        statement += line.partition("--")[0] + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
