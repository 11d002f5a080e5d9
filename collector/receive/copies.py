"""Differing files of one flight, a damaged and a whole copy perhaps: which of them stands.

Two files hold the same flight of a drone where their GPS-timed starts agree, or else where the
autopilot's own count of boots (ArduPilot) or flights (PX4) and the time of arming since boot do.
Counters that were reset, or are a simulator's, come again: whatever contradicts them decides.
"""

import sqlite3
from typing import Final

from windsock.collector.sql import Value
from windsock.protocol.messages import FlightRecord, LogRecord

SAME_START_US: Final = 2_000_000
"""Two files whose GPS-timed flights of one drone start this close hold the same flight."""
SAME_ARMING_US: Final = 2_000_000
"""Damage can hide the very record of arming; the next one that tells of it is this close."""

_COPY: Final = """
SELECT id, flights.log_id, bytes_seen - coalesce(damaged_bytes, 0) AS good_bytes
FROM flights JOIN logs USING (log_id) WHERE flights.drone_uid = :drone_uid AND retracted = 0
"""
_SAME_START: Final = f"""
{_COPY} AND start_quality = 'gps'
    AND start_us BETWEEN :start_us - :same_start_us AND :start_us + :same_start_us
"""
# Two GPS times need no counters; a clock that ran on from the last boot is worth its bounds.
_SAME_BOOT: Final = f"""
{_COPY}
    AND armed_boot_us BETWEEN :armed_boot_us - :same_arming_us AND :armed_boot_us + :same_arming_us
    AND NOT (:start_quality = 'gps' AND start_quality = 'gps')
    AND NOT (:start_quality IN ('gps', 'boot_utc') AND start_quality IN ('gps', 'boot_utc')
        AND (start_earliest_us > :latest_us + :same_start_us
            OR start_latest_us < :earliest_us - :same_start_us))
    AND (json_extract(counters, '$.boot_count') = :boot_count
        OR json_extract(counters, '$.flight_uuid') = :flight_uuid)
    AND coalesce(json_extract(counters, '$.boot_count') = :boot_count, 1)
    AND coalesce(json_extract(counters, '$.flight_uuid') = :flight_uuid, 1)
    AND coalesce(json_extract(counters, '$.flight_time_s') = :flight_time_s, 1)
"""
_ITSELF: Final = f"{_COPY} AND log_id = :log_id AND armed_boot_us = :armed_boot_us"
_ALONE: Final = """
UPDATE flights SET merged_into = NULL
WHERE drone_uid = :drone_uid AND log_id = :log_id AND armed_boot_us = :armed_boot_us
    AND merged_into IS NOT NULL
"""


def merge_copies(ledger: sqlite3.Connection, record: LogRecord, flight: FlightRecord) -> None:
    """Where other files hold this stored flight too, the one with most good bytes stands."""
    values = _values(record, flight)
    same: set[tuple[int, str, int]] = set()
    if flight.start.quality == "gps":
        same |= {tuple(row) for row in ledger.execute(_SAME_START, values)}
    if values["boot_count"] is not None or values["flight_uuid"] is not None:
        same |= {tuple(row) for row in ledger.execute(_SAME_BOOT, values)}
    others = {log_id for _, log_id, _ in same} - {record.log_id}
    if not others:
        ledger.execute(_ALONE, values)
        return
    same |= {tuple(row) for row in ledger.execute(_ITSELF, values)}
    stands, whole_log, _ = min(same, key=lambda copy: (-copy[2], copy[0]))
    ledger.executemany(
        "UPDATE flights SET merged_into = ? WHERE id = ?",
        [(None if log_id == whole_log else stands, copy) for copy, log_id, _ in same],
    )


def _values(record: LogRecord, flight: FlightRecord) -> dict[str, Value]:
    start, counters = flight.start, record.counters
    return {
        "drone_uid": record.drone_uid,
        "log_id": record.log_id,
        "armed_boot_us": flight.armed_boot_us,
        "start_us": start.us,
        "start_quality": start.quality,
        "earliest_us": start.us if start.earliest_us is None else start.earliest_us,
        "latest_us": start.us if start.latest_us is None else start.latest_us,
        "boot_count": counters.boot_count,
        "flight_uuid": counters.flight_uuid,
        "flight_time_s": counters.flight_time_s,
        "same_start_us": SAME_START_US,
        "same_arming_us": SAME_ARMING_US,
    }
