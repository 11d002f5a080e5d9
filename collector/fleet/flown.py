"""What drones flew under their present customers: from their autopilots' packed flights."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.clock import FlightDays
from windsock.collector.fleet.arrays import (
    MISSING_US,
    NOWHERE,
    Index,
    Micros,
    Reals,
    home_station,
)
from windsock.collector.fleet.checkpoint import load_columns
from windsock.collector.fleet.claims import blocks_of
from windsock.collector.fleet.packed import FLIGHTS
from windsock.collector.fleet.packing import WORD, Rows, claimed

DAY_US: Final = 86_400_000_000
FLYING_S: Final = 10.0
"""In the air: what is shorter is no flight (CONTRACTS: flights)."""
_LAST: Final = 3
"""Flights that decide which station is home (CONTRACTS: cases)."""
_DAYS: Final = 1_000_000
"""More than days since 1970 will be."""

Drones = npt.NDArray[np.intp]


class Flown(NamedTuple):
    """What the flights of n drones say."""

    flown_us: Micros
    flights: Index
    airborne_s: Reals
    home: Index
    stations: list[str]
    flight_ids: Micros


class _Flights(NamedTuple):
    """Those of some drones that count."""

    at: slice
    """The drones ..."""
    drone: Drones
    """... and, counted from the first of them, whose each is."""
    rows: Rows
    stations: list[str]

    @property
    def size(self) -> int:
        """Of drones."""
        return int(self.at.stop - self.at.start)


def load_flown(
    ledger: sqlite3.Connection, serials: Sequence[str], owned_from_us: Micros, *, simulated: bool
) -> Flown:
    """Of the drones *serials*, since each has been its customer's. In the caller's snapshot."""
    n = len(serials)
    flown = Flown(
        flown_us=np.full(n, MISSING_US, np.int64),
        flights=np.zeros(n, np.int32),
        airborne_s=np.zeros(n, np.float32),
        home=np.full(n, NOWHERE, np.int32),
        stations=[],
        flight_ids=np.zeros(n, np.int64),
    )
    place: dict[str, int] = {}
    for some in _flights(ledger, serials, owned_from_us, simulated=simulated):
        flown.flights[some.at] = np.bincount(some.drone, minlength=some.size)
        flown.airborne_s[some.at] = np.bincount(some.drone, some.rows["airborne_s"], some.size)
        _note_last(flown, some, place)
    return _in_order(flown, place)


def load_flight_days(
    ledger: sqlite3.Connection,
    serials: Sequence[str],
    owned_from_us: Micros,
    span_us: tuple[int, int],
    *,
    simulated: bool,
) -> FlightDays:
    """The days (since 1970) on which each flew under its customer, in a span with both ends."""
    drones, days = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for some in _flights(ledger, serials, owned_from_us, simulated=simulated):
        at_us = _at_us(some.rows)
        within = (at_us >= span_us[0]) & (at_us <= span_us[1])
        once = _once(some.drone[within] * _DAYS + at_us[within] // DAY_US)
        drones.append((once // _DAYS + some.at.start).astype(np.int32))
        days.append((once % _DAYS).astype(np.int32))
    return FlightDays(np.concatenate(drones), np.concatenate(days))


def _once(values: Micros) -> Micros:
    """In order, each once; quick where they are nearly in order already."""
    ordered = np.sort(values, kind="stable")
    first: npt.NDArray[np.bool_] = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return ordered[first]


def _flights(
    ledger: sqlite3.Connection, serials: Sequence[str], owned_from_us: Micros, *, simulated: bool
) -> Iterator[_Flights]:
    for block in blocks_of(ledger, serials):
        columns = load_columns(ledger, FLIGHTS, block.uids)
        rows, at_us = columns.rows, _at_us(columns.rows)
        drone, row = claimed(columns, block.claims, at_us)
        counts = (rows["airborne_s"] >= FLYING_S) & (rows["simulated"] <= simulated)
        mine = counts[row] & (at_us[row] >= owned_from_us[block.at][drone])
        yield _Flights(block.at, drone[mine], rows[row[mine]], columns.words)


def _note_last(flown: Flown, some: _Flights, place: dict[str, int]) -> None:
    """What the newest flights of each drone say; *place* numbers the stations."""
    drone, nth, last = _newest(some)
    agents = np.full((some.size, _LAST), NOWHERE, np.int32)
    said = [some.stations[word] for word in last[WORD]]
    agents[drone, nth] = [place.setdefault(station, len(place)) for station in said]
    flown.home[some.at] = home_station(agents)
    flown.flown_us[some.at][drone[nth == 0]] = _latest_us(last[nth == 0])
    flown.flight_ids[some.at][drone[nth == 0]] = last["id"][nth == 0]


def _newest(some: _Flights) -> tuple[Drones, npt.NDArray[np.intp], Rows]:
    """The last `_LAST` flights of each drone: whose, which one (0 the newest), the flight."""
    order = np.lexsort((some.rows["id"], _latest_us(some.rows), some.drone))
    end = np.cumsum(np.bincount(some.drone, minlength=some.size))
    nth = end[some.drone[order]] - 1 - np.arange(len(order))
    last = order[nth < _LAST]
    return some.drone[last], nth[nth < _LAST], some.rows[last]


def _in_order(flown: Flown, place: dict[str, int]) -> Flown:
    """With the names of its stations sorted."""
    names = sorted(place)
    order = {name: number for number, name in enumerate(names)}
    number = np.array([order[name] for name in place] + [NOWHERE], np.int32)
    return flown._replace(home=number[flown.home], stations=names)  # NOWHERE is the last one


def _at_us(flights: Rows) -> Micros:
    """When each began, as far as it is known: no flight is later than its arrival."""
    return _first_us(flights, "start_us", "start_latest_us")


def _latest_us(flights: Rows) -> Micros:
    """The latest moment at which each may have begun."""
    return _first_us(flights, "start_latest_us", "start_us")


def _first_us(flights: Rows, first: str, second: str) -> Micros:
    came_us = flights["received_us"]
    known_us = np.where(flights[first] == MISSING_US, flights[second], flights[first])
    return np.asarray(np.minimum(np.where(known_us == MISSING_US, came_us, known_us), came_us))
