"""``station``, as the collector sees them: who is silent, and the last word of those that aren't.

A station says how it is every five minutes, and as a batch once an hour; this is the former.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from windsock.collector.influx.lines import Points
from windsock.collector.influx.measurements import STATION
from windsock.protocol.messages import Station

# A seq may be anything up to 2**63 - 1: `sum` would raise, `total` and the cast stop there.
_STATIONS: Final = """
SELECT agent, last_seen_us, report, online, (
    SELECT CAST(total(last_seq - first_seq + 1) AS INTEGER) FROM gaps
    WHERE gaps.agent = stations.agent AND reason IS NULL) AS missing
FROM stations ORDER BY agent
"""


def station_rows(
    ledger: sqlite3.Connection, silent: Mapping[str, bool], now_us: int
) -> Iterator[Points]:
    """A row for each station at *now_us*; *silent*: whether it is."""
    for row in ledger.execute(_STATIONS):
        is_silent = silent.get(row["agent"], True)
        fields = {
            "silent": [int(is_silent)],
            "heard_ms": [row["last_seen_us"] // 1000],
            "missing": [row["missing"]],
        }
        report = None if is_silent else _read(row["report"])
        if report is not None:
            fields |= {
                "online": [bool(row["online"])],
                "spool_batches": [report.spool_batches],
                "spool_bytes": [report.spool_bytes],
                "disk_free_bytes": [report.disk_free_bytes],
                "agent_version": [report.agent_version],
            }
        yield Points(STATION, {"agent": row["agent"]}, [now_us], fields)


def _read(report: str | None) -> Station | None:
    """None: it never sent one that this version can read."""
    try:
        return None if report is None else msgspec.json.decode(report, type=Station)
    except (ValueError, RecursionError):
        return None
