"""What HubSpot knows, into the ledger: companies, tickets, and tasks that people completed.

Each is followed by when objects were last changed, and how far it has come stands in the ledger,
page by page. HubSpot's search finds a change some moments after it was made, so each time the last
minutes are asked for again: everything here is the same done twice.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final

import msgspec

from windsock.collector.followers import advance, last_id
from windsock.collector.hubspot import mapping
from windsock.collector.hubspot.client import Client, HubSpotDown, HubSpotRefused
from windsock.collector.hubspot.completions import take_completions
from windsock.collector.hubspot.objects import (
    Object,
    ObjectType,
    Owner,
    changed_since,
    companies_of,
    owners,
)
from windsock.collector.ledger import transaction
from windsock.collector.outside.take import take
from windsock.collector.roster.observation import observe
from windsock.collector.settings import Hubspot
from windsock.config.loader import secret

log = logging.getLogger("windsock.collector")

SOURCE: Final = "hubspot"
ASKED: Final = "hubspot asked"
"""Follower whose mark is when a webhook last said that something changed, in microseconds."""
_PAGES: Final = 20
"""A round asks for no more, as others wait."""
_OVERLAP_MS: Final = 120_000
_RETRY_S: Final = 30.0
_LOOK_US: Final = 5_000_000
_ROLES: Final = {"account_csm": "csm", "account_sales": "sales"}
_OURS: Final = (
    {"propertyName": mapping.KEY, "operator": "HAS_PROPERTY"},
    {"propertyName": mapping.STATUS, "operator": "EQ", "value": mapping.COMPLETED},
)

Row = dict[str, str]
Store = Callable[[sqlite3.Connection, list[Object], int], bool]


class Source:
    """Asks every `interval_s`, and soon after a webhook."""

    def __init__(self, settings: Hubspot, client: Client) -> None:
        self._fields = settings
        self._client = client
        self._owners: Mapping[str, Owner] = {}
        self._unread: dict[ObjectType, Iterator[list[Object]]] = {}
        self._came = False
        self._seen: dict[str, Row] = {}
        self._seeing: dict[str, Row] = {}
        self._pulled_us = 0
        self._due_us = 0

    def pull(self, ledger: sqlite3.Connection, now_us: int) -> bool:
        """Take in what changed, if it is time; True: something came that counts."""
        asked_us = last_id(ledger, ASKED)
        if now_us < self._due_us and asked_us <= self._pulled_us:
            return False
        self._pulled_us = now_us
        self._due_us = now_us + int(self._fields.interval_s * 1e6)
        self._came, self._seeing = False, {}
        try:
            self._pull(ledger, now_us)
        except HubSpotDown as error:
            pause_us = int(max(error.retry_after_s, _RETRY_S) * 1e6)
            self._due_us = now_us + pause_us
            log.warning("%s; again in %.0f s", error, pause_us / 1e6)
        except HubSpotRefused as error:
            log.warning("%s", error)
        self._seen = self._seeing
        return self._came

    def due_us(self, now_us: int) -> int:
        """When to pull again; with webhooks somebody has to look whether one came."""
        if self._fields.client_secret_file is None:
            return self._due_us
        return min(self._due_us, now_us + _LOOK_US)

    def _pull(self, ledger: sqlite3.Connection, now_us: int) -> None:
        self._owners = owners(self._client)
        self._follow(ledger, "companies", self._companies, now_us)
        self._follow(ledger, "tickets", self._tickets, now_us)
        self._follow(ledger, "tasks", self._tasks, now_us)

    def _follow(
        self, ledger: sqlite3.Connection, kind: ObjectType, store: Store, now_us: int
    ) -> None:
        """Go on where the round before stopped, or begin with the last minutes again."""
        name, read = f"hubspot {kind}", 0
        since_ms = max(last_id(ledger, name) - _OVERLAP_MS, 0)
        pages = self._unread.pop(kind, None) or self._changed(kind, since_ms)
        for page in islice(pages, _PAGES):
            read += 1
            if page:
                self._came |= store(ledger, page, now_us)
                advance(ledger, name, max(page[-1].changed_ms, last_id(ledger, name)))
        if read == _PAGES:
            self._unread[kind] = pages
            self._due_us = now_us

    def _changed(self, kind: ObjectType, since_ms: int) -> Iterator[list[Object]]:
        filters = _OURS if kind == "tasks" else ()
        return changed_since(self._client, kind, self._properties(kind), since_ms, *filters)

    def _properties(self, kind: ObjectType) -> list[str]:
        if kind == "companies":
            return mapping.company_properties(self._fields)
        if kind == "tickets":
            return mapping.ticket_properties(self._fields)
        return list(mapping.TASK_PROPERTIES)

    def _companies(self, ledger: sqlite3.Connection, page: list[Object], now_us: int) -> bool:
        came = False
        with transaction(ledger):
            for found in page:
                company = mapping.company_of(found, self._owners, self._fields)
                if company:
                    came |= _store_company(ledger, found.id, company, now_us)
        return came

    def _tickets(self, ledger: sqlite3.Connection, page: list[Object], now_us: int) -> bool:
        about = companies_of(self._client, [found.id for found in page])
        rows = [
            mapping.ticket_row(found, _account(ledger, about.get(found.id, [])), self._fields)
            for found in page
        ]
        with transaction(ledger):
            _note_merged(ledger, page)
        rows = self._new(rows)
        if not rows:
            return False
        for row in _reopened(ledger, rows):
            row["reopened"] = mapping.moment(str(now_us // 1000))
        taken = take(ledger, "tickets", msgspec.json.encode(rows), SOURCE, now_us)
        for error in taken.errors:
            log.warning("%s", error)
        return True

    def _new(self, rows: list[Row]) -> list[Row]:
        """Those that are other than when they last came: the last minutes come again and again."""
        new = [row for row in rows if self._seen.get(row["ticket"]) != row]
        self._seeing |= {row["ticket"]: dict(row) for row in rows}
        return new

    def _tasks(self, ledger: sqlite3.Connection, page: list[Object], now_us: int) -> bool:
        found = (mapping.completed(task, self._owners) for task in page)
        return take_completions(ledger, [one for one in found if one], now_us)


def open_source(settings: Hubspot | None) -> Source | None:
    """None: HubSpot is no source. Raises SettingsError for a token that can't be read."""
    if settings is None:
        return None
    return Source(
        settings, Client(settings.url, secret(settings.token_file, "hubspot.token_file"))
    )


def _store_company(
    ledger: sqlite3.Connection, hubspot_id: str, company: mapping.Company, now_us: int
) -> bool:
    for trouble in company.troubles:
        log.warning("HubSpot: company %s", trouble)
    ledger.execute(
        "INSERT OR REPLACE INTO hubspot_companies VALUES (?, ?)", (hubspot_id, company.account)
    )
    came = ledger.execute(
        "INSERT INTO accounts (account, kind, name) VALUES (?1, 'customer', ?1)"
        " ON CONFLICT DO NOTHING", (company.account,)
    ).rowcount > 0  # fmt: skip
    for kind, value in company.traits.items():
        came |= observe(ledger, kind, company.account, value, now_us)
    for kind, owner in company.people.items():
        _store_person(ledger, owner, _ROLES[kind])
        came |= observe(ledger, kind, company.account, str(owner.email), now_us)
    return came


def _store_person(ledger: sqlite3.Connection, owner: Owner, role: str) -> None:
    ledger.execute(
        "INSERT INTO people (email, name, role) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET name = coalesce(excluded.name, name)",
        (owner.email, owner.name or None, role),
    )


def _account(ledger: sqlite3.Connection, companies: list[str]) -> str | None:
    """The first of them that we know."""
    for company in companies:
        row = ledger.execute(
            "SELECT account FROM hubspot_companies WHERE id = ?", (company,)
        ).fetchone()
        if row:
            return str(row["account"])
    return None


def _reopened(ledger: sqlite3.Connection, rows: list[Row]) -> Iterator[Row]:
    """Of tickets that were closed and no longer are."""
    for row in rows:
        closed = ledger.execute(
            "SELECT 1 FROM tickets WHERE ticket = ? AND state = 'closed'", (row["ticket"],)
        ).fetchone()
        if closed and row["state"] == "open":
            yield row


def _note_merged(ledger: sqlite3.Connection, page: list[Object]) -> None:
    ledger.executemany(
        "UPDATE tickets SET merged_into = ?1 WHERE ticket = ?2 AND ticket <> ?1",
        [
            (mapping.ticket_id(found.id), merged)
            for found in page
            for merged in mapping.merged_into(found)
        ],
    )
