"""Logs in a folder, as a drone's card."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from windsock.firmware_sim.vehicle.storage import Log

_SUFFIXES: Final = {".ulg", ".bin"}


class FileLog:
    """A file, which may grow."""

    def __init__(self, path: Path, name: str, *, utc: bool) -> None:
        self._path = path
        self._utc = utc
        self.name = name

    @property
    def size(self) -> int:
        """In bytes, now; 0 if it is gone."""
        return self._path.stat().st_size if self._path.exists() else 0

    @property
    def modified_s(self) -> int:
        """UTC seconds, 0 where the drone knows no time."""
        return int(self._path.stat().st_mtime) if self._utc and self._path.exists() else 0

    def read(self, offset: int, count: int) -> bytes:
        """At most *count* bytes; none if it is gone."""
        if not self._path.exists():
            return b""
        with self._path.open("rb") as file:
            file.seek(offset)
            return file.read(count)


class Folder:
    """The ULog and DataFlash files in a folder and below it. They are never changed."""

    def __init__(self, path: Path, *, utc: bool = True) -> None:
        self._path = path
        self._utc = utc

    def logs(self) -> Sequence[Log]:
        """What is there now."""
        found = (path for path in self._path.rglob("*") if path.suffix.lower() in _SUFFIXES)
        return [
            FileLog(path, path.relative_to(self._path).as_posix(), utc=self._utc) for path in found
        ]
