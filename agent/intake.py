"""One log file: what is in it, and which messages that makes, in which lane."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from windsock.agent.files import check_log_file
from windsock.agent.hashed import HashedFile
from windsock.agent.logs.flightlog import Dropout, LogError
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.parameters import COUNTERS, LEARNED
from windsock.agent.record.wanted import PREFERRED, WANTED
from windsock.agent.settings import Positions
from windsock.protocol.envelope import BACKLOG, FLIGHTS, SERIES, URGENT
from windsock.protocol.messages import (
    Flight,
    Log,
    LogRecord,
    Message,
    Series,
    Sighting,
    Window,
)
from windsock.protocol.urgency import urgency

LOG_ID_DIGITS = 32
"""128 bits of SHA-256, in hexadecimal."""
_FLIGHTS_A_MESSAGE = 20
_BACKLOG_AFTER_US = 7 * 86_400_000_000
"""Flights older than a week don't stand in the way of today's."""


class Handling(NamedTuple):
    """How this station treats logs."""

    positions: Positions = "coarse"
    serial: str | None = None
    autopilot: str | None = None
    """Uid of the autopilot that handed it over, for logs that don't say whose they are."""


class Intake(NamedTuple):
    """A log as read: a record with its series and windows, or the reason why there is none."""

    path: Path
    log_id: str
    size_bytes: int
    record: LogRecord | None
    series: list[Series]
    windows: list[Window]
    parameters: Mapping[str, float]
    """What somebody set: without what the autopilot counts and learns by itself."""
    dropouts: Sequence[Dropout]
    error: str | None


def take_in(path: Path, handling: Handling) -> Intake:
    """Read and measure the log at *path*.

    Raises OSError where the file can't be read, NotALog where it must not be.
    """
    check_log_file(path)
    with HashedFile(path) as file:
        try:
            log, error = read_flight_log(file, WANTED, PREFERRED), None
        except LogError as refusal:
            log, error = None, str(refusal)
        log_id, size_bytes = file.digest().hex()[:LOG_ID_DIGITS], file.size_bytes
        origin = Origin(log_id, handling.serial, file.modified_us, positions=handling.positions)
    if log is None:
        return Intake(path, log_id, size_bytes, None, [], [], {}, (), error)
    owned = [log]
    del log  # so that its tables can go one by one
    found = measure(owned.pop(), origin)
    uid = _uid(found.record.drone_uid, handling.autopilot)
    return Intake(
        path,
        log_id,
        size_bytes,
        msgspec.structs.replace(found.record, drone_uid=uid),
        [msgspec.structs.replace(part, drone_uid=uid) for part in found.series],
        [msgspec.structs.replace(part, drone_uid=uid) for part in found.windows],
        _chosen(found.parameters, handling.positions),
        found.dropouts,
        None,
    )


def _uid(read: str, handed_over_by: str | None) -> str:
    """What the log says, unless it says nothing and we know who handed it over."""
    unsaid = read.startswith(("unidentified:", "as:"))
    return handed_over_by if handed_over_by and unsaid else read


_PLACE = re.compile(r"(^|_)(LAT|LON|LNG|LATITUDE|LONGITUDE|DEC|DECL|DECLINATION)\d?(_|$)")
"""Parameters that hold a place: coordinates, and the magnetic declination, learned there."""


def _chosen(parameters: Mapping[str, float], positions: Positions) -> dict[str, float]:
    """Without what the autopilot counts and learns by itself, and where it is unless all may."""
    return {
        name: value
        for name, value in parameters.items()
        if math.isfinite(value)
        and not name.startswith(COUNTERS + LEARNED)
        and (positions == "full" or not _PLACE.search(name))
    }


def messages(intake: Intake, now_us: int) -> list[tuple[int, Message]]:
    """What has to be sent of a log, with lanes (docs/wire-format.md)."""
    record = intake.record
    if record is None:
        return [(FLIGHTS, _log_message(intake))]
    old = _is_old(record, now_us)
    lane = BACKLOG if old else FLIGHTS
    parts: list[tuple[int, Message]] = [(lane, _log_message(intake))]
    for part in _parts(record):
        urgent = any(urgency(flight.facts) for flight in part.flights)
        parts.append((URGENT if urgent else lane, Flight(logs=[part])))
    parts += [(lane, sighting) for sighting in _sightings(record)]
    parts += [(_window_lane(window, record, old=old), window) for window in intake.windows]
    parts += [(BACKLOG if old else SERIES, series) for series in intake.series]
    return parts


def _window_lane(window: Window, record: LogRecord, *, old: bool) -> int:
    """Windows go with the series, those of urgent flights even if they are old."""
    urgent = any(
        flight.armed_boot_us == window.armed_boot_us and urgency(flight.facts)
        for flight in record.flights
    )
    return SERIES if urgent or not old else BACKLOG


def readable(name: str) -> str:
    """A file's name as text that can travel: cards hold names in any encoding."""
    return name.encode(errors="replace").decode()


def _log_message(intake: Intake) -> Log:
    record = intake.record
    return Log(
        log_id=intake.log_id,
        name=readable(intake.path.name),
        size_bytes=intake.size_bytes,
        format=record.format if record else None,
        drone_uid=record.drone_uid if record else None,
        flights=len(record.flights) if record else 0,
        error=intake.error,
    )


def _parts(record: LogRecord) -> Iterator[LogRecord]:
    """The record in pieces that fit a message; the first one carries the parameters."""
    flights = record.flights
    for start in range(0, max(1, len(flights)), _FLIGHTS_A_MESSAGE):
        piece = flights[start : start + _FLIGHTS_A_MESSAGE]
        changed = record.parameters_changed if start == 0 else {}
        yield msgspec.structs.replace(record, flights=piece, parameters_changed=changed)


def _sightings(record: LogRecord) -> Iterator[Sighting]:
    """The counters and versions in a log, as read when its first flight began."""
    if record.flights and record.flights[0].start.us is not None:
        yield Sighting(
            drone_uid=record.drone_uid,
            seen=record.flights[0].start,
            source="log",
            firmware=record.firmware,
            counters=record.counters,
            serial=record.serial,
        )


def _is_old(record: LogRecord, now_us: int) -> bool:
    starts = [flight.start.us for flight in record.flights if flight.start.us is not None]
    return bool(starts) and max(starts) < now_us - _BACKLOG_AFTER_US
