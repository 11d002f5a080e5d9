"""Critical tickets as incidents: each by itself, or as one with the detection of the same event.

What tickets say is held against what the incidents are, whole, each time: a ticket that was
merged, or is no longer critical, takes back what it had made. A ticket confirms its detection.
Functions work in their caller's transaction.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from windsock.collector.cases.incidents import NEWEST_VERDICT
from windsock.collector.detect.windows import joined
from windsock.collector.sql import Value, insert

_TICKETS: Final = """
SELECT ticket, drone, critical, incident_us, opened_us, merged_into FROM tickets ORDER BY ticket
"""
_DETECTIONS: Final = f"""
SELECT incidents.id, incidents.drone, incidents.ticket,
    coalesce(incidents.event_us, start_us) AS at_us
FROM incidents JOIN flights ON flights.id = incidents.flight_id
JOIN verdicts ON {NEWEST_VERDICT}
WHERE incidents.drone IS NOT NULL AND coalesce(incidents.event_us, start_us) IS NOT NULL
    AND verdict IN ('crash', 'crash-like') AND retracted = 0 AND merged_into IS NULL
    AND NOT (incidents.state = 'withdrawn' AND incidents.answered_by IS NOT NULL)
ORDER BY incidents.id
"""  # noqa: S608 - a condition of ours
"""Those that a measurement backs and no person took back."""


class Ticket(NamedTuple):
    """What tickets that were merged into one say together."""

    ticket: str
    drone: str | None
    incident_us: int | None
    opened_us: int | None


def note_tickets(ledger: sqlite3.Connection, now_us: int) -> set[str]:
    """Make the incidents say what the critical tickets say.

    Returns the autopilots whose detections lost their ticket: what those are now is to be settled.
    """
    tickets = {ticket.ticket: ticket for ticket in critical_tickets(ledger.execute(_TICKETS))}
    detections = _joins(tickets.values(), ledger.execute(_DETECTIONS).fetchall())
    loose = _part(ledger, tickets, detections)
    for ticket in tickets.values():
        detection = detections.get(ticket.ticket)
        if detection is None:
            _note_own(ledger, ticket, now_us)
        else:
            ledger.execute(
                "UPDATE incidents SET ticket = ?, state = 'confirmed', withdrawn_by = NULL"
                " WHERE id = ? AND ticket IS NULL",
                (ticket.ticket, detection),
            )
    return loose


def critical_tickets(rows: Iterable[sqlite3.Row]) -> list[Ticket]:
    """One for each event: tickets that were merged count as the one they ended in.

    It is critical if any of them is; where it doesn't say which drone, or when, another may.
    """
    of: defaultdict[str, list[sqlite3.Row]] = defaultdict(list)
    known = {row["ticket"]: row for row in rows}
    for ticket, row in known.items():
        of[_ended_in(ticket, known)].append(row)
    return [_together(root, some) for root, some in sorted(of.items()) if _any_critical(some)]


def _ended_in(ticket: str, known: Mapping[str, sqlite3.Row]) -> str:
    """Through all mergers; one that leads in a circle ends where it began."""
    end, seen = ticket, {ticket}
    while end in known and known[end]["merged_into"] is not None:
        end = known[end]["merged_into"]
        if end in seen:
            return min(seen)
        seen.add(end)
    return end


def _any_critical(some: Iterable[sqlite3.Row]) -> bool:
    return any(row["critical"] for row in some)


def _together(root: str, some: list[sqlite3.Row]) -> Ticket:
    own_first = sorted(some, key=lambda row: (row["ticket"] != root, not row["critical"]))
    drones, incidents_us, opened_us = (
        [row[column] for row in own_first if row[column] is not None]
        for column in ("drone", "incident_us", "opened_us")
    )
    return Ticket(
        root, next(iter(drones), None), next(iter(incidents_us), None), next(iter(opened_us), None)
    )


def _joins(tickets: Iterable[Ticket], detections: Iterable[sqlite3.Row]) -> dict[str, int]:
    """The incident that is the same event, by ticket. Drone and date must be known."""
    said: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for ticket in tickets:
        if ticket.drone is not None and ticket.incident_us is not None:
            said[ticket.drone].append((ticket.ticket, ticket.incident_us))
    seen: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in detections:
        seen[row["drone"]].append((row["id"], row["at_us"]))
    return {
        said[drone][one][0]: seen[drone][other][0]
        for drone in said.keys() & seen.keys()
        for one, other in joined([us for _, us in said[drone]], [us for _, us in seen[drone]])
    }


def _part(
    ledger: sqlite3.Connection, tickets: Mapping[str, Ticket], detections: Mapping[str, int]
) -> set[str]:
    """Take each ticket off the incident that it no longer stands for."""
    rows = ledger.execute("SELECT * FROM incidents WHERE ticket IS NOT NULL").fetchall()
    loose = [row for row in rows if _is_loose(row, tickets, detections)]
    alone = [row["id"] for row in loose if row["flight_id"] is None]
    detected = [row["id"] for row in loose if row["flight_id"] is not None]
    ledger.execute(
        "DELETE FROM incidents WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(alone),)
    )
    ledger.execute(
        "UPDATE incidents SET ticket = NULL,"
        " state = iif(answered_by IS NULL, 'possible', state)"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(detected),),
    )
    return {row["drone_uid"] for row in loose if row["drone_uid"] is not None}


def _is_loose(
    row: sqlite3.Row, tickets: Mapping[str, Ticket], detections: Mapping[str, int]
) -> bool:
    """It stands where it should: on its detection, or by itself where it has none."""
    if row["ticket"] not in tickets:
        return True
    own = row["id"] if row["flight_id"] is not None else None
    return bool(detections.get(row["ticket"]) != own)


def _note_own(ledger: sqlite3.Connection, ticket: Ticket, now_us: int) -> None:
    """An incident of its own, dated as well as anybody knows."""
    at_us = ticket.incident_us if ticket.incident_us is not None else ticket.opened_us
    known = ledger.execute(
        "SELECT id, drone, event_us, opened_us FROM incidents WHERE ticket = ?", (ticket.ticket,)
    ).fetchone()
    if known is None:
        row: dict[str, Value] = {
            "drone": ticket.drone,
            "event_us": now_us if at_us is None else at_us,
            "ticket": ticket.ticket,
            "state": "confirmed",
            "opened_us": now_us,
        }
        insert(ledger, "incidents", row)
        return
    event_us = known["opened_us"] if at_us is None else at_us
    if (known["drone"], known["event_us"]) != (ticket.drone, event_us):
        ledger.execute(
            "UPDATE incidents SET drone = ?, event_us = ? WHERE id = ?",
            (ticket.drone, event_us, known["id"]),
        )
