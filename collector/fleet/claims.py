"""A fleet a part at a time, each with the autopilots that ever were in its drones."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.fleet.checkpoint import packed_bytes
from windsock.collector.fleet.packing import Claims
from windsock.collector.fleet.queries import query

DRONES_AT_ONCE: Final = 4096
"""Whose rows are in memory together ..."""
BYTES_AT_ONCE: Final = 16_000_000
"""... unless they are more than this as packed; reading them takes a few times as much."""

_Claim = tuple[int, str, int, int]
"""Drone, autopilot, from, until."""


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
    for of_block in _parts(claims, packed_bytes(ledger)):
        drone, drone_uid, from_us, until_us = zip(*of_block, strict=True)
        first, last = drone[0], drone[-1]
        uids = sorted(set(drone_uid))
        row = {uid: row for row, uid in enumerate(uids)}
        claimed = Claims(
            np.array([row[uid] for uid in drone_uid], np.int32),
            np.array(drone, np.int32) - np.int32(first),
            np.array(from_us, np.int64),
            np.array(until_us, np.int64),
        )
        yield Block(slice(first, last + 1), uids, claimed)


def _parts(claims: Sequence[_Claim], bytes_of: Mapping[str, int]) -> Iterator[list[_Claim]]:
    """Sorted *claims*, those of a drone together; only what is one drone's exceeds a bound."""
    part: list[_Claim] = []
    size = 0
    for drone, of_one in groupby(claims, lambda claim: claim[0]):
        of_drone = list(of_one)
        more = sum(bytes_of.get(claim[1], 0) for claim in of_drone)
        if part and (drone - part[0][0] >= DRONES_AT_ONCE or size + more > BYTES_AT_ONCE):
            yield part
            part, size = [], 0
        part += of_drone
        size += more
    if part:
        yield part
