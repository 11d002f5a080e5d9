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
        "from_ms": "integer",
        "until_ms": "integer",
        "parameters_changed": "string",
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
        "from_ms": "integer",
        "until_ms": "integer",
        "rules_version": "string",
    },
)
DRONE_STATE = Measurement(
    "drone_state",
    "one row per drone per hour; the only rows that say whose drone it is, as of then",
    ("drone", "customer", "distributor", "region", "product", "state"),
    {
        "serial": "string",
        "label": "string",
        "standing": "string",
        "days_since_flight": "float",
        "flights": "integer",
        "airborne_h": "float",
        "open_cases": "integer",
        "rules": "string",
        "severity": "integer",
        "possible_crashes": "integer",
        "lat_deg": "float",
        "lon_deg": "float",
        "firmware": "string",
        "data_state": "string",
        "seen_share": "float",
        "counted_h": "float",
        "counted_seen_h": "float",
        "software": "string",
    },
)
STATION = Measurement(
    "station",
    "what a station says of itself, and from the collector whether it is silent",
    ("agent",),
    {
        "online": "boolean",
        "spool_batches": "integer",
        "spool_bytes": "integer",
        "disk_free_bytes": "integer",
        "agent_version": "string",
        "silent": "integer",
        "heard_ms": "integer",
        "missing": "integer",
    },
)
_FLOWN: dict[str, FieldType] = {
    "flights": "integer",
    "airborne_s": "float",
    "crashes": "integer",
    "crash_likes": "integer",
}
STANDING_COUNTS = (
    "active", "slowing", "new", "inactive", "lost", "unseen", "never_flown", "out_of_service",
    "unclaimed", "overdue", "possible_crashes", "stations", "silent_stations",
)  # fmt: skip
"""Whole numbers of a fleet: its drones by state, and what else the dashboards begin with."""
DRONE_DAY = Measurement(
    "drone_day",
    "one row per autopilot per UTC day, rewritten from the ledger when late data come",
    ("drone",),
    {**_FLOWN, "firmware": "string"},
)
FLEET_DAY = Measurement(
    "fleet_day",
    "one row per UTC day over all drones, rewritten like drone_day; how they stood when the day "
    "was last judged",
    (),
    {
        "drones": "integer",
        **_FLOWN,
        **dict.fromkeys(STANDING_COUNTS, "integer"),
        "seen_share": "float",
    },
)
FIRMWARE_DAY = Measurement(
    "firmware_day",
    "one row per UTC day and software: flights until then and their crashes, and the drones "
    "that last flew with it (docs/decisions/0009)",
    ("firmware",),
    {
        "drones": "integer",
        "flights": "integer",
        "crashes": "integer",
        "crash_likes": "integer",
        "crashes_per_1000": "float",
        "crashes_lower": "float",
        "crashes_upper": "float",
    },
)
CUSTOMER_DAY = Measurement(
    "customer_day",
    "one row per UTC day and customer: how its drones stood when the day was last judged "
    "(docs/decisions/0009)",
    ("customer",),
    {
        "drones": "integer",
        "flying": "integer",
        "not_flying": "integer",
        "overdue": "integer",
        "open_cases": "integer",
        "possible_crashes": "integer",
        "airborne_h": "float",
        "seen_share": "float",
    },
)
PIPELINE = Measurement(
    "pipeline",
    "the collector itself, each time it judged the fleet",
    (),
    {
        "batches": "integer",
        "bytes": "integer",
        "store_errors": "integer",
        "lag_s": "float",
        "quarantined": "integer",
        "dead_letters": "integer",
        "gaps": "integer",
        "unjudged": "integer",
        "notices_waiting": "integer",
        "notices_parked": "integer",
    },
)
EVENT = Measurement(
    "event",
    "annotations: incidents, releases and cases; about is a kind of crash, a version, a rule",
    ("drone", "kind", "about"),
    {"title": "string", "text": "string"},
)
FIELDS = {
    "from_ms": "Unix time, a little before it begins: where a link leads to",
    "until_ms": "Unix time, a little after it ends",
    "parameters_changed": "against this autopilot's log before it; in a log's first flight",
    "label": "serial number and autopilot, as dashboards list them",
    "standing": "the state again: a tag can't be drawn over time",
    "rules": "of its open cases",
    "possible_crashes": "incidents of the last 30 days that nobody confirmed or took back",
    "crashes_per_1000": "of the flights until then; missing below 50 flights",
    "crashes_lower": "2.5 % of the belief lie below",
    "crashes_upper": "2.5 % of the belief lie above",
    "counted_h": "flown, by its autopilot's own counter",
    "counted_seen_h": "what we have of that",
    "seen_share": "of the time that autopilots counted in the air",
    "silent": "1: it should have been heard of by now",
    "heard_ms": "Unix time at which it was last heard",
    "missing": "batches that never came and are not explained",
    "batches": "taken in since the collector began",
    "bytes": "likewise",
    "store_errors": "times that InfluxDB did not take rows, likewise",
    "lag_s": "longest way of a fresh batch since the row before, by the station's clock",
    "quarantined": "batches that nobody could decode, ever",
    "dead_letters": "rows that InfluxDB refused for good, ever",
    "gaps": "batches of all stations that never came and are not explained",
    "unjudged": "flights that wait to be judged",
    "notices_waiting": "in the outbox",
    "notices_parked": "refused for good",
    "out_of_service": "ordered, in stock, in repair, paused or retired",
    "flying": "active, flying rarely or new",
    "not_flying": "inactive, lost, unseen or never flown",
    "overdue": "drones whose software is",
    "silent_stations": "stations that should have been heard of by now",
}
"""What names of fields that are neither facts nor signals don't say."""
MEASUREMENTS = (
    FLIGHT,
    SERIES,
    WINDOW,
    SIGHTING,
    VERDICT,
    DRONE_STATE,
    DRONE_DAY,
    FLEET_DAY,
    FIRMWARE_DAY,
    CUSTOMER_DAY,
    STATION,
    PIPELINE,
    EVENT,
)
