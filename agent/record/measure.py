"""FlightLog -> LogRecord, Series and Windows: everything that leaves the station about one log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from windsock.agent.logs.flightlog import Dropout, FlightLog
from windsock.agent.record.events import events
from windsock.agent.record.facts import Positions, flight_facts
from windsock.agent.record.flights import Armed, armed_intervals
from windsock.agent.record.identity import counters, drone_uid, firmware, simulated
from windsock.agent.record.motion import Motion, motion
from windsock.agent.record.normalise import tracks as tracks_of
from windsock.agent.record.parameters import parameters_hash
from windsock.agent.record.series import series
from windsock.agent.record.tracks import Tracks
from windsock.agent.record.utc import Clock, clock
from windsock.agent.record.window import window
from windsock.protocol.facts import FACTS_VERSION
from windsock.protocol.messages import FlightRecord, LogRecord, Series, TimeQuality, Window

COARSE_DECIMALS = 1
"""0.1 degree: about 11 km."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the station knows of a log beside its bytes.

    `file_us` is UTC of the file's last writing, of the quality `file_quality` (`mtime`, or
    `list_date` where the autopilot listed it). `partial_of_bytes` is the size of the whole file
    where only a part was read.
    """

    log_id: str
    serial: str | None = None
    file_us: int | None = None
    file_quality: TimeQuality = "mtime"
    positions: Positions = "coarse"
    partial_of_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What `measure` returns."""

    record: LogRecord
    series: list[Series]
    windows: list[Window]
    parameters: Mapping[str, float]
    dropouts: Sequence[Dropout]


def measure(log: FlightLog, origin: Origin) -> Measured:
    """Measure every flight of a log. Read it with `wanted.WANTED` at least.

    Raises nothing for odd data: what can't be measured is absent. A log that the caller does not
    hold is let go table by table.
    """
    time = clock(log, origin.file_us, origin.file_quality)
    uid = drone_uid(log, origin.log_id, origin.serial)
    record = _record(log, origin, uid)
    log = replace(log, tables=dict(log.tables))
    tracks = tracks_of(log)
    intervals = armed_intervals(tracks)
    keys = (uid, origin.log_id)
    flights, windows = [], []
    for number, interval in enumerate(intervals, 1):
        seen = motion(tracks, interval)
        flights.append(_flight(tracks, number, seen, time, origin.positions))
        windows.append(window(tracks, seen, flights[-1].facts, time, keys))
    columns = [
        part
        for interval in intervals
        for part in series(tracks, interval, time, keys, origin.positions)
    ]
    return Measured(
        msgspec.structs.replace(record, flights=flights),
        columns,
        [one for one in windows if one is not None],
        log.parameters,
        log.dropouts,
    )


def _record(log: FlightLog, origin: Origin, uid: str) -> LogRecord:
    return LogRecord(
        log_id=origin.log_id,
        drone_uid=uid,
        facts_version=FACTS_VERSION,
        format=log.format,
        size_bytes=origin.partial_of_bytes or log.size_bytes,
        bytes_seen=log.size_bytes,
        partial=origin.partial_of_bytes is not None,
        damaged_bytes=log.damaged_bytes,
        simulated=simulated(log),
        firmware=firmware(log),
        counters=counters(log),
        serial=origin.serial,
        parameters_hash=parameters_hash(log.parameters),
        flights=[],
    )


def _flight(
    tracks: Tracks, number: int, seen: Motion, time: Clock, positions: Positions
) -> FlightRecord:
    interval = seen.flight
    lat, lon = _start(tracks, interval, positions)
    return FlightRecord(
        flight=number,
        armed_boot_us=interval.armed_us,
        end_boot_us=interval.end_us,
        disarmed_boot_us=interval.disarmed_us,
        start=time.utc(interval.armed_us),
        lat_deg=lat,
        lon_deg=lon,
        facts=flight_facts(tracks, seen, positions),
        events=events(tracks, interval),
    )


def _start(
    tracks: Tracks, interval: Armed, positions: Positions
) -> tuple[float | None, float | None]:
    """Where the flight started, as fine as the setting allows."""
    if positions == "none":
        return None, None
    decimals = COARSE_DECIMALS if positions == "coarse" else 7
    lat, lon = (
        one.between(interval.armed_us, interval.end_us) for one in (tracks.lat_deg, tracks.lon_deg)
    )
    if not len(lat) or not len(lon):
        return None, None
    return round(float(lat.values[0]), decimals), round(float(lon.values[0]), decimals)
