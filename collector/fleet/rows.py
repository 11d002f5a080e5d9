"""The Fleet, out of the ledger: one query for each kind of column, arrays from whole columns."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np

from windsock.collector.detect.counters import Explained, Quiet, Readings, quiet_stretches
from windsock.collector.detect.inactivity import Limits, month_later, stood_still
from windsock.collector.fleet.arrays import (
    MISSING_US,
    NOWHERE,
    Fleet,
    Index,
    Micros,
    Reals,
    Shares,
    Told,
    counted,
    home_station,
    shares,
    whole_hours,
)
from windsock.collector.fleet.pauses import Pause, load_pauses, rested
from windsock.collector.fleet.queries import query
from windsock.collector.roster.cells import SERVICE_STATES
from windsock.collector.roster.owners import Owner, substitutes

_LAST: Final = 3
"""Flights that decide which station is home (CONTRACTS: cases)."""

_MONTH: Final = Limits()

Columns = list[Sequence[Any]]


class FleetRows(NamedTuple):
    """The arrays, and who answers for each row."""

    fleet: Fleet
    told: Told
    owners: list[Owner]
    flight_ids: Micros
    """Row of its last flight in the ledger, or 0."""


class _Flown(NamedTuple):
    """What the flights of n drones say."""

    flown_us: Micros
    flights: Index
    airborne_s: Reals
    home: Index
    stations: list[str]
    flight_ids: Micros


@contextmanager
def snapshot(ledger: sqlite3.Connection) -> Iterator[None]:
    """All queries in the block see the ledger at one moment, and keep nobody from writing."""
    if ledger.in_transaction:
        yield
        return
    ledger.execute("BEGIN")
    try:
        yield
    finally:
        ledger.execute("COMMIT")


def load_fleet(
    ledger: sqlite3.Connection, now_us: int, limits: Limits = _MONTH, *, simulated: bool = False
) -> FleetRows:
    """Every drone of the roster as of *now_us*; *simulated*: simulated flights are flights.

    *limits* say for how long a counter has to have stood still.

    In a `snapshot` or a transaction of its caller.
    """
    drones = _rows(ledger, "drones", {"now_us": now_us})
    cover = substitutes(ledger, now_us)
    owners = [Owner(*row[:-1]).with_cover(cover) for row in drones]
    serials = [owner.serial for owner in owners]
    flown = _flown(ledger, serials, {"now_us": now_us, "simulated": int(simulated)})
    quiet = _quiet(ledger, serials, flown.flown_us, now_us)
    flown_us = np.maximum(flown.flown_us, quiet.jumped_us)
    told = Told(
        owned_from_us=np.array([row[-1] for row in drones], np.int64),
        flights=flown.flights,
        flown_us=flown_us,
        rested_us=rested(_pauses_since(ledger, flown_us, now_us), serials, flown_us),
        airborne_s=flown.airborne_s,
        quiet_from_us=quiet.from_us,
        quiet_until_us=quiet.until_us,
    )
    fleet = Fleet(
        serials=serials,
        stations=flown.stations,
        service=np.array([SERVICE_STATES.index(owner.service_state) for owner in owners], np.int8),
        idle_s=told.idle_s(now_us),
        flights=counted(flown.flights),
        home=flown.home,
        online_share=_online_share(ledger, flown._replace(flown_us=flown_us), now_us),
        proven=stood_still(quiet.from_us, quiet.until_us, limits),
        month_over=now_us > month_later(told.idle_from_us(now_us)),
    )
    return FleetRows(fleet, told, owners, flown.flight_ids)


def last_flight(ledger: sqlite3.Connection, serial: str, since_us: int) -> sqlite3.Row | None:
    """The newest dated flight of a drone from *since_us* on."""
    row: sqlite3.Row | None = ledger.execute(query("last_flight"), (serial, since_us)).fetchone()
    return row


def _pauses_since(ledger: sqlite3.Connection, flown_us: Micros, now_us: int) -> list[Pause]:
    """Those that any drone can have had since it flew."""
    earliest_us = int(flown_us[flown_us != MISSING_US].min(initial=now_us))
    return load_pauses(ledger, earliest_us, now_us)


def _rows(ledger: sqlite3.Connection, name: str, values: dict[str, Any]) -> list[Sequence[Any]]:
    return ledger.execute(query(name), values).fetchall()


def _columns(rows: list[Sequence[Any]], width: int) -> Columns:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _flown(ledger: sqlite3.Connection, serials: list[str], values: dict[str, Any]) -> _Flown:
    rows = _rows(ledger, "flown", values)
    serial, nth, agent, latest_us, flights, airborne_s, flight_id = _columns(rows, 7)
    row = _positions(serials, serial)
    stations = sorted(set(agent))
    agents = np.full((len(serials), _LAST), NOWHERE, np.int32)
    agents[row, np.array(nth, np.intp) - 1] = _positions(stations, agent)
    newest = np.array(nth, np.int64) == 1
    return _Flown(
        flown_us=_placed(row[newest], np.array(latest_us, np.int64)[newest], serials, MISSING_US),
        flights=_placed(row[newest], np.array(flights, np.int32)[newest], serials, 0),
        airborne_s=_placed(row[newest], np.array(airborne_s, np.float32)[newest], serials, 0),
        home=home_station(agents),
        stations=stations,
        flight_ids=_placed(row[newest], np.array(flight_id, np.int64)[newest], serials, 0),
    )


def _online_share(ledger: sqlite3.Connection, flown: _Flown, now_us: int) -> Shares:
    first, end = whole_hours(flown.flown_us, now_us)
    known = np.flatnonzero((flown.home != NOWHERE) & (first < end))
    gaps = [[flown.stations[flown.home[row]], int(first[row]), end] for row in known]
    online, hours = np.zeros((2, len(first)), np.int64)
    online[known] = _columns(_rows(ledger, "online", {"gaps": json.dumps(gaps)}), 1)[0]
    hours[known] = end - first[known]
    return shares(online, hours)


def _quiet(ledger: sqlite3.Connection, serials: list[str], flown_us: Micros, now_us: int) -> Quiet:
    known = np.flatnonzero(flown_us != MISSING_US)
    flown = json.dumps([[serials[row], int(flown_us[row])] for row in known])
    rows = _rows(ledger, "readings", {"flown": flown, "now_us": now_us})
    serial, drone_uid, seen_us, flight_time_s = _columns(rows, 4)
    readings = Readings(
        drone=_positions(serials, serial),
        autopilot=_positions(sorted(set(drone_uid)), drone_uid),
        seen_us=np.array(seen_us, np.int64),
        flight_time_s=np.array(flight_time_s, np.float64),
    )
    explained = _explained(ledger, readings, drone_uid, len(serials))
    return quiet_stretches(readings, flown_us, explained)


def _explained(
    ledger: sqlite3.Connection, readings: Readings, drone_uid: Sequence[str], n: int
) -> Explained:
    """The flights since the first reading of each drone."""
    drone, first = np.unique(readings.drone, return_index=True)
    bases = json.dumps([[drone_uid[row], int(readings.seen_us[row])] for row in first])
    airborne_s, flights = _columns(_rows(ledger, "explained", {"bases": bases}), 2)
    return Explained(
        airborne_s=_placed(drone, np.array(airborne_s, np.float64), range(n), 0.0),
        flights=_placed(drone, np.array(flights, np.int64), range(n), 0),
    )


def _positions(keys: Sequence[str], values: Sequence[str]) -> Index:
    """Where each of *values* stands in *keys*."""
    place = {key: position for position, key in enumerate(keys)}
    return np.fromiter((place[value] for value in values), np.int32, len(values))


def _placed(row: Any, values: Any, rows: Sequence[Any], missing: float) -> Any:  # noqa: ANN401 - arrays of any kind
    """*values* at the places *row* of an array as long as *rows*."""
    column = np.full(len(rows), missing, values.dtype)
    column[row] = np.nan_to_num(values)
    return column
