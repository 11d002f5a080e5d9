"""What drones flew under their present customers: out of the flights of their autopilots."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
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
from windsock.collector.fleet.packed import FLIGHTS
from windsock.collector.fleet.packing import WORD, Claims, Columns, Packing, claimed
from windsock.collector.fleet.queries import query

DAY_US: Final = 86_400_000_000
FLYING_S: Final = 10.0
"""In the air: what is shorter is no flight (CONTRACTS: flights)."""
_LAST: Final = 3
"""Flights that decide which station is home (CONTRACTS: cases)."""
_DRONES_AT_ONCE: Final = 4096
"""Whose flights are in memory together."""
_DAYS: Final = 1_000_000
"""More than days since 1970 will be."""

Rows = npt.NDArray[np.intp]


class Block(NamedTuple):
    """Some drones, and the rows of all autopilots that ever were in them."""

    at: slice
    columns: Columns
    claims: Claims
    """Their drones count from the first of the block."""


class Flown(NamedTuple):
    """What the flights of n drones say."""

    flown_us: Micros
    flights: Index
    airborne_s: Reals
    home: Index
    stations: list[str]
    flight_ids: Micros


def blocks_of(
    ledger: sqlite3.Connection, serials: Sequence[str], packing: Packing
) -> Iterator[Block]:
    """All drones *serials*, with what *packing* has of them. In the caller's snapshot."""
    place = {serial: row for row, serial in enumerate(serials)}
    claims = ledger.execute(query("claims")).fetchall()
    claims = sorted((place[row[1]], row[0], row[2], row[3]) for row in claims if row[1] in place)
    for number, of_block in groupby(claims, lambda claim: claim[0] // _DRONES_AT_ONCE):
        first = number * _DRONES_AT_ONCE
        drone, drone_uid, from_us, until_us = zip(*of_block, strict=True)
        uids = sorted(set(drone_uid))
        row = {uid: row for row, uid in enumerate(uids)}
        yield Block(
            slice(first, min(first + _DRONES_AT_ONCE, len(serials))),
            load_columns(ledger, packing, uids),
            Claims(
                np.array([row[uid] for uid in drone_uid], np.int32),
                np.array(drone, np.int32) - first,
                np.array(from_us, np.int64),
                np.array(until_us, np.int64),
            ),
        )


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
    place: dict[str | None, int] = {}
    for block in blocks_of(ledger, serials, FLIGHTS):
        drone, row, _ = _flights(block, owned_from_us, simulated=simulated)
        flights = block.columns.rows[row]
        size = block.at.stop - block.at.start
        flown.flights[block.at] = np.bincount(drone, minlength=size)
        flown.airborne_s[block.at] = np.bincount(drone, flights["airborne_s"], size)
        drone, nth, last = _last(drone, flights, size)
        words = block.columns.words
        agents = np.full((size, _LAST), NOWHERE, np.int32)
        agents[drone, nth] = [place.setdefault(words[one], len(place)) for one in last[WORD]]
        flown.home[block.at] = home_station(agents)
        newest = nth == 0
        flown.flown_us[block.at][drone[newest]] = _latest_us(last[newest])
        flown.flight_ids[block.at][drone[newest]] = last["id"][newest]
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
    for block in blocks_of(ledger, serials, FLIGHTS):
        drone, _, at_us = _flights(block, owned_from_us, simulated=simulated)
        within = (at_us >= span_us[0]) & (at_us <= span_us[1])
        day = at_us[within] // DAY_US
        once = np.unique(drone[within] * _DAYS + day)
        drones.append((once // _DAYS + block.at.start).astype(np.int32))
        days.append((once % _DAYS).astype(np.int32))
    return FlightDays(np.concatenate(drones), np.concatenate(days))


def _flights(block: Block, owned_from_us: Micros, *, simulated: bool) -> tuple[Rows, Rows, Micros]:
    """Those that count, each with its drone (of the block), its row and its moment."""
    rows = block.columns.rows
    at_us = _at_us(rows)
    drone, row = claimed(block.columns, block.claims, at_us)
    counts = (rows["airborne_s"] >= FLYING_S) & (rows["simulated"] <= simulated)
    mine = counts[row] & (at_us[row] >= owned_from_us[block.at][drone])
    return drone[mine], row[mine], at_us[row[mine]]


def _at_us(flights: npt.NDArray[np.void]) -> Micros:
    """When each flight began, as far as it is known: never after it arrived."""
    return _first_us(flights, "start_us", "start_latest_us")


def _latest_us(flights: npt.NDArray[np.void]) -> Micros:
    """The latest moment at which each may have begun."""
    return _first_us(flights, "start_latest_us", "start_us")


def _first_us(flights: npt.NDArray[np.void], first: str, second: str) -> Micros:
    came_us = flights["received_us"]
    known_us = np.where(flights[first] == MISSING_US, flights[second], flights[first])
    moment_us: Micros = np.where(known_us == MISSING_US, came_us, known_us)
    return np.asarray(np.minimum(moment_us, came_us))


def _last(
    drone: Rows, flights: npt.NDArray[np.void], size: int
) -> tuple[Rows, Rows, npt.NDArray[np.void]]:
    """The newest `_LAST` flights of each of *size* drones: drone, which, 0 the newest, flight."""
    order = np.lexsort((flights["id"], _latest_us(flights), drone))
    end = np.cumsum(np.bincount(drone, minlength=size))
    nth = end[drone[order]] - 1 - np.arange(len(order))
    newest = order[nth < _LAST]
    return drone[newest], nth[nth < _LAST], flights[newest]


def _in_order(flown: Flown, place: dict[str | None, int]) -> Flown:
    """With the names of its stations sorted."""
    names = sorted(filter(None, place))
    order = {name: number for number, name in enumerate(names)}
    number = np.array([order[name] for name in place if name] + [NOWHERE], np.int32)
    return flown._replace(home=number[flown.home], stations=names)  # NOWHERE is the last one
