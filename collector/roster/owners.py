"""Whose drone it was: from an autopilot to a person, as of a moment.

Links are dated and resolved when read (CONTRACTS: identity), so nothing of this is stored with a
flight. An autopilot is claimed by the roster, by its uid where that is ``as:SERIAL``, or by the
serial that the station gave it; the roster decides where it says anything of that uid.
"""

import sqlite3
from typing import Final, NamedTuple

from windsock.collector.roster.timeline import Span, at

FOREVER_US: Final = 2**63 - 1

CLAIMS: Final = f"""
claims (drone_uid, serial, from_us, until_us) AS (
    SELECT subject, object, from_us, coalesce(until_us, {FOREVER_US})
        FROM links WHERE kind = 'uid_drone'
    UNION ALL
    SELECT hint.drone_uid, drones.serial, 0, {FOREVER_US}
        FROM (SELECT 'as:' || serial AS drone_uid, serial FROM drones
              UNION ALL
              SELECT drone_uid, serial FROM hints) AS hint
        JOIN drones ON drones.serial = hint.serial
        WHERE hint.drone_uid NOT IN (SELECT subject FROM links WHERE kind = 'uid_drone')
), hints (drone_uid, serial, newest_us) AS (
    SELECT drone_uid, serial, max(received_us)
        FROM (SELECT drone_uid, serial, received_us FROM logs
              UNION ALL SELECT drone_uid, serial, received_us FROM sightings)
        WHERE serial IS NOT NULL AND drone_uid NOT LIKE 'as:%'
        GROUP BY drone_uid
)"""  # noqa: S608 - a number of ours
"""Which drone an autopilot was, and when; for ``WITH``. `serial_of` says the same of one."""


class Owner(NamedTuple):
    """Who answers for a drone; None: nobody said."""

    serial: str
    product: str | None = None
    service_state: str = "in_service"
    customer: str | None = None
    customer_email: str | None = None
    customer_kind: str | None = None
    """``customer``, or ``distributor`` for one that flies drones of its own."""
    stage: str | None = None
    region: str | None = None
    distributor: str | None = None
    distributor_email: str | None = None
    csm: str | None = None
    csm_email: str | None = None


def serial_of(ledger: sqlite3.Connection, drone_uid: str, at_us: int) -> str | None:
    """The drone that the autopilot *drone_uid* was in at *at_us*; None: unclaimed."""
    spans = [
        Span(*row)
        for row in ledger.execute(
            "SELECT from_us, until_us, object FROM links"
            " WHERE kind = 'uid_drone' AND subject = ? ORDER BY from_us",
            (drone_uid,),
        )
    ]
    return at(spans, at_us) if spans else _hinted_serial(ledger, drone_uid)


def owner_of(
    ledger: sqlite3.Connection, serial: str, at_us: int, now_us: int | None = None
) -> Owner:
    """Whose drone *serial* was at *at_us*, and who looks after that customer at *now_us*.

    *now_us* left out: at the same moment. A drone that the roster doesn't know has no owner.
    """
    answers_us = at_us if now_us is None else now_us
    drone = ledger.execute("SELECT product FROM drones WHERE serial = ?", (serial,)).fetchone()
    customer = _linked(ledger, "drone_customer", serial, at_us)
    owner = Owner(
        serial,
        product=drone["product"] if drone else None,
        service_state=_linked(ledger, "drone_service", serial, answers_us) or "in_service",
        customer=customer,
    )
    return _with_people(ledger, owner, customer, answers_us) if customer else owner


def resolve(ledger: sqlite3.Connection, drone_uid: str, at_us: int) -> Owner | None:
    """Everything that is known of who flew *drone_uid* at *at_us*; None: unclaimed."""
    serial = serial_of(ledger, drone_uid, at_us)
    return owner_of(ledger, serial, at_us) if serial else None


def _with_people(
    ledger: sqlite3.Connection, owner: Owner, customer: str, answers_us: int
) -> Owner:
    account = _account(ledger, customer)
    distributor = _linked(ledger, "customer_distributor", customer, answers_us)
    csm = _linked(ledger, "account_csm", customer, answers_us)
    return owner._replace(
        customer_email=account["email"],
        customer_kind=account["kind"],
        stage=account["stage"],
        region=account["region"],
        distributor=distributor,
        distributor_email=_account(ledger, distributor)["email"] if distributor else None,
        csm=_name(ledger, csm) if csm else None,
        csm_email=csm,
    )


def _hinted_serial(ledger: sqlite3.Connection, drone_uid: str) -> str | None:
    """As `CLAIMS` has it, by index."""
    if drone_uid.startswith("as:"):
        hint: str | None = drone_uid.removeprefix("as:")
    else:
        row = ledger.execute(
            "SELECT serial, max(received_us) FROM ("
            " SELECT serial, received_us FROM logs WHERE drone_uid = ?1 AND serial IS NOT NULL"
            " UNION ALL SELECT serial, received_us FROM sightings"
            " WHERE drone_uid = ?1 AND serial IS NOT NULL)",
            (drone_uid,),
        ).fetchone()
        hint = row["serial"]
    known = ledger.execute("SELECT 1 FROM drones WHERE serial = ?", (hint,)).fetchone()
    return hint if known else None


def _linked(ledger: sqlite3.Connection, kind: str, subject: str, at_us: int) -> str | None:
    row = ledger.execute(
        "SELECT object FROM links WHERE kind = ? AND subject = ?"
        " AND from_us <= ? AND (until_us IS NULL OR ? < until_us)",
        (kind, subject, at_us, at_us),
    ).fetchone()
    return row["object"] if row else None


def _account(ledger: sqlite3.Connection, account: str) -> dict[str, str | None]:
    row = ledger.execute(
        "SELECT email, kind, stage, region FROM accounts WHERE account = ?", (account,)
    ).fetchone()
    return dict(row) if row else dict.fromkeys(("email", "kind", "stage", "region"))


def _name(ledger: sqlite3.Connection, email: str) -> str | None:
    row = ledger.execute("SELECT name FROM people WHERE email = ?", (email,)).fetchone()
    return row["name"] if row else None
