"""One log that is being fetched: a file, and which of its bytes are here."""

import hashlib
import os
import zlib
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from windsock.agent.download.ranges import Ranges

_COMMIT_US: Final = 1_000_000
_CHUNK: Final = 1 << 20
_ALL_ONES: Final = 0xFFFFFFFF


class Book(Protocol):
    """Who remembers what is here."""

    def note(self, id_: int, size: int, ranges: Ranges) -> None:
        """So much of a part is on the disk."""

    def complete(self, id_: int, log_id: str) -> None:
        """All of it is there."""

    def now_us(self) -> int:
        """A monotonic clock."""


class PartFile:
    """The bytes of one download (`download.shelf.Part`); a ``.part`` until it is whole."""

    def __init__(self, book: Book, id_: int, path: Path, size: int, ranges: Ranges) -> None:
        self.size = size
        self.ranges = ranges
        self._book, self._id, self._path = book, id_, path
        self._part = path.with_name(f"{path.name}.part")
        self._file: BinaryIO | None = None
        self._dirty = False
        self._committed_us = book.now_us()
        path.parent.mkdir(parents=True, exist_ok=True)
        if not self._part.exists():
            self._part.touch()
            self.ranges = Ranges()

    def write(self, offset: int, data: bytes) -> None:
        """Keep these bytes; within a second they are noted, too."""
        file = self._opened()
        file.seek(offset)
        file.write(data)
        self.ranges.add(offset, offset + len(data))
        self._dirty = True
        if self._book.now_us() - self._committed_us >= _COMMIT_US:
            self.commit()

    def commit(self) -> None:
        """The bytes to the disk first, then the note that they are there."""
        self._committed_us = self._book.now_us()
        if not self._dirty:
            return
        self._opened().flush()
        os.fsync(self._opened().fileno())
        self._book.note(self._id, self.size, self.ranges)
        self._dirty = False

    def read(self, offset: int, count: int) -> bytes:
        """Bytes that are here."""
        file = self._opened()
        file.seek(offset)
        return file.read(count)

    def grow(self, size: int) -> None:
        """The log has become longer."""
        self.size, self._dirty = size, True
        self.commit()

    def shrink(self, size: int) -> None:
        """It is shorter than it was, so it is another one."""
        self.size = size
        self.discard()

    def crc32(self) -> int:
        """As MAVLink FTP reckons: zlib's polynomial, from 0, not inverted."""
        value, file = _ALL_ONES, self._opened()
        file.seek(0)
        while chunk := file.read(_CHUNK):
            value = zlib.crc32(chunk, value)
        return value ^ _ALL_ONES

    def discard(self) -> None:
        """Begin anew."""
        self.ranges = Ranges()
        self._opened().truncate(0)
        self._book.note(self._id, self.size, self.ranges)
        self._dirty = False

    def finish(self) -> None:
        """Give the whole file its name, then say that it is there."""
        self._opened().truncate(self.size)
        self._dirty = True
        self.commit()
        self.close()
        log_id = log_id_of(self._part)
        self._part.replace(self._path)
        _sync(self._path.parent)
        self._book.complete(self._id, log_id)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self._file = self._part.open("r+b")
        return self._file


def log_id_of(path: Path) -> str:
    """What a whole file is called in every message: half of its SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
