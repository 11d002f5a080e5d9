"""The card that an autopilot keeps its logs on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Log(Protocol):
    """A log file. The size may grow between two looks."""

    @property
    def name(self) -> str:
        """The path below the folder of logs."""

    @property
    def size(self) -> int:
        """In bytes."""

    @property
    def modified_s(self) -> int:
        """UTC seconds of the last write, 0 where the autopilot knew no time."""

    def read(self, offset: int, count: int) -> bytes:
        """At most *count* bytes."""


class Storage(Protocol):
    """Where logs lie."""

    def logs(self) -> Sequence[Log]:
        """What is there now, in no order."""


@dataclass
class MemoryLog:
    """A log without a file."""

    name: str
    data: bytes
    modified_s: int = 0

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data)

    def read(self, offset: int, count: int) -> bytes:
        """At most *count* bytes."""
        return self.data[offset : offset + count]


@dataclass
class MemoryStorage:
    """A card without a folder."""

    kept: list[MemoryLog] = field(default_factory=list)

    def logs(self) -> Sequence[Log]:
        """What is there now."""
        return list(self.kept)
