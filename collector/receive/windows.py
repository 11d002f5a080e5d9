"""Windows around candidate events: kept 30 days, and for good where an incident stands."""

import sqlite3
from typing import Final

import msgspec

from windsock.collector.receive.flights import Arrival
from windsock.collector.sql import Value, insert
from windsock.protocol.messages import Window

KEPT_US: Final = 30 * 86_400_000_000
"""Since it came: of an SD card found in a drawer the windows are new, too (CONTRACTS: flights)."""
_DISCARDED_A_STEP: Final = 1000
# An incident is its flight's and that of every file of the same flight.
_DISCARD: Final = """
DELETE FROM windows WHERE rowid IN (
    SELECT windows.rowid FROM windows WHERE received_us <= :before_us
        AND NOT EXISTS (
            SELECT 1 FROM flights JOIN incidents ON flight_id IN (flights.id, merged_into)
            WHERE flights.drone_uid = windows.drone_uid AND flights.log_id = windows.log_id
                AND flights.armed_boot_us = windows.armed_boot_us
                AND incidents.state <> 'withdrawn')
    LIMIT :limit)
"""


def store_window(ledger: sqlite3.Connection, window: Window, arrival: Arrival) -> None:
    """Keep a window, in place of an earlier one of its flight."""
    row: dict[str, Value] = {
        "drone_uid": window.drone_uid,
        "log_id": window.log_id,
        "armed_boot_us": window.armed_boot_us,
        "event_boot_us": window.event_boot_us,
        "message": msgspec.msgpack.encode(window),
        "received_us": arrival.received_us,
    }
    columns = ", ".join(f"{column} = excluded.{column}" for column in row)
    conflict = f"ON CONFLICT (drone_uid, log_id, armed_boot_us) DO UPDATE SET {columns}"
    insert(ledger, "windows", row, conflict)


def discard_windows(ledger: sqlite3.Connection, now_us: int) -> int:
    """Let go of what nobody needs any more, some of it at a time; how many went."""
    values = {"before_us": now_us - KEPT_US, "limit": _DISCARDED_A_STEP}
    return ledger.execute(_DISCARD, values).rowcount
