"""X1: the incidents that stand, as findings, one a drone."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from windsock.collector.cases.circumstances import flights_before, what_changed
from windsock.collector.cases.incidents import NEWEST_VERDICT
from windsock.collector.cases.life import Case, Finding, Gone
from windsock.collector.cases.verdicts import facts_of
from windsock.collector.roster.owners import owner_of
from windsock.collector.settings import Judge
from windsock.protocol.facts import COLUMN

RULE: Final = "X1"
CONFIRMED: Final = "confirmed"
"""Of an incident, by a person or a ticket; what a case of it then rests on."""
_BEFORE: Final = """
EXISTS (SELECT 1 FROM verdicts AS earlier JOIN flights AS measured ON measured.id = flight_id
    WHERE earlier.id < verdicts.id AND (measured.id = flights.id
        OR measured.merged_into = flights.id
        OR measured.log_id = flights.log_id AND measured.retracted = 1))
"""
"""True where the flight had been judged by a measurement that this one replaced."""

_STANDING: Final = f"""
SELECT flights.*, incidents.id AS incident, incidents.drone, incidents.state, incidents.event_us,
    cases.episode, verdict, kind, verdicts.severity, evidence, {_BEFORE} AS replaced,
    coalesce(incidents.event_us, start_us, start_latest_us, flights.received_us) AS at_us
FROM incidents JOIN flights ON flights.id = incidents.flight_id
JOIN verdicts ON {NEWEST_VERDICT}
LEFT JOIN cases ON cases.id = incidents.case_id
WHERE incidents.state <> 'withdrawn' AND incidents.drone IN (SELECT value FROM json_each(:drones))
    AND (cases.id IS NULL OR cases.state <> 'resolved' OR cases.closed_by = 'facts')
ORDER BY incidents.drone, incidents.id
"""  # noqa: S608 - conditions of ours


_JUDGED: Final = f"""
SELECT flights.*, verdict, kind, severity, evidence, verdicts.event_us
FROM flights JOIN verdicts ON {NEWEST_VERDICT} WHERE flights.id = ?
"""  # noqa: S608 - a condition of ours


def crash_findings(
    ledger: sqlite3.Connection, drones: Iterable[str], now_us: int, settings: Judge
) -> list[Finding]:
    """One finding for each of *drones* with an incident that nobody answered yet.

    Their facts are completed by `crash_facts` once something comes of them.
    """
    rows = ledger.execute(_STANDING, {"drones": json.dumps(sorted(drones))}).fetchall()
    return [
        _finding(ledger, list(of_drone), now_us, settings)
        for _, of_drone in groupby(rows, key=lambda row: row["drone"])
    ]


def crashes_gone(ledger: sqlite3.Connection, cases: Sequence[Case]) -> dict[str, Gone]:
    """Why the drones of *cases* have no incident any more."""
    return {case.subject: _gone(ledger, case) for case in cases}


def crash_facts(ledger: sqlite3.Connection, finding: Finding) -> dict[str, Any]:
    """Everything that a case and its notices say of the flight."""
    row = ledger.execute(_JUDGED, (finding.facts["flight_id"],)).fetchone()
    height_m = float(facts_of([row])[0, COLUMN["height_max_m"]])
    return dict(finding.facts) | {
        "variant": CONFIRMED if finding.facts["confirmed"] else row["verdict"],
        "verdict": row["verdict"],
        "kind": row["kind"],
        "severity": row["severity"],
        "event_us": row["event_us"] or row["start_us"],
        "quality": row["start_quality"],
        "evidence": msgspec.json.decode(row["evidence"]),
        "lat_deg": row["lat_deg"],
        "lon_deg": row["lon_deg"],
        "height_max_m": None if height_m != height_m else height_m,  # noqa: PLR0124 - NaN
        "simulated": bool(row["simulated"]),
        "airborne_s": row["airborne_s"],
        "flights_before": flights_before(ledger, row),
        "changed": what_changed(ledger, row),
        "log_id": row["log_id"],
    }


def attach_incidents(ledger: sqlite3.Connection, finding: Finding, case_id: int) -> None:
    """Note which case tells of them."""
    ledger.executemany(
        "UPDATE incidents SET case_id = ? WHERE id = ?",
        [(case_id, incident) for incident in finding.facts["of_incidents"]],
    )


def _finding(
    ledger: sqlite3.Connection, rows: list[sqlite3.Row], now_us: int, settings: Judge
) -> Finding:
    """Told by its newest incident; as severe as its worst."""
    newest = rows[-1]
    owner = owner_of(ledger, newest["drone"], newest["at_us"], now_us)
    first = f"incident {rows[0]['incident']}"
    is_crash = newest["verdict"] == "crash"
    return Finding(
        rule=RULE,
        subject=newest["drone"],
        severity=max(row["severity"] for row in rows),
        episode=next((row["episode"] for row in rows if row["episode"]), first),
        news=f"incident {newest['incident']} {newest['verdict']}",
        facts={
            "flight_id": newest["id"],
            "of_incidents": [row["incident"] for row in rows],
            "confirmed": newest["state"] == CONFIRMED,
        },
        owner=owner,
        basis=CONFIRMED if newest["state"] == CONFIRMED else None,
        happened_us=newest["at_us"],
        interrupts=is_crash or newest["severity"] >= settings.crash_like_notice_severity,
        rationed=not is_crash,
        silent=bool(newest["replaced"]) and not is_crash,
    )


def _gone(ledger: sqlite3.Connection, case: Case) -> Gone:
    row = ledger.execute(
        "SELECT normal.start_us FROM incidents"
        " JOIN flights AS normal ON normal.id = incidents.withdrawn_by"
        " WHERE incidents.case_id = ? ORDER BY incidents.id DESC LIMIT 1",
        (case.id,),
    ).fetchone()
    if row is None:
        return Gone("measured again, or no longer this drone's")
    flew = {"flew_again_us": row["start_us"]}
    return Gone("a normal flight after it", tell=True, facts=flew)
