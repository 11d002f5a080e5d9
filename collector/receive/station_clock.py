"""What a station's clock was worth: its times made UTC, by boot id and monotonic time.

A station may boot in 1970 and learn the time later, from the network or from a drone. Monotonic
time runs through within a boot, so one good moment dates all of it, also what came before. A good
moment is what a station says whose clock is kept right, or else when a status of it came.
"""

import sqlite3
from typing import Final

import msgspec

from windsock.collector.receive.flights import Arrival
from windsock.protocol.envelope import Batch, Header
from windsock.protocol.messages import Sighting, Station, Utc

_EARLIEST_US: Final = 1_735_689_600_000_000
"""2025-01-01: no station is older."""
_AHEAD_US: Final = 86_400_000_000
_GOOD_US: Final = 60_000_000
"""A clock that is off by less needs no repair: so long may a status have been on its way."""
_ARRIVED, _KEPT = 0, 1
_BOOTS_KEPT_US: Final = 400 * 86_400_000_000


def note_clock(
    ledger: sqlite3.Connection, station: Station, arrival: Arrival, *, live: bool
) -> None:
    """Learn from what a station said of itself; *live* where it said so just now."""
    if station.clock_synchronised and _can_be(station.wall_us, arrival.received_us):
        _note(ledger, station, arrival, station.wall_us - station.monotonic_us, _KEPT)
    elif live:
        _note(ledger, station, arrival, arrival.received_us - station.monotonic_us, _ARRIVED)


def dated(ledger: sqlite3.Connection, batch: Batch, received_us: int) -> Batch:
    """*batch* with the station's times as they must have been; others are the drone's own."""
    header, message = batch.header, batch.message
    arrival = Arrival(header.agent, received_us)
    if isinstance(message, Station):
        note_clock(ledger, message, arrival, live=False)
        return batch._replace(message=dated_station(ledger, message, arrival))
    if isinstance(message, Sighting) and message.source == "serial":
        true_us = _true_us(ledger, header, arrival)
        shift_us = true_us - header.wall_us
        seen = _dated_seen(message.seen, true_us, shift_us)
        return batch._replace(message=msgspec.structs.replace(message, seen=seen))
    return batch


def dated_station(ledger: sqlite3.Connection, station: Station, arrival: Arrival) -> Station:
    """What a station says of itself, with the time at which it must have been."""
    true_us = _true_us(ledger, station, arrival)
    good = abs(true_us - station.wall_us) < _GOOD_US
    return station if good else msgspec.structs.replace(station, wall_us=true_us)


def _dated_seen(seen: Utc, true_us: int, shift_us: int) -> Utc:
    """When something over a link was seen, which is as old as its batch, made at *true_us*."""
    if seen.us is None:
        return Utc(quality="station", us=true_us)
    if seen.quality != "station" or abs(shift_us) < _GOOD_US:
        return seen
    shifted_us = seen.us + shift_us
    return Utc(quality="station", us=shifted_us if _can_be(shifted_us, true_us) else true_us)


def _true_us(ledger: sqlite3.Connection, said: Header | Station, arrival: Arrival) -> int:
    """When that was said: nothing is later than its arrival."""
    row = ledger.execute(
        "SELECT offset_us FROM station_clocks WHERE agent = ? AND boot_id = ?",
        (arrival.agent, said.boot_id),
    ).fetchone()
    said_us = said.wall_us
    if row:
        said_us = min(arrival.received_us, int(row[0]) + said.monotonic_us)
    return said_us if _can_be(said_us, arrival.received_us) else arrival.received_us


def _can_be(wall_us: int, received_us: int) -> bool:
    return _EARLIEST_US <= wall_us <= received_us + _AHEAD_US


def _note(
    ledger: sqlite3.Connection, station: Station, arrival: Arrival, offset_us: int, worth: int
) -> None:
    """The newest of the better kind counts."""
    ledger.execute(
        "INSERT INTO station_clocks VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " offset_us = excluded.offset_us, worth = excluded.worth, noted_us = excluded.noted_us"
        " WHERE excluded.worth >= worth",
        (arrival.agent, station.boot_id, offset_us, worth, arrival.received_us),
    )
    ledger.execute(
        "DELETE FROM station_clocks WHERE agent = ? AND noted_us < ?",
        (arrival.agent, arrival.received_us - _BOOTS_KEPT_US),
    )
