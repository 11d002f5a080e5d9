"""What a download needs of the disk, as an interface: the core does no I/O itself."""

from typing import Protocol

from windsock.agent.download.listing import LogFile
from windsock.agent.download.ranges import Ranges


class Part(Protocol):
    """One log, as far as it is here."""

    size: int
    ranges: Ranges

    def write(self, offset: int, data: bytes) -> None:
        """Keep these bytes and note them in `ranges`."""

    def read(self, offset: int, count: int) -> bytes:
        """Bytes that are here."""

    def grow(self, size: int) -> None:
        """The log has become longer."""

    def crc32(self) -> int:
        """Of all of it, as MAVLink FTP reckons: zlib's polynomial, from 0, not inverted."""

    def discard(self) -> None:
        """These were other bytes: begin anew."""

    def finish(self) -> None:
        """All of it is here and right: hand it on."""


class Shelf(Protocol):
    """Where the logs of one drone go."""

    def wants(self, log: LogFile) -> bool:
        """Whether it is not here yet."""

    def part(self, log: LogFile) -> Part | None:
        """What there is of *log*; None where it needs no download, or there is no room for it."""
