"""The roster's rows, into the ledger.

A file is the whole truth about every drone, autopilot and account that it names: their earlier
links are replaced. What it doesn't name stays. So the same file twice changes nothing, and a
corrected file corrects.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from windsock.collector.ledger import transaction
from windsock.collector.roster.file import Kind, Roster, RosterRow
from windsock.collector.roster.timeline import Span, overlay

_LINK_KINDS: Final[tuple[Kind, ...]] = (
    "uid_drone",
    "drone_customer",
    "drone_service",
    "customer_distributor",
    "account_csm",
)

Link = tuple[str, str, str, int, int | None]
"""A row of table links: kind, subject, object, from, until."""
Key = tuple[Kind, str]
Values = tuple[str | int | None, ...]


class Changes(NamedTuple):
    """How many rows of the ledger are other than before."""

    drones: int = 0
    accounts: int = 0
    people: int = 0
    links: int = 0


class _Statements:
    """What the rows say, for each thing, in the order of the file."""

    def __init__(self, rows: Iterable[RosterRow]) -> None:
        self.serials: set[str] = set()
        self.spans: defaultdict[Key, list[Span]] = defaultdict(list)
        self.distributors: set[str] = set()
        self.customers: set[str] = set()
        for row in rows:
            self._add(row)

    def _add(self, row: RosterRow) -> None:
        self.serials.add(row.serial)
        for column, accounts in (
            ("customer", self.customers),
            ("distributor", self.distributors),
        ):
            if column in row.cells:
                accounts.add(str(row.cells[column]))
        for said in row.statements():
            span = Span(row.from_us, row.until_us, said.value)
            self.spans[said.kind, said.subject].append(span)

    def newest(self, kind: Kind, subject: str) -> str | None:
        """Of a thing that has no dates in the ledger: what the latest row says."""
        spans = self.spans.get((kind, subject))
        return max(spans, key=lambda span: span.from_us).value if spans else None

    def links(self) -> set[Link]:
        return {
            (kind, subject, span.value, span.from_us, span.until_us)
            for (kind, subject), spans in self.spans.items()
            if kind in _LINK_KINDS
            for span in overlay(spans)
        }

    def named(self, kind: Kind) -> set[str]:
        return {subject for other, subject in self.spans if other == kind}


def apply_roster(ledger: sqlite3.Connection, roster: Roster) -> Changes:
    """Make the ledger say what *roster* says, in one transaction.

    A drone with a bad row keeps what the ledger knew of it: half of a hand-over could send one
    customer's flights to another.
    """
    with transaction(ledger):
        doubtful = {error.serial for error in roster.errors} & _known_serials(ledger)
        said = _Statements(row for row in roster.rows if row.serial not in doubtful)
        return Changes(
            drones=_store_drones(ledger, said),
            accounts=_store_accounts(ledger, said),
            people=_store_people(ledger, said),
            links=_store_links(ledger, said),
        )


def _known_serials(ledger: sqlite3.Connection) -> set[str | None]:
    return {row[0] for row in ledger.execute("SELECT serial FROM drones")}


def _store_drones(ledger: sqlite3.Connection, said: _Statements) -> int:
    rows: list[Values] = [
        (
            serial,
            _whole(said.newest("delivered", serial)),
            *(said.newest(kind, serial) for kind in ("product", "hardware", "channel", "group")),
        )
        for serial in sorted(said.serials)
    ]
    return _changed(
        ledger,
        "INSERT INTO drones (serial, delivered_us, product, hardware, channel, cohort)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET delivered_us = coalesce(excluded.delivered_us, delivered_us),"
        " product = coalesce(excluded.product, product),"
        " hardware = coalesce(excluded.hardware, hardware),"
        " channel = coalesce(excluded.channel, channel),"
        " cohort = coalesce(excluded.cohort, cohort)"
        " WHERE excluded.delivered_us <> coalesce(delivered_us, -1)"
        " OR excluded.product <> coalesce(product, '')"
        " OR excluded.hardware <> coalesce(hardware, '')"
        " OR excluded.channel <> coalesce(channel, '')"
        " OR excluded.cohort <> coalesce(cohort, '')",
        rows,
    )


def _store_accounts(ledger: sqlite3.Connection, said: _Statements) -> int:
    """A distributor that flies drones of its own stays a distributor."""
    rows: list[Values] = [
        (
            account,
            "distributor" if account in said.distributors else "customer",
            account,
            *(said.newest(kind, account) for kind in ("account_email", "stage", "region")),
        )
        for account in sorted(said.customers | said.distributors)
    ]
    return _changed(
        ledger,
        "INSERT INTO accounts (account, kind, name, email, stage, region)"
        " VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET kind = max(kind, excluded.kind),"  # the later in the alphabet
        " email = coalesce(excluded.email, email), stage = coalesce(excluded.stage, stage),"
        " region = coalesce(excluded.region, region)"
        " WHERE excluded.kind > kind OR excluded.email <> coalesce(email, '')"
        " OR excluded.stage <> coalesce(stage, '') OR excluded.region <> coalesce(region, '')",
        rows,
    )


def _store_people(ledger: sqlite3.Connection, said: _Statements) -> int:
    csms = {
        span.value
        for (kind, _), spans in said.spans.items()
        if kind == "account_csm"
        for span in spans
    }
    return _changed(
        ledger,
        "INSERT INTO people (email, name, role) VALUES (?, ?, 'csm')"
        " ON CONFLICT DO UPDATE SET name = excluded.name"
        " WHERE excluded.name <> coalesce(name, '')",
        [(csm, said.newest("person_name", csm)) for csm in sorted(csms)],
    )


def _store_links(ledger: sqlite3.Connection, said: _Statements) -> int:
    uids = said.named("uid_drone")
    old: set[Link] = {
        (row["kind"], row["subject"], row["object"], row["from_us"], row["until_us"])
        for row in ledger.execute("SELECT * FROM links")
        if _in_scope(row, said, uids)
    }
    new = said.links()
    ledger.executemany(
        "DELETE FROM links WHERE kind = ? AND subject = ? AND from_us = ?",
        [(kind, subject, from_us) for kind, subject, _, from_us, _ in old - new],
    )
    ledger.executemany(
        "INSERT INTO links (kind, subject, object, from_us, until_us) VALUES (?, ?, ?, ?, ?)",
        list(new - old),
    )
    return len(old ^ new)


def _in_scope(link: sqlite3.Row, said: _Statements, uids: set[str]) -> bool:
    if link["kind"] == "uid_drone":
        return link["object"] in said.serials or link["subject"] in uids
    if link["kind"] in ("drone_customer", "drone_service"):
        return link["subject"] in said.serials
    return link["kind"] in _LINK_KINDS and link["subject"] in said.customers


def _changed(ledger: sqlite3.Connection, upsert: str, rows: list[Values]) -> int:
    before = ledger.total_changes
    ledger.executemany(upsert, rows)
    return ledger.total_changes - before


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)
