"""Which files are looked at: what is named, what lies in folders, and what of it may be a log."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LOG_SUFFIXES: Final = (".ulg", ".ulge", ".bin")
LARGEST_LOG_BYTES: Final = 2**32 - 1
"""Autopilots log to FAT32, which holds no larger file: what is larger is no log of theirs."""
_KINDS: Final = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotALog(OSError):  # noqa: N818 - what it is, in a sentence
    """What can't be a log file, whatever is in it: not to be opened, nor read."""


def find_logs(paths: list[Path]) -> Iterator[Path]:
    """The files named, and the logs in the folders named, newest first within a folder.

    A folder without any stands for itself, so that nothing named is passed over in silence.
    """
    for path in paths:
        yield from logs_in(path) or [path]


def logs_in(folder: Path) -> list[Path]:
    """Whatever is called like a log, newest first, then what can't be listed: a file, too."""
    unlisted: list[Path] = []
    found: list[Path] = []
    walk = os.walk(folder, onerror=lambda error: unlisted.append(Path(error.filename)))
    for place, folders, files in walk:
        names = [*files, *folders]
        found += [Path(place, name) for name in names if Path(name).suffix.lower() in LOG_SUFFIXES]
    return [*sorted(found, key=_modified_s, reverse=True), *unlisted]


def check_log_file(path: Path) -> None:
    """Raise NotALog for anything but a regular file of a log's size, before it is opened.

    To open a pipe waits for ever, to open a device can do anything. Raises OSError where there is
    nothing, or nothing to be seen.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        next(path.iterdir(), None)  # what keeps us out is said first
        raise NotALog(0, "a folder, not a log" if logs_in(path) else "no log in this folder")
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "special")
        raise NotALog(0, f"{kind}, not a log")
    if status.st_size > LARGEST_LOG_BYTES:
        raise NotALog(0, f"{status.st_size:,} bytes, more than any autopilot writes into a log")


def reason(error: OSError | MemoryError) -> str:
    """Why a file could not be read, without its name."""
    if isinstance(error, MemoryError):
        return "needs more memory than this station has"
    return error.strerror or str(error)


def _modified_s(path: Path) -> float:
    """0 for a file that has just gone: a card pulled out is no error."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
