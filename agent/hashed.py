"""A file that is hashed while it is read, so that its bytes pass through memory once."""

import hashlib
import io
import os
from pathlib import Path

_REST_BYTES = 1 << 20


class HashedFile(io.FileIO):
    """A file opened for reading; `digest` is SHA-256 of all its bytes, in whatever order read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._sha256 = hashlib.sha256()
        self.size_bytes = 0  # as far as it is hashed
        self.modified_us = os.fstat(self.fileno()).st_mtime_ns // 1000

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # narrower than any buffer
        """Fill the buffer as far as possible, hashing what is read for the first time."""
        start = self.tell()
        count = super().readinto(buffer) or 0
        new = start + count - self.size_bytes
        if 0 < new <= count:
            self._sha256.update(buffer[count - new : count])
            self.size_bytes += new
        return count

    def digest(self) -> bytes:
        """Return the hash of the whole file, reading on to its end."""
        self.seek(self.size_bytes)
        rest = memoryview(bytearray(_REST_BYTES))
        while self.readinto(rest):
            pass
        return self._sha256.digest()
