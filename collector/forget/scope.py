"""What belongs to a drone or a customer: whole drones, stretches of autopilots' lives, names.

A drone that a customer had for a time keeps what it flew for others; an autopilot that was in two
drones keeps what it flew in the other one.
"""

import sqlite3
from typing import Final, NamedTuple

from windsock.collector.roster.owners import CLAIMS, FOREVER_US
from windsock.collector.roster.timeline import Span

_ALWAYS: Final = (-FOREVER_US, FOREVER_US)
_SAID: Final = """
SELECT object FROM links WHERE kind = 'drone_customer' AND subject = ?
"""
_OWNED: Final = "SELECT DISTINCT subject FROM links WHERE kind = 'drone_customer' AND object = ?"
_SPANS: Final = f"""
SELECT from_us, coalesce(until_us, {FOREVER_US}) AS until_us, object FROM links
WHERE kind = 'drone_customer' AND subject = ? AND object = ? ORDER BY from_us
"""  # noqa: S608 - a number of ours

_CLAIMED: Final = f"WITH {CLAIMS} SELECT * FROM claims WHERE serial = ?"  # noqa: S608 - put together of our own words
_ELSEWHERE: Final = f"WITH {CLAIMS} SELECT 1 FROM claims WHERE drone_uid = ? AND serial <> ?"  # noqa: S608 - put together of our own words


class UnknownSubjectError(Exception):
    """The ledger knows no drone, autopilot or customer of that name."""


class Stretch(NamedTuple):
    """Of an autopilot's life, half-open."""

    drone_uid: str
    from_us: int
    until_us: int


class Scope(NamedTuple):
    """Everything that goes."""

    what: str
    """In words: ``drone WX-0002``."""
    accounts: list[str]
    drones: list[str]
    """Serial numbers of drones that go as a whole."""
    stretches: list[Stretch]
    names: list[str]
    """Serial numbers, uids, names and addresses that nothing else has."""


def scope_of(ledger: sqlite3.Connection, name: str) -> Scope:
    """What *name* stands for: a customer, a serial number, or an autopilot nobody claimed.

    Raises UnknownSubjectError, also where it could be two of them.
    """
    is_account = _one(ledger, "SELECT 1 FROM accounts WHERE account = ?", name)
    is_drone = _one(
        ledger,
        "SELECT 1 FROM drones WHERE serial = ?1"
        " UNION SELECT 1 FROM links WHERE kind LIKE 'drone_%' AND subject = ?1",
        name,
    )
    if is_account and is_drone:
        raise UnknownSubjectError(f"{name!r} is a drone and a customer: rename one of them first")
    if is_account:
        return _of_account(ledger, name)
    if is_drone:
        stretches, uids = _lives(ledger, name)
        return Scope(f"drone {name}", [], [name], stretches, [name, f"as:{name}", *uids])
    return _of_autopilot(ledger, name)


def _of_account(ledger: sqlite3.Connection, account: str) -> Scope:
    serials = [row[0] for row in ledger.execute(_OWNED, (account,))]
    whole = [one for one in serials if _owners(ledger, one) == {account}]
    stretches, names = [], _names(ledger, account)
    for serial in serials:
        lives, uids = _lives(ledger, serial)
        if serial in whole:
            stretches += lives
            names += [serial, f"as:{serial}", *uids]
            continue
        spans = [Span(*row) for row in ledger.execute(_SPANS, (serial, account))]
        stretches += [
            Stretch(life.drone_uid, first, last)
            for life in [*lives, Stretch(f"as:{serial}", *_ALWAYS)]
            for span in spans
            if (first := max(life.from_us, span.from_us))
            < (last := min(life.until_us, span.until_us or FOREVER_US))
        ]
    return Scope(f"customer {account}", [account], whole, stretches, names)


def _owners(ledger: sqlite3.Connection, serial: str) -> set[str]:
    """All that ever had it."""
    return {row[0] for row in ledger.execute(_SAID, (serial,))}


def _names(ledger: sqlite3.Connection, account: str) -> list[str]:
    """Of the account and of its people, without those that others have, too."""
    rows = ledger.execute(
        "SELECT account, name, email FROM accounts WHERE account = ?1"
        " UNION ALL SELECT NULL, name, email FROM contacts WHERE account = ?1",
        (account,),
    ).fetchall()
    found = {str(cell) for row in rows for cell in row if cell}
    others = ledger.execute(
        "SELECT email, name FROM people"
        " UNION ALL SELECT email, name FROM contacts WHERE account <> ?1"
        " UNION ALL SELECT email, name FROM accounts WHERE account <> ?1",
        (account,),
    )
    return sorted(found - {str(cell) for row in others for cell in row if cell})


def _lives(ledger: sqlite3.Connection, serial: str) -> tuple[list[Stretch], list[str]]:
    """The stretches in which autopilots were in a drone, and those that were in no other one."""
    claims = [
        Stretch(row["drone_uid"], row["from_us"], row["until_us"])
        for row in ledger.execute(_CLAIMED, (serial,))
    ]
    alone = {
        one.drone_uid
        for one in claims
        if ledger.execute(_ELSEWHERE, (one.drone_uid, serial)).fetchone() is None
    }
    lives = [one for one in claims if one.drone_uid not in alone]
    lives += [Stretch(uid, *_ALWAYS) for uid in sorted(alone | {f"as:{serial}"})]
    return lives, sorted(alone)


def _of_autopilot(ledger: sqlite3.Connection, drone_uid: str) -> Scope:
    known = _one(
        ledger,
        "SELECT 1 FROM logs WHERE drone_uid = ?1 UNION SELECT 1 FROM flights WHERE drone_uid = ?1"
        " UNION SELECT 1 FROM sightings WHERE drone_uid = ?1",
        drone_uid,
    )
    if not known:
        raise UnknownSubjectError(
            f"the ledger knows no drone, autopilot or customer {drone_uid!r}"
        )
    return Scope(f"autopilot {drone_uid}", [], [], [Stretch(drone_uid, *_ALWAYS)], [drone_uid])


def _one(ledger: sqlite3.Connection, query: str, name: str) -> bool:
    return ledger.execute(query, (name,)).fetchone() is not None
