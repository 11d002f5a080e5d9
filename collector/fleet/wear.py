"""The last flights of every drone as one array, out of the ledger."""

import sqlite3
from collections.abc import Sequence

import numpy as np

from windsock.collector.detect.wear import FLIGHTS, SIGNS, Cube, signs
from windsock.collector.fleet.facts import facts_matrix
from windsock.collector.fleet.queries import query


def load_last_flights(
    ledger: sqlite3.Connection, serials: Sequence[str], now_us: int, *, simulated: bool = False
) -> Cube:
    """(n, FLIGHTS, len(SIGNS)) of the drones *serials*, newest first; NaN: no such flight."""
    flights = np.full((len(serials), FLIGHTS, len(SIGNS)), np.nan)
    place = {serial: row for row, serial in enumerate(serials)}
    values = {"now_us": now_us, "simulated": int(simulated), "flights": FLIGHTS}
    found = [row for row in ledger.execute(query("wear"), values) if row["serial"] in place]
    if found:
        drone = np.fromiter((place[row["serial"]] for row in found), np.intp, len(found))
        nth = np.fromiter((row["nth"] for row in found), np.intp, len(found)) - 1
        flights[drone, nth] = signs(facts_matrix([row["facts"] for row in found]))
    return flights
