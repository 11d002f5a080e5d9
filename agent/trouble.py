"""A state folder that can't be written: what is wrong with it, and that it is not a bug.

A full disk, a card that went read-only or one that fails are no reason to end: the service goes
on with what it can do, says so, and resumes when the folder takes bytes again (docs/delivery.md).
"""

import errno
import logging
import sqlite3
import threading
from typing import Final

log = logging.getLogger("windsock.agent")

DISK_ERRORS: Final = (OSError, sqlite3.OperationalError)
"""What may mean such trouble; `disk_trouble` says whether it does."""
_OF_SQLITE: Final = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the disk can only be read",
    sqlite3.SQLITE_IOERR: "the disk fails",
    sqlite3.SQLITE_CANTOPEN: "the folder can't be written",
    sqlite3.SQLITE_PERM: "the folder can't be written",
    sqlite3.SQLITE_BUSY: "another process keeps the file locked",
}
_OF_SYSTEM: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full",
    errno.EROFS: "the disk can only be read",
    errno.EIO: "the disk fails",
    errno.EACCES: "the folder can't be written",
    errno.EPERM: "the folder can't be written",
}
_PRIMARY: Final = 0xFF
_SHORT_READ: Final = sqlite3.SQLITE_IOERR_SHORT_READ


def disk_trouble(error: BaseException) -> str | None:
    """What is wrong with the disk, in words; None where *error* says something else."""
    if isinstance(error, sqlite3.OperationalError):
        code = getattr(error, "sqlite_errorcode", None)
        # A file that is shorter than it should be is damaged: its disk is sound.
        return None if code in (None, _SHORT_READ) else _OF_SQLITE.get(code & _PRIMARY)
    if isinstance(error, OSError):
        return _OF_SYSTEM.get(error.errno or 0)
    return None


def of_disk(error: BaseException) -> str:
    """`disk_trouble`, which has to be it; raises *error* again where it is a bug."""
    words = disk_trouble(error)
    if words is None:
        raise error
    return words


class Troubles:
    """What is wrong with this station now, by place: in the log at once, in the status soon."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._lock = threading.Lock()

    def note(self, place: str, words: str) -> None:
        """It is so. Logged when it is news."""
        with self._lock:
            news = self._words.get(place) != words
            self._words[place] = words
        if news:
            log.warning("%s: %s", place, words)

    def over(self, place: str) -> None:
        """It is no longer."""
        with self._lock:
            was = self._words.pop(place, None)
        if was is not None:
            log.info("%s: no longer: %s", place, was)

    def told(self) -> list[str]:
        """A line for each."""
        with self._lock:
            return [f"{place}: {words}" for place, words in sorted(self._words.items())]
