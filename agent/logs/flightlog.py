"""A flight log in the firmware's own words: its tables, parameters and messages.

Names, units and values are as the firmware wrote them. `agent.record` gives them ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Buffer = bytes | bytearray | memoryview | NDArray[np.uint8]


class LogError(Exception):
    """A log that can't be read. The text is one sentence for a technician."""


class LogMessage(NamedTuple):
    """A line of text that the autopilot logged."""

    boot_us: int
    level: int | None  # syslog severity, 0 emergency to 7 debug; None where the format has none
    text: str


class ParameterChange(NamedTuple):
    """A parameter that took another value while the log was written."""

    boot_us: int
    name: str
    value: float


class Dropout(NamedTuple):
    """A time in which the logger lost messages."""

    boot_us: int
    duration_s: float


class LateTimes(Protocol):
    """Times that are worth unpacking only if they are asked for."""

    def __len__(self) -> int:
        """How many there are."""

    def times(self) -> NDArray[np.int64]:
        """Unpack them, (n,)."""


class Table:
    """All messages of one topic and instance, as columns of equal length.

    `fields` are read-only arrays of shape (n,), or (n, 32) for DataFlash's `a`, under the
    firmware's names: ULog arrays as `q[0]`, nested types as `esc[0].rpm`. DataFlash's own scale
    (0.01, 1e-7 degrees) is applied, MULT is not.
    """

    __slots__ = ("_boot_us", "_count", "fields", "instance", "name")

    def __init__(
        self, name: str, instance: int, boot_us: LateTimes, fields: Mapping[str, NDArray[Any]]
    ) -> None:
        self.name = name
        self.instance = instance
        self.fields = fields
        self._boot_us: LateTimes | NDArray[np.int64] = boot_us
        self._count = len(boot_us)

    @property
    def boot_us(self) -> NDArray[np.int64]:
        """Time since boot, (n,), made when asked for: many tables are never looked at."""
        if not isinstance(self._boot_us, np.ndarray):
            self._boot_us = self._boot_us.times()
        return self._boot_us

    def __getitem__(self, field: str) -> NDArray[Any]:
        return self.fields[field]

    def __contains__(self, field: object) -> bool:
        return field in self.fields

    def __len__(self) -> int:
        return self._count


@dataclass(frozen=True, slots=True, eq=False)
class FlightLog:
    """What a log holds; `tables` is name -> instance -> table, empty tables left out.

    `parameters` are the values first seen, `parameter_changes` every later different value in
    order. `info` holds ULog's info messages, or the last VER message of a DataFlash log.
    `damaged_bytes` counts what had to be skipped to find the next whole message; a message cut
    off by the end of the file is not counted.
    """

    format: Literal["ulog", "dataflash"]
    tables: dict[str, dict[int, Table]]
    parameters: Mapping[str, float]
    parameter_defaults: Mapping[str, float]
    parameter_changes: Sequence[ParameterChange]
    messages: Sequence[LogMessage]
    info: Mapping[str, object]
    dropouts: Sequence[Dropout]
    size_bytes: int
    damaged_bytes: int
    first_boot_us: int | None
    last_boot_us: int | None

    def table(self, name: str, instance: int = 0) -> Table | None:
        """Return one table, or None where the log has no such messages."""
        return self.tables.get(name, {}).get(instance)

    @property
    def dropouts_s(self) -> float:
        """Sum of all dropouts."""
        return sum(dropout.duration_s for dropout in self.dropouts)
