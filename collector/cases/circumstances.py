"""What else is known around a flight: what changed before it, how much was flown before."""

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

import msgspec

_MOST: Final = 3
"""Parameters named; of more only their number is."""


def what_changed(ledger: sqlite3.Connection, flight: Mapping[str, Any] | sqlite3.Row) -> list[str]:
    """Firmware and parameters against the log before: the first question after a crash."""
    log = ledger.execute(
        "SELECT firmware, parameters_changed FROM logs WHERE log_id = ?", (flight["log_id"],)
    ).fetchone()
    if log is None:
        return []
    before, now = version_of(_firmware_before(ledger, flight)), version_of(log["firmware"])
    changes = [f"firmware {before} to {now}"] if before and now and before != now else []
    parameters = msgspec.json.decode(log["parameters_changed"] or "{}")
    return changes + ([_in_words(parameters)] if parameters else [])


def flights_before(ledger: sqlite3.Connection, flight: Mapping[str, Any] | sqlite3.Row) -> int:
    """How many flights of 10 s and more its autopilot had made."""
    row = ledger.execute(
        "SELECT count(*) FROM live_flights WHERE drone_uid = ? AND airborne_s >= 10"
        " AND (start_us < ? OR log_id = ? AND armed_boot_us < ?)",
        (flight["drone_uid"], flight["start_us"], flight["log_id"], flight["armed_boot_us"]),
    ).fetchone()
    return int(row[0])


def version_of(firmware: str | None) -> str:
    """The vendor's version where there is one: that is what they call their software."""
    said = msgspec.json.decode(firmware) if firmware else {}
    return str(said.get("vendor_version") or said.get("version") or "")


def _firmware_before(
    ledger: sqlite3.Connection, flight: Mapping[str, Any] | sqlite3.Row
) -> str | None:
    row = ledger.execute(
        "SELECT firmware FROM live_flights JOIN logs USING (log_id)"
        " WHERE live_flights.drone_uid = ? AND start_us < ? AND log_id <> ?"
        " ORDER BY start_us DESC LIMIT 1",
        (flight["drone_uid"], flight["start_us"], flight["log_id"]),
    ).fetchone()
    return row["firmware"] if row else None


def _in_words(parameters: Mapping[str, tuple[float | None, float | None]]) -> str:
    number = len(parameters)
    named = [
        f"{name} {_value(before)} to {_value(now)}"
        for name, (before, now) in sorted(parameters.items())[:_MOST]
    ]
    dots = ", ..." if number > _MOST else ""
    return f"{number} parameter{'' if number == 1 else 's'} ({', '.join(named)}{dots})"


def _value(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"
