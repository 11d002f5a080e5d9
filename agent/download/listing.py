"""The logs on a drone, as its two lists name them, and which to fetch first. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

_NUMBERS: Final = re.compile(r"\d+")
_DATE: Final = re.compile(r"(20\d\d)-(\d\d)-(\d\d)/(\d\d)_(\d\d)_(\d\d)")
"""PX4: ``2026-11-23/19_52_03.ulg``."""
_AS_DATE: Final = "%Y-%m-%d-%H-%M-%S"
_SAME_TIME_S: Final = 2
"""FAT keeps times in steps of two seconds."""
SUFFIXES: Final = (".ulg", ".bin")


class LogFile(NamedTuple):
    """One log. It has a path where FTP listed it and an id where LOG_ENTRY did."""

    size: int
    path: str | None = None
    log_id: int | None = None
    time_s: int = 0
    """When it was last written, UTC; 0 where nobody knows."""

    @property
    def name(self) -> str:
        """What to call it."""
        if self.path is not None:
            return self.path.rpartition("/")[2]
        return f"log{self.log_id}"


def is_log(path: str) -> bool:
    """True for a name of a flight log."""
    return path.lower().endswith(SUFFIXES)


def same(one: LogFile, other: LogFile) -> bool:
    """True where nothing speaks against it that these are one log, and something for it.

    Ids are no help: PX4 gives them anew at each listing. A log only grows.
    """
    if one.path is not None and other.path is not None:
        return one.path == other.path
    if one.time_s and other.time_s and abs(one.time_s - other.time_s) > _SAME_TIME_S:
        return False
    return one.size == other.size


def merged(files: Sequence[LogFile], entries: Sequence[LogFile]) -> list[LogFile]:
    """What both lists say: files get the id and the time of the one entry of their size.

    Where sizes are equal nobody can tell which is which, and each keeps to its own list; entries
    that no file answers to stand for themselves only if there are no files at all.
    """
    if not files:
        return list(entries)
    return [_with_entry(file, files, entries) for file in files]


def _with_entry(file: LogFile, files: Sequence[LogFile], entries: Sequence[LogFile]) -> LogFile:
    twins = [entry for entry in entries if entry.size == file.size]
    if len(twins) != 1 or sum(other.size == file.size for other in files) != 1:
        return file
    return file._replace(log_id=twins[0].log_id, time_s=twins[0].time_s)


def newest_first(logs: Iterable[LogFile], last_number: int | None = None) -> list[LogFile]:
    """By time where it is known, else by the numbers in the path, else by id.

    *last_number* is ArduPilot's LASTLOG.TXT: files with a higher number are older than all others,
    as numbers begin anew when they have run out.
    """

    def age(log: LogFile) -> tuple[int, int, list[int], int]:
        numbers = [int(number) for number in _NUMBERS.findall(log.path or "")]
        wrapped = last_number is not None and bool(numbers) and numbers[-1] > last_number
        return (0 if wrapped else 1, _time_s(log), numbers, log.log_id or 0)

    return sorted(logs, key=age, reverse=True)


def _time_s(log: LogFile) -> int:
    """Of its path where that tells, as LOG_ENTRY's is when it ended."""
    found = _DATE.search(log.path or "")
    if not found:
        return log.time_s
    try:
        moment = datetime.strptime("-".join(found.groups()), _AS_DATE).replace(tzinfo=UTC)
        return int(moment.timestamp())
    except ValueError:
        return log.time_s
