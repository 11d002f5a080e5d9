"""Planned pauses that are over: a drone's clock stood still while they lasted.

Drones that were not in service for a while, and what somebody said of them or of their customer.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from windsock.collector.fleet.arrays import MISSING_US, Micros
from windsock.collector.fleet.queries import query


class Pause(NamedTuple):
    """Of a drone; those of one drone don't overlap. Half-open."""

    serial: str
    from_us: int
    until_us: int


def load_pauses(ledger: sqlite3.Connection, since_us: int, now_us: int) -> list[Pause]:
    """Those that ended after *since_us* and by *now_us*, by drone and time."""
    rows = ledger.execute(query("pauses"), {"since_us": since_us, "now_us": now_us})
    return _apart(Pause(*row) for row in rows)


def rested(pauses: Iterable[Pause], serials: Sequence[str], flown_us: Micros) -> Micros:
    """(n,) how long each drone has paused since it last flew."""
    place = {serial: row for row, serial in enumerate(serials)}
    total_us = np.zeros(len(serials), np.int64)
    for pause in pauses:
        row = place.get(pause.serial)
        if row is not None and flown_us[row] != MISSING_US:
            begin_us = max(pause.from_us, int(flown_us[row]))
            total_us[row] += max(0, pause.until_us - begin_us)
    return total_us


def _apart(pauses: Iterable[Pause]) -> list[Pause]:
    """In order; those of a drone that overlap become one, as its clock stops only once."""
    apart: list[Pause] = []
    for pause in pauses:
        if apart and apart[-1].serial == pause.serial and pause.from_us <= apart[-1].until_us:
            until_us = max(pause.until_us, apart[-1].until_us)
            apart[-1] = apart[-1]._replace(until_us=until_us)
        else:
            apart.append(pause)
    return apart
