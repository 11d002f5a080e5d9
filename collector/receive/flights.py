"""A measured log, into the ledger: which measurement counts, and which files are one flight.

A measurement replaces all flights of its log where it knows more: a higher (facts_version, bytes
seen), or a drone where there was none. Files that differ can hold the same flight (a damaged and
a whole copy): `collector/receive/copies` merges them.
"""

import sqlite3
from typing import Final, NamedTuple

import msgspec

from windsock.collector.receive.copies import merge_copies
from windsock.collector.sql import Value, insert
from windsock.protocol import facts as catalogue
from windsock.protocol.messages import FlightRecord, LogRecord

UNIDENTIFIED: Final = "unidentified:"

# Station and time of arrival stay those of the first: no flight is later than its arrival.
_UPDATE: Final = ", ".join(
    f"{column} = excluded.{column}"
    for column in (
        "flight", "end_boot_us", "disarmed_boot_us", "start_us", "start_quality",
        "start_earliest_us", "start_latest_us", "lat_deg", "lon_deg", "simulated",
        "facts_version", "facts", "airborne_s", "events",
    )
)  # fmt: skip


class Arrival(NamedTuple):
    """Which station sent something, and when it came."""

    agent: str
    received_us: int


class Rank(NamedTuple):
    """How much a measurement knows."""

    facts_version: int
    bytes_seen: int
    identified: bool


class Known(NamedTuple):
    """What the ledger has of a log: of two stations that name its drone, the last one counts."""

    rank: Rank
    drone_uid: str


def store_record(ledger: sqlite3.Connection, record: LogRecord, arrival: Arrival) -> None:
    """Store the flights of *record* unless a better measurement of the same log is there."""
    known = _known(ledger, record.log_id)
    rank = Rank(record.facts_version, record.bytes_seen, _identified(record.drone_uid))
    if known is not None and known.rank > rank:
        return
    _store_log(ledger, record, arrival)
    if known is not None and known != Known(rank, record.drone_uid):
        _retract(ledger, record.log_id)
    for flight in record.flights:
        _store_flight(ledger, record, flight, arrival)


def _known(ledger: sqlite3.Connection, log_id: str) -> Known | None:
    row = ledger.execute(
        "SELECT facts_version, bytes_seen, drone_uid FROM logs"
        " WHERE log_id = ? AND facts_version IS NOT NULL",
        (log_id,),
    ).fetchone()
    return Known(Rank(row[0], row[1], _identified(row[2])), row[2]) if row else None


def _identified(drone_uid: str) -> bool:
    return not drone_uid.startswith(UNIDENTIFIED)


def _store_log(ledger: sqlite3.Connection, record: LogRecord, arrival: Arrival) -> None:
    row: dict[str, Value] = {
        "log_id": record.log_id,
        "drone_uid": record.drone_uid,
        "format": record.format,
        "facts_version": record.facts_version,
        "size_bytes": record.size_bytes,
        "bytes_seen": record.bytes_seen,
        "damaged_bytes": record.damaged_bytes,
        "partial": record.partial,
        "simulated": record.simulated,
        "firmware": _json(record.firmware),
        "counters": _json(record.counters),
        "parameters_hash": record.parameters_hash,
        "serial": record.serial,
        "agent": arrival.agent,
        "received_us": arrival.received_us,
    }
    if record.parameters_changed:  # a record in pieces has them in its first one only
        row["parameters_changed"] = _json(record.parameters_changed)
    columns = ", ".join(f"{column} = excluded.{column}" for column in row)
    insert(ledger, "logs", row, f"ON CONFLICT (log_id) DO UPDATE SET {columns}, error = NULL")


def _store_flight(
    ledger: sqlite3.Connection, record: LogRecord, flight: FlightRecord, arrival: Arrival
) -> None:
    row = _flight_row(record, flight)
    insert(
        ledger,
        "flights",
        row | {"agent": arrival.agent, "received_us": arrival.received_us},
        "ON CONFLICT (drone_uid, log_id, armed_boot_us) DO UPDATE SET retracted = 0, " + _UPDATE,
    )
    if _identified(record.drone_uid):
        merge_copies(ledger, record, flight)


def _retract(ledger: sqlite3.Connection, log_id: str) -> None:
    """Take back the flights of a log; copies in other files stand for themselves again."""
    ledger.execute(
        "UPDATE flights SET merged_into = NULL"
        " WHERE merged_into IN (SELECT id FROM flights WHERE log_id = ?)",
        (log_id,),
    )
    ledger.execute("UPDATE flights SET retracted = 1 WHERE log_id = ?", (log_id,))


def _flight_row(record: LogRecord, flight: FlightRecord) -> dict[str, Value]:
    start = flight.start
    return {
        "drone_uid": record.drone_uid,
        "log_id": record.log_id,
        "armed_boot_us": flight.armed_boot_us,
        "flight": flight.flight,
        "end_boot_us": flight.end_boot_us,
        "disarmed_boot_us": flight.disarmed_boot_us,
        "start_us": start.us,
        "start_quality": start.quality,
        "start_earliest_us": start.us if start.earliest_us is None else start.earliest_us,
        "start_latest_us": start.us if start.latest_us is None else start.latest_us,
        "lat_deg": flight.lat_deg,
        "lon_deg": flight.lon_deg,
        "simulated": record.simulated,
        "facts_version": record.facts_version,
        "facts": catalogue.matrix([flight.facts]).astype("<f4").tobytes(),
        "airborne_s": flight.facts.get("airborne_s"),
        "events": _json(flight.events),
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
