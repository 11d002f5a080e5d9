"""The roster's rows, into the ledger.

A file is the whole truth about every drone, autopilot and account that it names, as far as it has
columns for it: their earlier links are replaced. What it doesn't name stays. So the same file
twice changes nothing, and a corrected file corrects.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from windsock.collector.ledger import transaction
from windsock.collector.roster.file import Kind, Roster, RosterRow
from windsock.collector.roster.timeline import Span, overlay

LINK_KINDS: Final[tuple[Kind, ...]] = (
    "uid_drone",
    "drone_customer",
    "drone_service",
    "customer_distributor",
    "account_csm",
    "account_sales",
)
TRAIT_KINDS: Final[tuple[Kind, ...]] = ("stage", "region", "tier")
_ROLES: Final[tuple[tuple[Kind, str], ...]] = (("account_csm", "csm"), ("account_sales", "sales"))

Dated = tuple[str, str, str, int, int | None]
"""A row of table links or traits: kind, subject, object or value, from, until."""
Key = tuple[Kind, str]
_OF_DRONES: Final[tuple[Kind, ...]] = (
    "product", "hardware", "companion_app", "channel", "group",
)  # fmt: skip
Values = tuple[str | int | None, ...]


class Changes(NamedTuple):
    """How many rows of the ledger are other than before."""

    drones: int = 0
    accounts: int = 0
    people: int = 0
    links: int = 0
    """Traits are among them."""


class _Statements:
    """What the rows say, for each thing, in the order of the file."""

    def __init__(self, rows: Iterable[RosterRow], kinds: frozenset[Kind]) -> None:
        self.kinds = kinds
        self.serials: set[str] = set()
        self.spans: defaultdict[Key, list[Span]] = defaultdict(list)
        self.distributors: set[str] = set()
        self.customers: set[str] = set()
        for row in rows:
            self._add(row)

    def _add(self, row: RosterRow) -> None:
        for column, things in (
            ("serial", self.serials),
            ("customer", self.customers),
            ("account", self.customers),
            ("distributor", self.distributors),
        ):
            if column in row.cells:
                things.add(str(row.cells[column]))
        for said in row.statements():
            span = Span(row.from_us, row.until_us, said.value)
            self.spans[said.kind, said.subject].append(span)

    def newest(self, kind: Kind, subject: str) -> str | None:
        """Of a thing that has no dates in the ledger: what the latest row says."""
        spans = self.spans.get((kind, subject))
        return max(spans, key=lambda span: span.from_us).value if spans else None

    def dated(self, kinds: Iterable[Kind]) -> set[Dated]:
        return {
            (kind, subject, span.value, span.from_us, span.until_us)
            for (kind, subject), spans in self.spans.items()
            if kind in kinds
            for span in overlay(spans)
        }

    def named(self, kind: Kind) -> set[str]:
        return {subject for other, subject in self.spans if other == kind}

    def role(self, kind: Kind) -> set[str]:
        """Who is somebody's CSM, or sales owner."""
        return {
            span.value for (other, _), spans in self.spans.items() if other == kind
            for span in spans
        }  # fmt: skip


def apply_roster(ledger: sqlite3.Connection, roster: Roster) -> Changes:
    """Make the ledger say what *roster* says, in one transaction."""
    with transaction(ledger):
        return enrol(ledger, roster, withheld(ledger, roster))


def withheld(ledger: sqlite3.Connection, roster: Roster) -> set[str]:
    """Drones and accounts that keep what the ledger knows of them, as one of their rows is bad.

    Half of a hand-over could send one customer's flights to another.
    """
    doubtful = {error.subject for error in roster.errors if error.subject}
    known = ledger.execute("SELECT serial FROM drones UNION SELECT account FROM accounts")
    return doubtful & {row[0] for row in known}


def enrol(ledger: sqlite3.Connection, roster: Roster, withheld: set[str]) -> Changes:
    """As `apply_roster`, in the caller's transaction, but for those *withheld*."""
    said = _Statements((row for row in roster.rows if row.subject not in withheld), roster.kinds)
    return Changes(
        drones=_store_drones(ledger, said),
        accounts=_store_accounts(ledger, said),
        people=_store_people(ledger, said),
        links=_store_links(ledger, said) + _store_traits(ledger, said),
    )


def _store_drones(ledger: sqlite3.Connection, said: _Statements) -> int:
    rows: list[Values] = [
        (
            serial,
            _whole(said.newest("delivered", serial)),
            *(said.newest(kind, serial) for kind in _OF_DRONES),
        )
        for serial in sorted(said.serials)
    ]
    return _changed(
        ledger,
        "INSERT INTO drones (serial, delivered_us, product, hardware, companion, channel, cohort)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET delivered_us = coalesce(excluded.delivered_us, delivered_us),"
        " product = coalesce(excluded.product, product),"
        " hardware = coalesce(excluded.hardware, hardware),"
        " companion = coalesce(excluded.companion, companion),"
        " channel = coalesce(excluded.channel, channel),"
        " cohort = coalesce(excluded.cohort, cohort)"
        " WHERE excluded.delivered_us <> coalesce(delivered_us, -1)"
        " OR excluded.product <> coalesce(product, '')"
        " OR excluded.hardware <> coalesce(hardware, '')"
        " OR excluded.companion <> coalesce(companion, '')"
        " OR excluded.channel <> coalesce(channel, '')"
        " OR excluded.cohort <> coalesce(cohort, '')",
        rows,
    )


def _store_accounts(ledger: sqlite3.Connection, said: _Statements) -> int:
    """Where nobody says the kind, one who stands between is a distributor, and stays one."""
    rows: list[Values] = [
        (
            account,
            said.newest("account_kind", account)
            or ("distributor" if account in said.distributors else "customer"),
            account,
            *(said.newest(kind, account) for kind in ("account_email", "stage", "region")),
            said.newest("account_kind", account),
        )
        for account in sorted(said.customers | said.distributors)
    ]
    return _changed(
        ledger,
        "INSERT INTO accounts (account, kind, name, email, stage, region)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT DO UPDATE SET"
        " kind = coalesce(?7, max(kind, excluded.kind)),"  # the later in the alphabet
        " email = coalesce(excluded.email, email), stage = coalesce(excluded.stage, stage),"
        " region = coalesce(excluded.region, region)"
        " WHERE coalesce(?7, max(kind, excluded.kind)) <> kind"
        " OR excluded.email <> coalesce(email, '')"
        " OR excluded.stage <> coalesce(stage, '') OR excluded.region <> coalesce(region, '')",
        rows,
    )


def _store_people(ledger: sqlite3.Connection, said: _Statements) -> int:
    """A name that nobody gives is kept, and so is a role."""
    return sum(
        _changed(
            ledger,
            "INSERT INTO people (email, name, role) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET name = excluded.name"
            " WHERE excluded.name <> coalesce(name, '')",
            [(who, said.newest("person_name", who), role) for who in sorted(said.role(kind))],
        )
        for kind, role in _ROLES
    )


def _store_links(ledger: sqlite3.Connection, said: _Statements) -> int:
    uids = said.named("uid_drone")
    old: set[Dated] = {
        (row["kind"], row["subject"], row["object"], row["from_us"], row["until_us"])
        for row in ledger.execute("SELECT * FROM links")
        if row["kind"] in said.kinds and _in_scope(row, said, uids)
    }
    return _replaced(ledger, "links (kind, subject, object", old, said.dated(LINK_KINDS))


def _in_scope(link: sqlite3.Row, said: _Statements, uids: set[str]) -> bool:
    if link["kind"] == "uid_drone":
        return link["object"] in said.serials or link["subject"] in uids
    if link["kind"] in ("drone_customer", "drone_service"):
        return link["subject"] in said.serials
    return link["kind"] in LINK_KINDS and link["subject"] in said.customers


def _store_traits(ledger: sqlite3.Connection, said: _Statements) -> int:
    old: set[Dated] = {
        (row["kind"], row["account"], row["value"], row["from_us"], row["until_us"])
        for row in ledger.execute("SELECT * FROM traits")
        if row["kind"] in said.kinds and row["account"] in said.customers
    }
    return _replaced(ledger, "traits (kind, account, value", old, said.dated(TRAIT_KINDS))


def _replaced(ledger: sqlite3.Connection, table: str, old: set[Dated], new: set[Dated]) -> int:
    """*table* with its first three columns; how many rows are other than before."""
    name, _, columns = table.partition(" (kind, ")
    subject = columns.partition(",")[0]
    ledger.executemany(
        f"DELETE FROM {name} WHERE kind = ? AND {subject} = ? AND from_us = ?",  # noqa: S608 - our names
        [(kind, about, from_us) for kind, about, _, from_us, _ in old - new],
    )
    ledger.executemany(
        f"INSERT INTO {table}, from_us, until_us) VALUES (?, ?, ?, ?, ?)",  # noqa: S608 - our names
        list(new - old),
    )
    return len(old ^ new)


def _changed(ledger: sqlite3.Connection, upsert: str, rows: list[Values]) -> int:
    before = ledger.total_changes
    ledger.executemany(upsert, rows)
    return ledger.total_changes - before


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)
