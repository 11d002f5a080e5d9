"""A fleet a part at a time, each with the autopilots that ever were in its drones."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.fleet.packing import Claims
from windsock.collector.fleet.queries import query

DRONES_AT_ONCE: Final = 4096
"""Whose rows are in memory together."""


class Block(NamedTuple):
    """Some drones, and all autopilots that ever were in them."""

    at: slice
    uids: list[str]
    claims: Claims
    """Their drones count from the first of the block, their autopilots through `uids`."""

    @property
    def size(self) -> int:
        """Of drones."""
        return int(self.at.stop - self.at.start)


def blocks_of(ledger: sqlite3.Connection, serials: Sequence[str]) -> Iterator[Block]:
    """Those of the drones *serials* that ever had an autopilot. In the caller's snapshot."""
    place = {serial: row for row, serial in enumerate(serials)}
    rows = ledger.execute(query("claims"))
    claims = sorted((place[row[1]], row[0], row[2], row[3]) for row in rows if row[1] in place)
    for number, of_block in groupby(claims, lambda claim: claim[0] // DRONES_AT_ONCE):
        first = number * DRONES_AT_ONCE
        drone, drone_uid, from_us, until_us = zip(*of_block, strict=True)
        uids = sorted(set(drone_uid))
        row = {uid: row for row, uid in enumerate(uids)}
        claimed = Claims(
            np.array([row[uid] for uid in drone_uid], np.int32),
            np.array(drone, np.int32) - np.int32(first),
            np.array(from_us, np.int64),
            np.array(until_us, np.int64),
        )
        yield Block(slice(first, min(first + DRONES_AT_ONCE, len(serials))), uids, claimed)
