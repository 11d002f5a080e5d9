"""The weekly word that all is quiet: nothing was told, nothing is open, and we were listening."""

import sqlite3
from datetime import date
from typing import Final, NamedTuple

from windsock.collector.notify import phrases as say
from windsock.collector.notify.notice import Line, Notice
from windsock.collector.roster.owners import CLAIMS, FOREVER_US

WEEK_US: Final = 7 * 86_400_000_000
_TOLD: Final = """
SELECT 1 FROM outbox WHERE recipient = ? AND created_us > ?
    AND json_extract(notice, '$.kind') <> 'quiet' LIMIT 1
"""
_OPEN: Final = "SELECT 1 FROM cases WHERE csm = ? AND state IN ('open', 'acknowledged') LIMIT 1"
_SNOOZED: Final = "SELECT count(*) FROM cases WHERE csm = ? AND state = 'snoozed'"
_LOOKED_AFTER: Final = f"""
WITH {CLAIMS}, mine (serial, customer) AS (
    SELECT owned.subject, owned.object FROM links AS owned
    JOIN links AS csm ON csm.kind = 'account_csm' AND csm.subject = owned.object
        AND csm.object = :csm AND csm.from_us <= :now
        AND :now < coalesce(csm.until_us, {FOREVER_US})
    WHERE owned.kind = 'drone_customer' AND owned.from_us <= :now
        AND :now < coalesce(owned.until_us, {FOREVER_US})
)
SELECT (SELECT count(*) FROM mine) AS drones,
    (SELECT count(DISTINCT customer) FROM mine) AS accounts,
    (SELECT count(*) FROM live_flights JOIN claims USING (drone_uid) JOIN mine USING (serial)
        WHERE start_us >= :since AND start_us < :now AND airborne_s >= 10
        AND start_us >= claims.from_us AND start_us < claims.until_us) AS flights
"""  # noqa: S608 - a query of ours


class Week(NamedTuple):
    """A CSM's week in numbers."""

    drones: int
    accounts: int
    flights: int
    snoozed: int


def is_quiet(ledger: sqlite3.Connection, person: str, now_us: int) -> bool:
    """Nothing was told to *person* in seven days, and nothing is open."""
    told = ledger.execute(_TOLD, (person, now_us - WEEK_US)).fetchone()
    return told is None and ledger.execute(_OPEN, (person,)).fetchone() is None


def week_of(ledger: sqlite3.Connection, person: str, now_us: int) -> Week:
    """The seven days before *now_us*."""
    row = ledger.execute(
        _LOOKED_AFTER, {"csm": person, "now": now_us, "since": now_us - WEEK_US}
    ).fetchone()
    (snoozed,) = ledger.execute(_SNOOZED, (person,)).fetchone()
    return Week(row["drones"], row["accounts"], row["flights"], snoozed)


def compose_quiet(person: str, name: str, day: date, week: Week, now_us: int) -> Notice:
    """All is quiet, and what that rests on."""
    flew = f"{say.count(week.drones, 'drone')} of {say.count(week.accounts, 'account')}"
    snoozed = f"{say.count(week.snoozed, 'case')} snoozed." if week.snoozed else ""
    lines = [
        Line("who", name),
        Line("what", "Nothing was told in the last seven days, and no case is open."),
        Line("sure", f"{say.count(week.flights, 'flight')} of {flew} came in during that time."),
        Line("situation", snoozed),
        Line("answer", "Nothing to do."),
    ]
    return Notice(
        kind="quiet",
        case=None,
        transition=f"{person}.{day}",
        rule="quiet",
        subject=name,
        severity=0,
        headline=f"All quiet: {flew}",
        lines=[line for line in lines if line.text],
        created_us=now_us,
    )
