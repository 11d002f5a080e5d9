"""The InfluxDB schema: every measurement, its tags, and its fields with their types.

`docs/schema.md` is generated from here. A field has one type for ever: InfluxDB refuses another.
"""

from typing import Literal, NamedTuple, get_args

from windsock.protocol.facts import FACTS
from windsock.protocol.signals import SIGNALS
from windsock.protocol.signals import WINDOW as WINDOW_SIGNALS

FieldType = Literal["float", "integer", "string", "boolean"]
Precision = Literal["ms", "ns"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


class Measurement(NamedTuple):
    """One measurement; times at *precision*."""

    name: str
    about: str
    tags: tuple[str, ...]
    fields: dict[str, FieldType]
    precision: Precision = "ms"
    written: bool = True
    """False: settled here so that nobody builds it otherwise, but nothing writes it yet."""


def _floats(names: list[str]) -> dict[str, FieldType]:
    return dict.fromkeys(names, "float")


_FACTS = _floats([fact.name for fact in FACTS])
_SIGNALS = _floats([signal.name for signal in SIGNALS])

FLIGHT = Measurement(
    "flight",
    "one row a flight, at its start; all facts that were measured",
    ("drone",),
    {
        "flight_id": "string",
        "log_id": "string",
        "firmware": "string",
        "simulated": "boolean",
        "lat_deg": "float",
        "lon_deg": "float",
        **_FACTS,
    },
)
SERIES = Measurement("series", "the ten signals, one row a second", ("drone",), _SIGNALS)
WINDOW = Measurement(
    "window",
    "the moments around the strongest candidate event: every sample, and minima and maxima",
    ("drone",),
    _floats([signal.name + end for signal in WINDOW_SIGNALS for end in ("", "_min", "_max")]),
    "ns",
)
SIGHTING = Measurement(
    "sighting",
    "a drone was there: versions and the autopilot's own counters",
    ("drone",),
    {
        "source": "string",
        "firmware": "string",
        "version_code": "integer",
        "flight_time_s": "float",
        "flight_uuid": "integer",
        "boot_count": "integer",
        "armed": "boolean",
    },
)
VERDICT = Measurement(
    "verdict",
    "what was judged of a flight, at its start; rewritten by re-judging",
    ("drone",),
    {
        "flight_id": "string",
        "verdict": "string",
        "kind": "string",
        "severity": "integer",
        "rules_version": "string",
    },
)
DRONE_STATE = Measurement(
    "drone_state",
    "one row per drone per hour; the only rows that say whose drone it is, as of then",
    ("drone", "customer", "distributor", "region", "product", "state"),
    {
        "serial": "string",
        "days_since_flight": "float",
        "flights": "integer",
        "airborne_h": "float",
        "open_cases": "integer",
        "firmware": "string",
        "data_state": "string",
        "seen_share": "float",
        "software": "string",
    },
)
STATION = Measurement(
    "station",
    "what a station says of itself",
    ("agent",),
    {
        "online": "boolean",
        "spool_batches": "integer",
        "spool_bytes": "integer",
        "disk_free_bytes": "integer",
        "agent_version": "string",
    },
)
DRONE_DAY = Measurement(
    "drone_day",
    "one row per drone per UTC day, rewritten from the ledger when late data come",
    ("drone",),
    {"flights": "integer", "airborne_s": "float", "crashes": "integer", "crash_likes": "integer"},
    written=False,
)
FLEET_DAY = Measurement(
    "fleet_day",
    "one row per UTC day over all drones, rewritten like drone_day",
    (),
    {
        "drones": "integer",
        "flights": "integer",
        "airborne_s": "float",
        "crashes": "integer",
        "crash_likes": "integer",
    },
    written=False,
)
PIPELINE = Measurement(
    "pipeline",
    "the collector's own counters since it started",
    (),
    {"batches": "integer", "quarantined": "integer", "dead_letters": "integer", "gaps": "integer"},
    written=False,
)
EVENT = Measurement(
    "event",
    "annotations: incidents",
    ("drone",),
    {"title": "string", "text": "string"},
    written=False,
)
MEASUREMENTS = (
    FLIGHT,
    SERIES,
    WINDOW,
    SIGHTING,
    VERDICT,
    DRONE_STATE,
    DRONE_DAY,
    FLEET_DAY,
    STATION,
    PIPELINE,
    EVENT,
)
