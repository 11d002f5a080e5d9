"""Flights that wait to be judged, into verdicts.

The ledger's triggers queue a flight whenever its measurement or its standing changes, so what was
judged once is judged again exactly when it has to be. Functions work in a transaction of their
caller.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np

from windsock.collector.detect import crash
from windsock.collector.fleet.facts import facts_matrix
from windsock.collector.sql import Value
from windsock.protocol.facts import Matrix

RULES_VERSION: Final = str(crash.RULES_VERSION)
_COMPARED: Final = (
    "rules_version", "verdict", "kind", "severity", "event_boot_s", "event_us", "evidence",
)  # fmt: skip
_COLUMNS: Final = ("flight_id", *_COMPARED, "judged_us")
_INSERT: Final = (
    f"INSERT INTO verdicts ({', '.join(_COLUMNS)})"  # noqa: S608 - our names
    f" VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"
)
_NEWEST: Final = """
SELECT * FROM verdicts WHERE id IN (
    SELECT max(id) FROM verdicts WHERE flight_id IN (SELECT value FROM json_each(?))
    GROUP BY flight_id)
"""


class Judged(NamedTuple):
    """One flight and its verdict."""

    flight: sqlite3.Row
    verdict: str


def queue_for_new_rules(ledger: sqlite3.Connection) -> None:
    """All flights wait again if the newest verdict came of other rules than ours."""
    newest = ledger.execute(
        "SELECT rules_version FROM verdicts ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if newest and newest["rules_version"] != RULES_VERSION:
        ledger.execute("INSERT OR IGNORE INTO unjudged SELECT id FROM flights")


def waiting_flights(ledger: sqlite3.Connection, limit: int) -> list[sqlite3.Row]:
    """The next flights to judge, live or not."""
    return ledger.execute(
        "SELECT flights.* FROM unjudged JOIN flights ON flights.id = flight_id"
        " ORDER BY flight_id LIMIT ?",
        (limit,),
    ).fetchall()


def judge_flights(
    ledger: sqlite3.Connection,
    flights: Sequence[sqlite3.Row],
    now_us: int,
    rule: crash.CrashRule | None = None,
) -> list[Judged]:
    """Append a verdict for each live flight that has none like it, and take all off the queue."""
    live = [flight for flight in flights if is_live(flight)]
    judged, new = [], []
    if live:
        facts, newest = facts_of(live), _newest(ledger, live)
        judgement = crash.judge(facts, rule)
        for row, flight in enumerate(live):
            evidence = crash.evidence(facts, judgement, row, rule)
            found = _verdict(flight, judgement, row, evidence)
            if not _same(newest.get(flight["id"]), found):
                new.append(found | {"judged_us": now_us})
            judged.append(Judged(flight, str(found["verdict"])))
    ledger.executemany(_INSERT, new)
    ledger.executemany(
        "DELETE FROM unjudged WHERE flight_id = ?", [(flight["id"],) for flight in flights]
    )
    return judged


def is_live(flight: sqlite3.Row) -> bool:
    """Neither taken back nor another file's copy."""
    return not flight["retracted"] and flight["merged_into"] is None


def facts_of(flights: Sequence[sqlite3.Row]) -> Matrix:
    """Facts as (n, len(FACTS)) float32; NaN for those that an older agent did not know."""
    return facts_matrix([flight["facts"] for flight in flights])


def _verdict(
    flight: sqlite3.Row, judgement: crash.Judgement, row: int, evidence: list[crash.Evidence]
) -> dict[str, Value]:
    verdict, kind = judgement.words(row)
    event_s = float(judgement.event_boot_s[row])
    event_boot_s = None if np.isnan(event_s) else round(event_s, 3)
    return {
        "flight_id": flight["id"],
        "rules_version": RULES_VERSION,
        "verdict": verdict,
        "kind": kind,
        "severity": int(judgement.severity[row]),
        "event_boot_s": event_boot_s,
        "event_us": _event_us(flight, event_boot_s),
        "evidence": msgspec.json.encode(evidence).decode(),
    }


def _event_us(flight: sqlite3.Row, event_boot_s: float | None) -> int | None:
    if flight["start_us"] is None or event_boot_s is None:
        return None
    return int(flight["start_us"]) + round(event_boot_s * 1e6) - int(flight["armed_boot_us"])


def _newest(ledger: sqlite3.Connection, flights: Sequence[sqlite3.Row]) -> dict[int, sqlite3.Row]:
    """The newest verdict of each flight that has one."""
    rows = ledger.execute(_NEWEST, (json.dumps([flight["id"] for flight in flights]),))
    return {row["flight_id"]: row for row in rows}


def _same(newest: sqlite3.Row | None, found: dict[str, Value]) -> bool:
    return newest is not None and all(newest[name] == found[name] for name in _COMPARED)
