"""What of an error is the disk's, and what is a bug or the file's."""

import errno
import logging
import sqlite3

import pytest

from windsock.agent.trouble import Troubles, disk_trouble, of_disk


def sqlite_error(code):
    error = sqlite3.OperationalError("so it says")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (sqlite_error(sqlite3.SQLITE_FULL), "the disk is full"),
        (sqlite_error(sqlite3.SQLITE_READONLY), "the disk can only be read"),
        (sqlite_error(sqlite3.SQLITE_IOERR_FSYNC), "the disk fails"),
        (sqlite_error(sqlite3.SQLITE_CANTOPEN_ISDIR), "the folder can't be written"),
        (OSError(errno.ENOSPC, "x"), "the disk is full"),
        (OSError(errno.EROFS, "x"), "the disk can only be read"),
        (PermissionError(errno.EACCES, "x"), "the folder can't be written"),
    ],
)
def test_of_the_disk(error, words):
    assert disk_trouble(error) == of_disk(error) == words


@pytest.mark.parametrize(
    "error",
    [
        sqlite_error(sqlite3.SQLITE_ERROR),  # no such column: the schema is damaged
        sqlite_error(sqlite3.SQLITE_IOERR_SHORT_READ),  # shorter than it should be: so is the file
        sqlite3.OperationalError("without a code"),
        FileNotFoundError(errno.ENOENT, "x"),
        ValueError("a bug"),
    ],
)
def test_not_of_the_disk(error):
    assert disk_trouble(error) is None
    with pytest.raises(type(error)):
        of_disk(error)


def test_a_trouble_is_logged_once_when_it_comes_and_once_when_it_goes(caplog):
    caplog.set_level(logging.INFO)
    troubles = Troubles()
    for words in ("full", "full", "failing"):
        troubles.note("spool", words)
    assert troubles.told() == ["spool: failing"]
    troubles.over("spool")
    troubles.over("spool")

    assert troubles.told() == []
    assert caplog.messages == ["spool: full", "spool: failing", "spool: no longer: failing"]
