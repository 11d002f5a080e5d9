"""Who is who: drones, accounts and those who look after them, as rows of the roster.

The roster says all of it in one file; `drones`, `accounts` and `owners` say parts. Each replaces
only what it has columns for.
"""

import sqlite3
from typing import Final

from windsock.collector.outside.kind import Intake, Kind
from windsock.collector.roster.enrolment import enrol, withheld
from windsock.collector.roster.file import ACCOUNT_COLUMNS, COLUMNS, Roster, roster_of
from windsock.collector.roster.sheet import Sheet

_BEGINNINGS: Final = """
SELECT kind, subject, min(from_us) FROM links GROUP BY kind, subject
UNION ALL SELECT kind, account, min(from_us) FROM traits GROUP BY kind, account
"""
_DATES: Final = ("valid_from", "valid_until")
_DRONE: Final = (
    "serial", "uid", "product", "hardware", "companion_app", "channel", "group", "delivered",
    "customer", "service_state", *_DATES,
)  # fmt: skip
_ACCOUNT: Final = (
    "account", "kind", "email", "stage", "region", "tier", "distributor", "distributor_email",
    *_DATES,
)  # fmt: skip
_OWNER: Final = ("account", "csm", "csm_email", "sales", "sales_email", *_DATES)


def _store(intake: Intake, sheet: Sheet) -> None:
    roster = roster_of(sheet)
    kept = withheld(intake.ledger, roster)
    _warn_of_lost_history(intake.ledger, roster, sheet)
    enrol(intake.ledger, roster, kept)
    taken = {row.line for row in roster.rows if row.subject not in kept}
    for row in roster.rows:
        if row.subject in kept:
            said = f"left out: another line about {row.subject} is wrong, so what was known stands"
            sheet.refuse(row.line, [("", said)])
    sheet.rows = [row for row in sheet.rows if row.line in taken]


def _warn_of_lost_history(ledger: sqlite3.Connection, roster: Roster, sheet: Sheet) -> None:
    """A line with the last hand-over alone takes the time before it away."""
    known = {(row[0], row[1]): row[2] for row in ledger.execute(_BEGINNINGS)}
    first: dict[tuple[str, str], tuple[int, int, str]] = {}
    for row in roster.rows:
        for said in row.statements():
            about: tuple[str, str] = (said.kind, said.subject)
            begins = (row.from_us, row.line, said.column)
            first[about] = min(first.get(about, begins), begins)
    for about, (from_us, line, column) in first.items():
        if known.get(about, from_us) < from_us:
            sheet.warn(
                line, column, f"what was known of {about[1]} from an earlier day on is gone"
            )


ROSTER: Final = Kind(
    name="roster",
    about="drones, autopilots, customers, distributors and CSMs in one file",
    columns=COLUMNS,
    needed=("serial",),
    store=_store,
)
DRONES: Final = Kind(
    name="drones",
    about="drones, their autopilots, customers and service states",
    columns={name: COLUMNS[name] for name in _DRONE},
    needed=("serial",),
    store=_store,
)
ACCOUNTS: Final = Kind(
    name="accounts",
    about="customers and distributors",
    columns={name: ACCOUNT_COLUMNS[name] for name in _ACCOUNT},
    needed=("account",),
    store=_store,
)
OWNERS: Final = Kind(
    name="owners",
    about="who looks after an account, and who sold to it",
    columns={name: ACCOUNT_COLUMNS[name] for name in _OWNER},
    needed=("account",),
    store=_store,
)
