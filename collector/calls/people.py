"""Who answers today, and what time it is where they are."""

import sqlite3
from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from windsock.collector.roster.owners import substitutes
from windsock.collector.settings import Day


def answering(ledger: sqlite3.Connection, csm: str, now_us: int) -> str:
    """Who stands in for *csm* now; *csm*, if nobody does."""
    return substitutes(ledger, now_us).get(csm, (None, csm))[1]


def zone_of(ledger: sqlite3.Connection, person: str, day: Day) -> tzinfo:
    """The time zone of *person*; that of the settings where none is known."""
    row = ledger.execute("SELECT zone FROM people WHERE email = ?", (person,)).fetchone()
    try:
        return ZoneInfo((row["zone"] if row else None) or day.zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(day.zone)


def name_of(ledger: sqlite3.Connection, person: str) -> str:
    """As people call them, or their address."""
    row = ledger.execute("SELECT name FROM people WHERE email = ?", (person,)).fetchone()
    return (row["name"] if row else None) or person


def csms(ledger: sqlite3.Connection, now_us: int) -> set[str]:
    """Everybody who looks after an account now, or whose case is open."""
    rows = ledger.execute(
        "SELECT object FROM links WHERE kind = 'account_csm'"
        " AND from_us <= ?1 AND (until_us IS NULL OR ?1 < until_us)"
        " UNION SELECT csm FROM cases WHERE state <> 'resolved' AND csm IS NOT NULL",
        (now_us,),
    )
    return {row[0] for row in rows}
