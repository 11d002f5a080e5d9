"""``pipeline``: what passed through the collector, what waits, and what went wrong."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from windsock.collector.influx.lines import Points, Value
from windsock.collector.influx.measurements import PIPELINE
from windsock.protocol.envelope import Header

_FRESH_LANES: Final = 2
"""Lanes 0 and 1 carry news; series and backlog may be old by right."""
# A seq may be anything up to 2**63 - 1: `sum` would raise, `total` and the cast stop there.
_COUNTS: Final = """
SELECT (SELECT count(*) FROM quarantine) AS quarantined,
    (SELECT count(*) FROM dead_letters) AS dead_letters,
    (SELECT CAST(total(last_seq - first_seq + 1) AS INTEGER) FROM gaps
        WHERE reason IS NULL) AS gaps,
    (SELECT count(*) FROM unjudged) AS unjudged,
    (SELECT count(*) FROM outbox WHERE state = 'waiting') AS notices_waiting,
    (SELECT count(*) FROM outbox WHERE state = 'parked') AS notices_parked
"""


@dataclass
class Counters:
    """Since the collector began. One thread adds, another reads: a row may lack the newest."""

    batches: int = 0
    bytes: int = 0
    store_errors: int = 0
    lag_us: int = 0
    """Longest since it was last read."""

    def took(self, header: Header, size: int, now_us: int) -> None:
        """One batch of *size* bytes came in."""
        self.batches += 1
        self.bytes += size
        if header.lane < _FRESH_LANES:
            self.lag_us = max(self.lag_us, now_us - header.wall_us)

    def row(self, ledger: sqlite3.Connection, now_us: int) -> Points:
        """The row of this moment; lag begins anew."""
        lag_us, self.lag_us = self.lag_us, 0
        own: dict[str, list[Value]] = {
            "batches": [self.batches],
            "bytes": [self.bytes],
            "store_errors": [self.store_errors],
            "lag_s": [lag_us / 1e6],
        }
        cursor = ledger.execute(_COUNTS)
        names = [column[0] for column in cursor.description]
        counts: dict[str, list[Value]] = {
            name: [count] for name, count in zip(names, cursor.fetchone(), strict=True)
        }
        return Points(PIPELINE, {}, [now_us], own | counts)
