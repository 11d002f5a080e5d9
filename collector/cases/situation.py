"""What else stands between us and an account: open tickets, last scores, answers before."""

import sqlite3
from typing import Final, NamedTuple

_TICKETS: Final = """
SELECT ticket, drone, critical, coalesce(incident_us, opened_us) AS at_us FROM tickets
WHERE merged_into IS NULL AND state NOT IN ('closed', 'solved') AND (account = :account
    OR drone = :drone
    OR :account IS NOT NULL AND drone IN (
        SELECT subject FROM links WHERE kind = 'drone_customer' AND object = :account
            AND from_us <= :now_us AND (until_us IS NULL OR :now_us < until_us)))
ORDER BY critical DESC, at_us DESC, ticket
"""
_SCORES: Final = """
SELECT kind, score, scale, max(answered_us) FROM surveys
WHERE account = :account AND answered_us <= :now_us GROUP BY kind ORDER BY kind
"""


class Ticket(NamedTuple):
    """One that nobody closed."""

    ticket: str
    drone: str | None
    critical: bool
    at_us: int | None
    """Of the incident, or when it was opened."""


class Score(NamedTuple):
    """The last answer to a survey of its kind."""

    kind: str
    """``CES`` or ``NPS``."""
    score: float
    scale: float
    answered_us: int


class Situation(NamedTuple):
    """Of an account, and one of its drones where that is what it is about."""

    open_tickets: list[Ticket]
    """Critical ones first, then the newest."""
    last_scores: list[Score]


def situation_of(
    ledger: sqlite3.Connection, account: str | None, drone: str | None, now_us: int
) -> Situation:
    """How things stand with *account* at *now_us*; None: nobody knows which it is."""
    values = {"account": account, "drone": drone, "now_us": now_us}
    tickets = [
        Ticket(row["ticket"], row["drone"], bool(row["critical"]), row["at_us"])
        for row in ledger.execute(_TICKETS, values)
    ]
    return Situation(tickets, [Score(*row) for row in ledger.execute(_SCORES, values)])
