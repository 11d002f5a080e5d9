"""What arrived, into the ledger: quarantine, and one row for everything that batches say.

Every function works inside a transaction of its caller. Storing the same message twice, from one
station or from two, leaves what storing it once does.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

import msgspec

from windsock.collector.receive import gaps
from windsock.collector.receive.batches import note_station
from windsock.collector.receive.flights import Arrival, store_record
from windsock.collector.receive.shared_id import note_boot
from windsock.collector.receive.windows import store_window
from windsock.collector.sql import Value, insert
from windsock.protocol.envelope import digest
from windsock.protocol.messages import (
    Damage,
    Flight,
    Log,
    Message,
    Sighting,
    Station,
    Tombstone,
    Window,
)

HOUR_US: Final = 3_600_000_000


def store_quarantine(
    ledger: sqlite3.Connection, topic: str, payload: bytes, reason: str, received_us: int
) -> bool:
    """Keep bytes that nobody could decode, once; True where they are new."""
    row: dict[str, Value] = {
        "digest": digest(payload),
        "topic": topic,
        "received_us": received_us,
        "reason": reason,
        "payload": payload,
    }
    return insert(ledger, "quarantine", row, "ON CONFLICT (digest) DO NOTHING") > 0


def store_message(ledger: sqlite3.Connection, message: Message, arrival: Arrival) -> None:
    """Store what one message says. Series live in InfluxDB alone, a ping nowhere."""
    handler = _HANDLERS.get(type(message))
    if handler:
        handler(ledger, message, arrival)


def store_status(
    ledger: sqlite3.Connection, station: Station, arrival: Arrival, *, retained: bool
) -> None:
    """A station's status as the broker has it: live, retained from earlier, or a last will."""
    if station.online and not retained:
        note_boot(ledger, station, arrival)
        _store_station(ledger, station, arrival)
        return
    row: dict[str, Value] = {
        "agent": arrival.agent,
        "first_seen_us": arrival.received_us,
        "last_seen_us": min(station.wall_us, arrival.received_us),
        "online": station.online,
        "kind": station.station_kind,
        "report": _json(station),
    }
    insert(
        ledger,
        "stations",
        row,
        "ON CONFLICT (agent) DO UPDATE SET online = excluded.online, report = excluded.report",
    )


def _store_station(ledger: sqlite3.Connection, station: Station, arrival: Arrival) -> None:
    note_station(ledger, arrival, station.boot_id, station.agent_version)
    ledger.execute(
        "UPDATE stations SET kind = ?, online = 1, report = ? WHERE agent = ?",
        (station.station_kind, _json(station), arrival.agent),
    )
    hour = station.wall_us // HOUR_US
    ledger.execute("INSERT OR IGNORE INTO presence VALUES (?, ?)", (arrival.agent, hour))


def _store_flights(ledger: sqlite3.Connection, message: Flight, arrival: Arrival) -> None:
    for record in message.logs:
        store_record(ledger, record, arrival)


def _store_tombstone(ledger: sqlite3.Connection, stone: Tombstone, arrival: Arrival) -> None:
    gaps.close_by_tombstone(ledger, arrival.agent, stone)


def _store_damage(ledger: sqlite3.Connection, damage: Damage, arrival: Arrival) -> None:
    row: dict[str, Value] = {
        "what": damage.what,
        "detail": damage.detail,
        "lost_batches": damage.lost_batches,
        **arrival._asdict(),
    }
    insert(ledger, "damage", row)


def _store_log(ledger: sqlite3.Connection, log: Log, arrival: Arrival) -> None:
    """Note name, size and error; what a measurement said of the log is better and stays."""
    row: dict[str, Value] = {
        "log_id": log.log_id,
        "drone_uid": log.drone_uid,
        "name": log.name,
        "format": log.format,
        "size_bytes": log.size_bytes,
        "error": log.error,
        **arrival._asdict(),
    }
    insert(
        ledger,
        "logs",
        row,
        "ON CONFLICT (log_id) DO UPDATE SET name = coalesce(name, excluded.name)",
    )


def _store_sighting(ledger: sqlite3.Connection, sighting: Sighting, arrival: Arrival) -> None:
    counters = sighting.counters
    row: dict[str, Value] = {
        "drone_uid": sighting.drone_uid,
        "seen_us": arrival.received_us if sighting.seen.us is None else sighting.seen.us,
        "quality": sighting.seen.quality,
        "source": sighting.source,
        "firmware": _json(sighting.firmware),
        "flight_time_s": counters.flight_time_s,
        "flight_uuid": counters.flight_uuid,
        "boot_count": counters.boot_count,
        "armed": sighting.armed,
        "serial": sighting.serial,
        **arrival._asdict(),
    }
    insert(ledger, "sightings", row, "ON CONFLICT DO NOTHING")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


_HANDLERS: Final[dict[type, Callable[[sqlite3.Connection, Any, Arrival], None]]] = {
    Flight: _store_flights,
    Log: _store_log,
    Sighting: _store_sighting,
    Window: store_window,
    Station: _store_station,
    Tombstone: _store_tombstone,
    Damage: _store_damage,
}
