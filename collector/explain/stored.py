"""A flight of the ledger as `explain` reads one: its facts, and its window where it is kept."""

import sqlite3

import msgspec
import numpy as np

from windsock.collector.cases.verdicts import facts_of
from windsock.collector.explain.judged import Judged, judged
from windsock.collector.explain.reading import Reading, SampleValues, Values, WindowValues
from windsock.protocol.errors import WireError
from windsock.protocol.facts import FACTS
from windsock.protocol.messages import Event, FlightRecord, LogRecord, Samples, Utc, Window
from windsock.protocol.series import decode_samples, values
from windsock.protocol.signals import WINDOW_BY_NAME


def stored_flight(ledger: sqlite3.Connection, flight_id: int) -> Judged | None:
    """The flight judged by its facts, with its window if there is one; None: no such flight."""
    row = ledger.execute("SELECT * FROM flights WHERE id = ?", (flight_id,)).fetchone()
    if row is None:
        return None
    window = _window(ledger, row)
    return judged(Reading(_record(row), windows=[window] if window else []))[0]


def _record(row: sqlite3.Row) -> LogRecord:
    measured = facts_of([row])[0]
    flight = FlightRecord(
        flight=row["flight"],
        armed_boot_us=row["armed_boot_us"],
        end_boot_us=row["end_boot_us"],
        start=Utc(quality=row["start_quality"], us=row["start_us"]),
        facts={
            fact.name: float(value)
            for fact, value in zip(FACTS, measured, strict=True)
            if not np.isnan(value)
        },
        events=msgspec.json.decode(row["events"], type=list[Event]),
    )
    return LogRecord(
        log_id=row["log_id"],
        drone_uid=row["drone_uid"],
        facts_version=row["facts_version"],
        format="facts",
        size_bytes=0,
        bytes_seen=0,
        flights=[flight],
    )


def _window(ledger: sqlite3.Connection, flight: sqlite3.Row) -> WindowValues | None:
    """The flight's own, or that of another file of it."""
    row = ledger.execute(
        "SELECT message FROM windows JOIN flights USING (drone_uid, log_id, armed_boot_us)"
        " WHERE ? IN (flights.id, merged_into) LIMIT 1",
        (flight["id"],),
    ).fetchone()
    if row is None:
        return None
    try:
        window = msgspec.msgpack.decode(row["message"], type=Window)
        return _decoded(msgspec.structs.replace(window, armed_boot_us=flight["armed_boot_us"]))
    except (WireError, msgspec.DecodeError):  # whatever it holds, it can't be drawn
        return None


def _decoded(window: Window) -> WindowValues:
    return WindowValues(
        armed_boot_us=window.armed_boot_us,
        event_boot_us=window.event_boot_us,
        start_boot_us=window.start_boot_us,
        interval_us=window.interval_us,
        rows=window.rows,
        low=_columns(window.low, window.rows),
        high=_columns(window.high, window.rows),
        full={name: _samples(name, one) for name, one in window.full.items() if _known(name)},
    )


def _columns(columns: dict[str, bytes], rows: int) -> dict[str, Values]:
    return {
        name: values(name, column, rows, WINDOW_BY_NAME)
        for name, column in columns.items()
        if _known(name)
    }


def _known(name: str) -> bool:
    """Others come from a newer agent."""
    return name in WINDOW_BY_NAME


def _samples(name: str, samples: Samples) -> SampleValues:
    times, sampled = decode_samples(samples, WINDOW_BY_NAME[name].scale)
    return SampleValues(times_us=times.tolist(), values=sampled.tolist())
