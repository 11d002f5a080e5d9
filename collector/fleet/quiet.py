"""What the autopilots' own counters prove of drones since their last flights: from packed rows."""

import sqlite3
from collections.abc import Sequence

import numpy as np

from windsock.collector.detect.counted import Steps, flown_within
from windsock.collector.detect.counters import Explained, Quiet, Readings, quiet_stretches
from windsock.collector.fleet.arrays import MISSING_US, Micros
from windsock.collector.fleet.claims import Block
from windsock.collector.fleet.packing import Claimed, Columns, claimed
from windsock.collector.fleet.seen import airborne, seen
from windsock.collector.roster.owners import FOREVER_US


def load_quiet(
    ledger: sqlite3.Connection, serials: Sequence[str], flown_us: Micros, now_us: int
) -> Quiet:
    """Of the drones *serials*, which last flew at *flown_us* (n,). In the caller's snapshot."""
    quiet = Quiet(*(np.full(len(serials), MISSING_US, np.int64) for _ in range(3)))
    for block, sightings, flights in seen(ledger, serials):
        of_block = flown_us[block.at]
        readings = _readings(block, sightings, of_block, now_us)
        explained = _explained(readings, flights, block.size)
        found = quiet_stretches(readings, of_block, explained)
        for whole, part in zip(quiet, found, strict=True):
            whole[block.at] = part
    return quiet


def _readings(block: Block, sightings: Columns, flown_us: Micros, now_us: int) -> Readings:
    """From the newest reading at or before the last flight on."""
    seen_us, flight_time_s = sightings.rows["seen_us"], sightings.rows["flight_time_s"]
    claim, row = _of_claims(block, sightings)
    drone = block.claims.drone[claim]
    counts = (flown_us[drone] != MISSING_US) & (seen_us[row] <= now_us)
    counts &= seen_us[row] < block.claims.until_us[claim]
    counts &= seen_us[row] >= _bases_us(block, (claim, row), seen_us, flown_us)[claim]
    drone, row = drone[counts], row[counts]
    order = np.lexsort((sightings.autopilot[row], seen_us[row], drone))
    drone, row = drone[order], row[order]
    autopilot = sightings.autopilot[row].astype(np.int32)
    return Readings(drone, autopilot, seen_us[row], flight_time_s[row])


def _of_claims(block: Block, sightings: Columns) -> Claimed:
    """(claim, row) for each reading of its autopilot since it began, over or not."""
    claims, numbers = block.claims, np.arange(len(block.claims.drone), dtype=np.int32)
    since = claims._replace(drone=numbers, until_us=np.full_like(claims.until_us, FOREVER_US))
    claim, row = claimed(sightings, since, sightings.rows["seen_us"])
    read = ~np.isnan(sightings.rows["flight_time_s"][row])
    return claim[read], row[read]


def _bases_us(block: Block, of_claims: Claimed, seen_us: Micros, flown_us: Micros) -> Micros:
    """Of each claim: its autopilot's newest reading at or before its drone's last flight."""
    claim, row = of_claims
    bases_us = np.zeros(len(block.claims.drone), np.int64)
    before = seen_us[row] <= flown_us[block.claims.drone[claim]]
    np.maximum.at(bases_us, claim[before], seen_us[row[before]])
    return bases_us


def _explained(readings: Readings, flights: Columns, n: int) -> Explained:
    """The flights since the first reading of each of *n* drones."""
    drone, first = np.unique(readings.drone.astype(np.intp), return_index=True)
    since_us = readings.seen_us[first]
    ever = np.full_like(since_us, FOREVER_US)
    whole = Steps(
        drone, readings.autopilot[first].astype(np.intp), since_us, ever, np.zeros(len(drone))
    )
    explained = Explained(np.zeros(n), np.zeros(n, np.int64))
    explained.airborne_s[drone], explained.flights[drone] = flown_within(whole, airborne(flights))
    return explained
