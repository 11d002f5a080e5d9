"""How PX4 and ArduPilot show the logs on their card: as numbered entries, as folders for FTP."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zlib import crc32

from windsock.firmware_sim.vehicle.model import Model
from windsock.firmware_sim.vehicle.storage import Log, MemoryLog, Storage

_NO_DATE: Final = "sess001"


class Card:
    """The logs as this firmware numbers and names them. What it loses is hidden, not touched."""

    def __init__(self, model: Model, storage: Storage) -> None:
        self._model = model
        self._storage = storage
        self._lost: set[str] = set()

    def rotate(self) -> None:
        """Lose the oldest log, as a full card does."""
        oldest = min(self._logs(), key=lambda log: (log.modified_s, log.name), default=None)
        if oldest:
            self._lost.add(oldest.name)

    def erase(self) -> None:
        """Lose all of them, as LOG_ERASE has it."""
        self._lost.update(log.name for log in self._storage.logs())

    def entries(self) -> list[Log | None]:
        """The logs in order of their ids, None where one is missing.

        ArduPilot's first has id 1, oldest first, with holes. PX4's first has id 0, in the order of
        the card, which shifts with every file that comes or goes.
        """
        if self._model.px4:
            return [*sorted(self._logs(), key=lambda log: _scattered(log.name))]
        numbered = self._numbered()
        if not numbered:
            return []
        return [numbered.get(number) for number in range(min(numbered), max(numbered) + 1)]

    def files(self) -> dict[str, Log]:
        """Every file by its path for FTP, in the arbitrary order of a directory."""
        if self._model.px4:
            root = "/fs/microsd/log" if self._model.board_paths else "/log"
            found = {f"{root}/{_dated(log)}": log for log in self._logs()}
        else:
            root = "/APM/LOGS" if self._model.board_paths else "/logs"
            numbered = self._numbered()
            found = {f"{root}/{number:08}.BIN": log for number, log in numbered.items()}
            last = f"{max(numbered, default=0)}\r\n".encode()
            found[f"{root}/LASTLOG.TXT"] = MemoryLog("LASTLOG.TXT", last)
        return dict(sorted(found.items(), key=lambda item: _scattered(item[0])))

    def _logs(self) -> list[Log]:
        return [log for log in self._storage.logs() if log.name not in self._lost]

    def _numbered(self) -> Mapping[int, Log]:
        """By ArduPilot's number: the file's own if its name is one, else by age."""
        by_age = sorted(self._logs(), key=lambda log: (log.modified_s, log.name))
        own = {int(_stem(log)): log for log in by_age if _stem(log).isdecimal()}
        others = [log for log in by_age if not _stem(log).isdecimal()]
        return own | dict(enumerate(others, max(own, default=0) + 1))


def _stem(log: Log) -> str:
    return log.name.rpartition("/")[2].partition(".")[0]


def _dated(log: Log) -> str:
    """PX4's folder of the day, unless the log already lies in a folder."""
    if "/" in log.name:
        return log.name
    if not log.modified_s:
        return f"{_NO_DATE}/{log.name}"
    return f"{datetime.fromtimestamp(log.modified_s, UTC):%Y-%m-%d}/{log.name}"


def _scattered(name: str) -> tuple[int, str]:
    """Sorts in no order that anyone could rely on, but the same at each look."""
    return crc32(name.encode()), name
