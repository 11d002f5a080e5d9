"""One log as ``windsock-agent read --json --series --parameters`` printed it. Pure."""

from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from windsock.protocol.columns import ROWS_LIMIT
from windsock.protocol.messages import Int64, LogRecord, Name, Utc

Floats = npt.NDArray[np.float64]
Values = list[float | None]
Interval = Annotated[int, Meta(ge=1, le=3_600_000_000)]
Rows = Annotated[int, Meta(ge=1, le=ROWS_LIMIT)]


class ReadError(Exception):
    """Why a log can't be explained, in one sentence for whoever asked."""


class Dropout(msgspec.Struct, frozen=True):
    """The logger lost messages for a time."""

    boot_s: float
    duration_s: float


class SeriesValues(msgspec.Struct, frozen=True):
    """A part of a flight's series: ``columns`` hold ``rows`` values each."""

    armed_boot_us: Int64
    start_boot_us: Int64
    interval_us: Interval
    rows: Rows
    columns: dict[Name, Values]


class SampleValues(msgspec.Struct, frozen=True):
    """Every sample of one signal, times since the window's start."""

    times_us: list[int]
    values: list[float]


class WindowValues(msgspec.Struct, frozen=True):
    """The window around a flight's strongest candidate event."""

    armed_boot_us: Int64
    event_boot_us: Int64
    start_boot_us: Int64
    interval_us: Interval
    rows: Rows
    low: dict[Name, Values]
    high: dict[Name, Values]
    full: dict[Name, SampleValues] = {}


class Reading(msgspec.Struct, frozen=True):
    """One log: its record, and what only ``--series`` and ``--parameters`` print."""

    record: LogRecord
    series: list[SeriesValues] = []
    windows: list[WindowValues] = []
    dropouts: list[Dropout] = []
    parameters: dict[str, float] = {}

    @property
    def start(self) -> Utc:
        """When its first flight began."""
        flights = self.record.flights
        return flights[0].start if flights else Utc(quality="none")


def parsed(line: bytes) -> Reading:
    """The log of one line. Raises ReadError for its error, and for a line that is none."""
    try:
        found = msgspec.json.decode(line, type=dict[str, Any])
        if error := found.get("error"):
            raise ReadError(str(error))
        return msgspec.convert(found | {"record": found}, Reading)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise ReadError(f"the agent printed something unexpected: {error}") from error


def numbers(values: Values) -> Floats:
    """Values (n,) with NaN for what is missing."""
    return np.array([np.nan if value is None else value for value in values], np.float64)
