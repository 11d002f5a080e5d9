"""A copy of the ledger while the collector works, and back again.

A backup knows that it is one: it holds the marks of its moment. Stations go on deleting what is
acknowledged after it, so a ledger that was restored lacks those batches; where a lane goes on
above such a mark, what is between is a gap with this reason (`collector/receive/gaps`).
"""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, NamedTuple

from windsock.collector.ledger import LedgerError, open_ledger, transaction

_MARK: Final = (
    "DELETE FROM backup_marks",
    "INSERT INTO backup_marks SELECT * FROM marks",
    "DELETE FROM backups",
)
_REMEMBERED_US: Final = 60 * 86_400_000_000


class Copy(NamedTuple):
    """What was copied."""

    path: Path
    size_bytes: int
    batches: int
    flights: int


def back_up(source: Path, target: Path, now_us: int) -> Copy:
    """Copy the ledger *source*, which may be in use, to *target*, checked and whole or not at all.

    It takes SQLite's own snapshot and holds up nobody. The copy is of this collector's version.
    Raises LedgerError.
    """
    if target.resolve() == source.resolve():
        raise LedgerError(f"{target}: that is the ledger itself")
    part = target.with_name(f"{target.name}.part")
    for leftover in _files(part):
        leftover.unlink(missing_ok=True)
    _copy(source, part)
    with closing(open_ledger(part)) as copy:
        with transaction(copy):
            for statement in _MARK:
                copy.execute(statement)
            copy.execute("INSERT INTO backups (made_us) VALUES (?)", (now_us,))
        _check(copy, part)
        # One file without companions: what is copied elsewhere by hand is whole.
        copy.execute("PRAGMA journal_mode = DELETE")
        counted = [copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - put together of our own words
                   for table in ("batches", "flights")]  # fmt: skip
    _settle(part, target)
    return Copy(target, target.stat().st_size, *counted)


def restore(backup: Path, ledger: Path, now_us: int) -> Path | None:
    """Put *backup* in the place of *ledger*, which nobody may have open.

    The one that was there is kept under the name that is returned. Raises LedgerError where
    *backup* is no whole ledger; then nothing has changed.
    """
    if not backup.is_file():
        raise LedgerError(f"{backup}: no such file")
    made_us = int(backup.stat().st_mtime * 1e6)
    whole = ledger.with_name(f"{ledger.name}.restoring")
    back_up(backup, whole, made_us)
    aside = _set_aside(ledger, now_us)
    _settle(whole, ledger)
    return aside


def notice_restore(ledger: sqlite3.Connection, now_us: int) -> int | None:
    """When the backup was made that this ledger was restored from, said once: as it is first used.

    After 60 days it is forgotten: what is missing then is missing for another reason.
    """
    with transaction(ledger):
        row = ledger.execute("SELECT made_us FROM backups WHERE in_use_us IS NULL").fetchone()
        ledger.execute("UPDATE backups SET in_use_us = ? WHERE in_use_us IS NULL", (now_us,))
        old = ledger.execute(
            "DELETE FROM backups WHERE in_use_us < ?", (now_us - _REMEMBERED_US,)
        ).rowcount
        if old:
            ledger.execute("DELETE FROM backup_marks")
    return row[0] if row else None


def _copy(source: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            # In one go: what is written meanwhile would have it begin again at every step.
            old.backup(new)
    except sqlite3.DatabaseError as error:
        target.unlink(missing_ok=True)
        raise LedgerError(f"{source}: {error}") from error


def _check(copy: sqlite3.Connection, path: Path) -> None:
    verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise LedgerError(f"{path}: {verdict}")


def _set_aside(ledger: Path, now_us: int) -> Path | None:
    """Under a second name, with its write-ahead log, which would ruin any other ledger.

    It keeps its first name until the new one takes it: killed at any moment there is a ledger.
    """
    if not ledger.exists():
        return None
    aside = ledger.with_name(f"{ledger.name}.before-restore-{now_us}")
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(ledger)) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # then it stands for itself
    shutil.copy2(ledger, aside)
    for here, there in zip(_files(ledger)[1:], _files(aside)[1:], strict=True):
        if here.exists():
            here.rename(there)
    return aside


def _files(path: Path) -> list[Path]:
    return [path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm")]


def _settle(part: Path, target: Path) -> None:
    """On disk, then under its name, then that on disk."""
    for path, rename in ((part, True), (target.parent, False)):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        if rename:
            part.replace(target)
