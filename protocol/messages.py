"""Every message of wire version 1, and the FlightRecord that `read --json` prints.

Structures only: `protocol/envelope` turns them into bytes. Fields that are absent are None and are
left out; fields a reader doesn't know are skipped, so a newer minor version can add some.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Moment = Annotated[int, Meta(ge=946_684_800_000_000, le=4_102_444_800_000_000)]
"""Microseconds UTC from 2000 to 2100: a drone's time that is neither is no time."""
BootTime = Annotated[int, Meta(ge=-(10**16), le=10**16)]
"""Microseconds since the autopilot's boot."""
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Text = Annotated[str, Meta(max_length=1024)]
LogId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
"""First 128 bits of SHA-256 of the complete closed file."""
DroneUid = Annotated[str, Meta(pattern="^(px4|ap|as|unidentified):[!-~]{1,96}$")]
"""The autopilot: ``px4:`` or ``ap:`` + hex of its uid, ``as:SERIAL``, ``unidentified:LOG_ID``."""

SERIES_ROWS_LIMIT = 20_000
"""Rows of one message: a column of zeros takes no room on the wire, but it does in a reader."""

TimeQuality = Literal["gps", "boot_utc", "list_date", "mtime", "station", "none"]
LogFormat = Literal["ulog", "dataflash", "facts"]
"""``facts``: a simulated fleet's flight, for which no file ever was."""


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """What all parts of messages share: immutable, named fields, absent ones left out."""


class Utc(Part, frozen=True, kw_only=True):
    """A moment in UTC, how it is known, and the bounds it lies within."""

    quality: TimeQuality
    us: Moment | None = None
    earliest_us: Moment | None = None
    latest_us: Moment | None = None

    def __post_init__(self) -> None:
        if (self.us is None) != (self.quality == "none"):
            raise ValueError(f"quality {self.quality!r} with time {self.us}")


class Firmware(Part, frozen=True, kw_only=True):
    """What the autopilot runs; ``version_code`` is AUTOPILOT_VERSION.flight_sw_version."""

    autopilot: Literal["px4", "ardupilot"] | None = None
    vehicle: Name | None = None
    version: Name | None = None
    version_code: Annotated[int, Meta(ge=0, le=2**32 - 1)] | None = None
    vendor_version: Name | None = None
    git_hash: Name | None = None
    hardware: Name | None = None
    banner: Text | None = None


class Counters(Part, frozen=True, kw_only=True):
    """The autopilot's own counters, read at ``boot_s`` or at a connection.

    ``flight_time_s`` proves flights never seen; ``flight_uuid`` (PX4, rises at every disarm) and
    ``boot_count`` (ArduPilot) prove power only.
    """

    flight_time_s: Annotated[float, Meta(ge=0, le=1e12)] | None = None
    flight_uuid: Count | None = None
    boot_count: Count | None = None


class Event(Part, frozen=True, kw_only=True):
    """Something the autopilot said, at seconds since its boot."""

    boot_s: float
    what: Literal["message", "error", "mode", "event"]
    text: Text
    level: Annotated[int, Meta(ge=0, le=7)] | None = None


class FlightRecord(Part, frozen=True, kw_only=True):
    """One armed interval, measured. Nothing in it is judged."""

    flight: Annotated[int, Meta(ge=1, le=100_000)]
    armed_boot_us: BootTime
    end_boot_us: BootTime
    disarmed_boot_us: BootTime | None = None
    start: Utc
    lat_deg: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon_deg: Annotated[float, Meta(ge=-180, le=180)] | None = None
    facts: dict[Name, float] = {}
    events: Annotated[list[Event], Meta(max_length=200)] = []


class LogRecord(Part, frozen=True, kw_only=True):
    """One log and its flights; the JSON of ``windsock-agent read`` is this plus its path."""

    log_id: LogId
    drone_uid: DroneUid
    facts_version: Annotated[int, Meta(ge=1, le=2**31)]
    format: LogFormat
    size_bytes: Count
    bytes_seen: Count
    partial: bool = False
    damaged_bytes: Count = 0
    simulated: bool = False
    firmware: Firmware = Firmware()
    counters: Counters = Counters()
    """As the log holds them: those of the flights before it."""
    serial: Name | None = None
    """What the station calls this drone: a hint, the roster decides."""
    parameters_hash: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")] | None = None
    parameters_changed: dict[Name, tuple[float | None, float | None]] = {}
    """(before, now) against this autopilot's previous log."""
    flights: Annotated[list[FlightRecord], Meta(max_length=1000)] = []


class Log(Part, frozen=True, kw_only=True, tag_field="kind", tag="log"):
    """A log was found: measured, or why not."""

    log_id: LogId
    name: Text
    size_bytes: Count
    format: LogFormat | None = None
    drone_uid: DroneUid | None = None
    flights: Count = 0
    error: Text | None = None


class Flight(Part, frozen=True, kw_only=True, tag_field="kind", tag="flight"):
    """Flights of one or many logs."""

    logs: Annotated[list[LogRecord], Meta(min_length=1, max_length=1000)]


class Series(Part, frozen=True, kw_only=True, tag_field="kind", tag="series"):
    """The signals of one flight as columns (`protocol/columns`), one row each ``interval_us``."""

    drone_uid: DroneUid
    log_id: LogId
    armed_boot_us: BootTime
    start_boot_us: BootTime
    start: Utc
    interval_us: Annotated[int, Meta(ge=1, le=3_600_000_000)]
    rows: Annotated[int, Meta(ge=1, le=SERIES_ROWS_LIMIT)]
    columns: Annotated[dict[Name, bytes], Meta(max_length=64)]


class Samples(Part, frozen=True, kw_only=True):
    """One signal at the rate it was logged: two columns of ``rows`` values.

    ``times`` holds microseconds since the window's ``start_boot_us``, ``values`` the signal.
    """

    rows: Annotated[int, Meta(ge=1, le=SERIES_ROWS_LIMIT)]
    times: bytes
    values: bytes


class Window(Part, frozen=True, kw_only=True, tag_field="kind", tag="window"):
    """The moments around the strongest candidate event, signals of `protocol/signals` WINDOW.

    ``low`` and ``high`` are minima and maxima of each ``interval_us`` from 10 s before to 5 s
    after ``event_boot_us``; ``full`` is every sample within 2 s of it.
    """

    drone_uid: DroneUid
    log_id: LogId
    armed_boot_us: BootTime
    event_boot_us: BootTime
    start_boot_us: BootTime
    start: Utc
    interval_us: Annotated[int, Meta(ge=1, le=3_600_000_000)]
    rows: Annotated[int, Meta(ge=1, le=SERIES_ROWS_LIMIT)]
    low: Annotated[dict[Name, bytes], Meta(max_length=64)]
    high: Annotated[dict[Name, bytes], Meta(max_length=64)]
    full: Annotated[dict[Name, Samples], Meta(max_length=64)] = {}


class Sighting(Part, frozen=True, kw_only=True, tag_field="kind", tag="sighting"):
    """A drone was there: its versions and counters at a connection, or as its newest log says."""

    drone_uid: DroneUid
    seen: Utc
    source: Literal["serial", "log"]
    firmware: Firmware = Firmware()
    counters: Counters = Counters()
    armed: bool | None = None
    serial: Name | None = None


class LinkState(Part, frozen=True, kw_only=True):
    """One port of a station, and what is going on there. Of a drone that isn't ours: nothing."""

    port: Text
    state: Text
    """In words: what is going on, or why nothing is."""
    drone_uid: DroneUid | None = None
    since_us: Int64 | None = None
    """Since when the drone has been heard, on the station's clock."""
    armed: bool | None = None
    log: Text | None = None
    log_bytes: Count = 0
    log_size_bytes: Count = 0
    bytes_s: Annotated[float, Meta(ge=0, le=1e12)] = 0.0
    logs_waiting: Count = 0
    baud: Count | None = None
    frames: Count = 0
    frames_lost: Count = 0
    frames_corrupt: Count = 0
    foreign_bytes: Count = 0


class Station(Part, frozen=True, kw_only=True, tag_field="kind", tag="station"):
    """The station itself. On the status topic as JSON, and as a batch once an hour."""

    boot_id: Name
    wall_us: Int64
    monotonic_us: Count
    agent_version: Name
    station_kind: Literal["fixed", "field"] = "fixed"
    online: bool = True
    clock_synchronised: bool | None = None
    disk_free_bytes: Count | None = None
    spool_batches: Count = 0
    spool_bytes: Count = 0
    drones: Annotated[list[DroneUid], Meta(max_length=1000)] = []
    links: Annotated[list[LinkState], Meta(max_length=100)] = []
    """Since minor version 1."""
    troubles: Annotated[list[Text], Meta(max_length=100)] = []
    """What is wrong there, in words. Since minor version 1."""


class Tombstone(Part, frozen=True, kw_only=True, tag_field="kind", tag="tombstone"):
    """Batches that the agent had to drop: the gap closes with a reason."""

    epoch: Count
    lane: Annotated[int, Meta(ge=0, le=3)]
    first_seq: Count
    last_seq: Count
    reason: Text


class Damage(Part, frozen=True, kw_only=True, tag_field="kind", tag="damage"):
    """Something on the station broke: what was set aside, and what may be lost."""

    what: Name
    detail: Text
    lost_batches: Count | None = None


class Ping(Part, frozen=True, kw_only=True, tag_field="kind", tag="ping"):
    """Nothing, to see whether the line works."""


Message = Log | Flight | Series | Window | Sighting | Station | Tombstone | Damage | Ping
