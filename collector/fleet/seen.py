"""When drones were last met and switched on, and what their own counters say: from packed rows."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.detect.counted import Airborne, Steps, flown_within, steps
from windsock.collector.fleet.arrays import MISSING_US, Mask, Micros
from windsock.collector.fleet.checkpoint import load_columns
from windsock.collector.fleet.claims import Block, blocks_of
from windsock.collector.fleet.packed import FLIGHTS, SIGHTINGS
from windsock.collector.fleet.packing import Claimed, Columns, claimed


class Seen(NamedTuple):
    """Of some drones."""

    block: Block
    sightings: Columns
    flights: Columns


def seen(ledger: sqlite3.Connection, serials: Sequence[str]) -> Iterator[Seen]:
    """All of the drones *serials*, a block at a time. In the caller's snapshot."""
    for block in blocks_of(ledger, serials):
        columns = (load_columns(ledger, one, block.uids) for one in (SIGHTINGS, FLIGHTS))
        yield Seen(block, *columns)


def load_contacts(
    ledger: sqlite3.Connection, serials: Sequence[str], now_us: int, *, simulated: bool
) -> Micros:
    """When each of *serials*, or its card, was last in reach of a station; or `MISSING_US`."""
    last_us = np.full(len(serials), MISSING_US, np.int64)
    for block, sightings, flights in seen(ledger, serials):
        met_us = _met_us(sightings)
        met = claimed(sightings, block.claims, sightings.rows["seen_us"])
        _raise(last_us[block.at], met, met_us, met_us <= now_us)
        began_us, came_us = flights.rows["start_us"], flights.rows["received_us"]
        flew = claimed(flights, block.claims, np.where(began_us == MISSING_US, came_us, began_us))
        counts = (came_us <= now_us) & (flights.rows["simulated"] <= simulated)
        _raise(last_us[block.at], flew, came_us, counts)
    return last_us


def load_powered(
    ledger: sqlite3.Connection, serials: Sequence[str], now_us: int, *, simulated: bool
) -> Micros:
    """When each was last switched on for certain, or `MISSING_US`.

    A connection, or what a drone's own clock dates.
    """
    last_us = np.full(len(serials), MISSING_US, np.int64)
    for block, sightings, flights in seen(ledger, serials):
        met_us = _met_us(sightings)
        met = claimed(sightings, block.claims, sightings.rows["seen_us"])
        certain = (sightings.rows["certain"] == 1) & (met_us <= now_us)
        _raise(last_us[block.at], met, met_us, certain)
        flew = claimed(flights, block.claims, flights.rows["start_us"])
        _raise(last_us[block.at], flew, _on_us(flights), _dated(flights, simulated=simulated))
    return last_us


def load_counted(
    ledger: sqlite3.Connection,
    serials: Sequence[str],
    owned_from_us: Micros,
    now_us: int,
    recent_us: int,
) -> npt.NDArray[np.float64]:
    """(n, 5) seconds that autopilots counted under each customer, and what we have of those.

    Then the same in steps that ended after *recent_us*, and the flights that we have in these.
    """
    sums = np.zeros((len(serials), 5))
    for block, sightings, flights in seen(ledger, serials):
        rose = _steps(block, sightings, owned_from_us, now_us)
        seen_s, number = flown_within(rose, airborne(flights))
        recent = rose.until_us > recent_us
        late = (
            np.where(recent, one, 0) for one in (rose.rise_s, seen_s, number)
        )  # 0 * inf is NaN
        columns = (rose.rise_s, seen_s, *late)
        for nth, column in enumerate(columns):
            sums[block.at, nth] = np.bincount(rose.drone, column, block.size)
    return sums


def _met_us(sightings: Columns) -> Micros:
    """No sighting is later than its arrival."""
    return np.asarray(np.minimum(sightings.rows["seen_us"], sightings.rows["received_us"]))


def _on_us(flights: Columns) -> Micros:
    """The earliest moment at which each may have begun."""
    rows = flights.rows
    first_us, began_us = rows["start_earliest_us"], rows["start_us"]
    on_us = np.where(first_us == MISSING_US, began_us, first_us)
    return np.asarray(np.minimum(on_us, rows["received_us"]))


def _dated(flights: Columns, *, simulated: bool) -> Mask:
    began = flights.rows["start_us"] != MISSING_US
    return np.asarray(began & (flights.rows["simulated"] <= simulated))


def _raise(last_us: Micros, whose: Claimed, said_us: Micros, counts: Mask) -> None:
    """*last_us* to what *whose* rows said, where these count."""
    drone, row = whose
    counted = counts[row]
    np.maximum.at(last_us, drone[counted], said_us[row[counted]])


def _steps(block: Block, sightings: Columns, owned_from_us: Micros, now_us: int) -> Steps:
    seen_us, flight_time_s = sightings.rows["seen_us"], sightings.rows["flight_time_s"]
    drone, row = claimed(sightings, block.claims, seen_us)
    read = ~np.isnan(flight_time_s[row]) & (seen_us[row] <= now_us)
    read &= seen_us[row] >= owned_from_us[block.at][drone]
    drone, row = drone[read], row[read]
    return steps(drone, sightings.autopilot[row], seen_us[row], flight_time_s[row])


def airborne(flights: Columns) -> Airborne:
    """Those with a date that were in the air."""
    rows = flights.rows
    dated = (rows["start_us"] != MISSING_US) & (rows["airborne_s"] > 0)
    return Airborne(flights.autopilot[dated], rows["start_us"][dated], rows["airborne_s"][dated])
