"""Whose drone it was: from an autopilot to a person, as of a moment.

Links are dated and resolved when read (CONTRACTS: identity), so nothing of this is stored with a
flight. An autopilot is claimed by the roster, by its uid where that is ``as:SERIAL``, or by the
serial that the station gave it; the roster decides where it says anything of that uid.
`fleet/fleet.sql` says the same of all drones at once.
"""

import sqlite3
from collections.abc import Mapping
from typing import Final, NamedTuple

from windsock.collector.roster.timeline import Span, at

FOREVER_US: Final = 2**63 - 1
IN_SERVICE: Final = "in_service"

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
        FROM (SELECT drone_uid, serial, received_us FROM logs WHERE serial IS NOT NULL
              UNION ALL
              SELECT drone_uid, serial, received_us FROM sightings WHERE serial IS NOT NULL)
        WHERE drone_uid NOT LIKE 'as:%'
        GROUP BY drone_uid
)"""  # noqa: S608 - a number of ours
"""Which drone an autopilot was, and when; for ``WITH``. `serial_of` says the same of one."""


class Owner(NamedTuple):
    """Who answers for a drone; None: nobody said."""

    serial: str
    product: str | None = None
    service_state: str = IN_SERVICE
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
    """Who is responsible, there or not."""
    sales: str | None = None
    sales_email: str | None = None
    """Who sold to the customer."""
    tier: str | None = None
    stands_in: str | None = None
    stands_in_email: str | None = None
    """Who answers while the CSM is away; None: the CSM is there, or nobody stands in."""

    def with_cover(self, substitutes: Mapping[str, tuple[str | None, str]]) -> "Owner":
        """With the one of `substitutes` who stands in for its CSM."""
        name, email = substitutes.get(self.csm_email or "", (None, None))
        return self._replace(stands_in=name, stands_in_email=email) if email else self

    @property
    def answers_email(self) -> str | None:
        """Who is told now."""
        return self.stands_in_email or self.csm_email


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
        service_state=_service_state(ledger, serial, customer, answers_us),
        customer=customer,
    )
    return _with_people(ledger, owner, customer, answers_us) if customer else owner


def owner_of_account(ledger: sqlite3.Connection, account: str, now_us: int) -> Owner:
    """Who looks after *account* at *now_us*; of no drone."""
    return _with_people(ledger, Owner("", customer=account), account, now_us)


def substitutes(ledger: sqlite3.Connection, now_us: int) -> dict[str, tuple[str | None, str]]:
    """Name and address of who stands in at *now_us*, for each CSM who is away.

    For a substitute who is away that one's own stands in, unless all of them are away.
    """
    away = dict(ledger.execute(
        "SELECT csm, substitute FROM cover WHERE from_us <= ? AND ? < until_us", (now_us, now_us)
    ).fetchall())  # fmt: skip
    found = {}
    for csm, one in away.items():
        seen = {csm}
        while one in away and one not in seen:
            seen.add(one)
            one = away[one]  # noqa: PLW2901 - on to the next
        if one not in seen:
            found[csm] = (_name(ledger, one), one)
    return found


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
    sales = _linked(ledger, "account_sales", customer, answers_us)
    return owner._replace(
        customer_email=account["email"],
        customer_kind=account["kind"],
        stage=_trait(ledger, "stage", customer, answers_us, account["stage"]),
        region=_trait(ledger, "region", customer, answers_us, account["region"]),
        distributor=distributor,
        distributor_email=_account(ledger, distributor)["email"] if distributor else None,
        csm=_name(ledger, csm) if csm else None,
        csm_email=csm,
        sales=_name(ledger, sales) if sales else None,
        sales_email=sales,
        tier=_trait(ledger, "tier", customer, answers_us),
    ).with_cover(substitutes(ledger, answers_us))


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


def _service_state(
    ledger: sqlite3.Connection, serial: str, customer: str | None, at_us: int
) -> str:
    """As the roster has it; *paused* while somebody said that the drone, or its customer, is."""
    state = _linked(ledger, "drone_service", serial, at_us) or IN_SERVICE
    paused = ledger.execute(
        "SELECT 1 FROM pauses WHERE from_us <= ?1 AND ?1 < until_us"
        " AND (subject_kind = 'drone' AND subject = ?2"
        " OR subject_kind = 'customer' AND subject = ?3)",
        (at_us, serial, customer),
    ).fetchone()
    return "paused" if paused and state == IN_SERVICE else state


def _trait(
    ledger: sqlite3.Connection, kind: str, account: str, at_us: int, undated: str | None = None
) -> str | None:
    """What held then; *undated*, of a ledger older than traits, where nobody gave any dates."""
    spans = [
        Span(*row)
        for row in ledger.execute(
            "SELECT from_us, until_us, value FROM traits WHERE kind = ? AND account = ?",
            (kind, account),
        )
    ]
    return at(spans, at_us) if spans else undated


def _account(ledger: sqlite3.Connection, account: str) -> dict[str, str | None]:
    row = ledger.execute(
        "SELECT email, kind, stage, region FROM accounts WHERE account = ?", (account,)
    ).fetchone()
    return dict(row) if row else dict.fromkeys(("email", "kind", "stage", "region"))


def _name(ledger: sqlite3.Connection, email: str) -> str | None:
    row = ledger.execute("SELECT name FROM people WHERE email = ?", (email,)).fetchone()
    return row["name"] if row else None
