"""What is read of HubSpot's CRM: owners, and objects by when they were last changed.

Source: developers.hubspot.com, CRM API v3: owners, search, associations.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from windsock.collector.hubspot.client import Client, Json

CHANGED: Final = "hs_lastmodifieddate"
A_PAGE: Final = 100
ObjectType = Literal["companies", "tickets", "tasks"]


class Object(msgspec.Struct, frozen=True):
    """A company, a ticket or a task."""

    id: str
    properties: dict[str, str | None] = {}

    def text(self, name: str | None) -> str:
        """A property in one line; nothing where it is not there."""
        return " ".join((self.properties.get(name or "") or "").split())

    @property
    def changed_ms(self) -> int:
        """When it was last changed."""
        return milliseconds(self.text(CHANGED)) or 0


class Owner(msgspec.Struct, frozen=True, rename="camel"):
    """A user whom objects can be assigned to."""

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    @property
    def name(self) -> str:
        """As people write it; may be nothing."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


class _Next(msgspec.Struct):
    after: str


class _Paging(msgspec.Struct):
    next: _Next | None = None


class _Objects(msgspec.Struct):
    results: list[Object]
    paging: _Paging | None = None


class _Owners(msgspec.Struct):
    results: list[Owner]
    paging: _Paging | None = None


class _End(msgspec.Struct):
    id: str


class _Association(msgspec.Struct, rename={"start": "from"}):
    start: _End
    to: list[_End]


class _Associations(msgspec.Struct):
    results: list[_Association]


def owners(client: Client) -> dict[str, Owner]:
    """All of them by id, those who left, too: what they did stays theirs."""
    found: dict[str, Owner] = {}
    for archived in ("false", "true"):
        after: dict[str, str] = {}
        while True:
            page = client.get(
                "/crm/v3/owners", _Owners, limit=str(A_PAGE), archived=archived, **after
            )
            found |= {owner.id: owner for owner in page.results if owner.id not in found}
            if not (page.paging and page.paging.next):
                break
            after = {"after": page.paging.next.after}
    return found


def changed_since(
    client: Client, kind: ObjectType, properties: Iterable[str], since_ms: int, *filters: Json
) -> Iterator[list[Object]]:
    """Pages of objects that changed at or after *since_ms*, the longest unchanged first.

    Each page asks for what changed since the last object of the page before, so nothing that
    changes meanwhile is skipped, and the search's limit of 10,000 is never met; what changed in
    the same millisecond comes again.
    """
    after: str | None = None
    while True:
        page = _searched(client, kind, properties, since_ms, after, filters)
        yield page.results
        if not (page.results and page.paging and page.paging.next):
            return
        last_ms = page.results[-1].changed_ms
        if last_ms > since_ms:
            since_ms, after = last_ms, None
        else:
            after = page.paging.next.after


def _searched(  # noqa: PLR0913, PLR0917 - the parts of one request
    client: Client,
    kind: ObjectType,
    properties: Iterable[str],
    since_ms: int,
    after: str | None,
    filters: Iterable[Json],
) -> _Objects:
    since = {"propertyName": CHANGED, "operator": "GTE", "value": str(since_ms)}
    body: Json = {
        "filterGroups": [{"filters": [since, *filters]}],
        "sorts": [{"propertyName": CHANGED, "direction": "ASCENDING"}],
        "properties": [CHANGED, *properties],
        "limit": A_PAGE,
    }
    if after is not None:
        body["after"] = after
    return client.post(f"/crm/v3/objects/{kind}/search", body, _Objects)


def companies_of(client: Client, tickets: Iterable[str]) -> Mapping[str, list[str]]:
    """The companies that each of *tickets* (ids, 100 at most) is about."""
    inputs = [{"id": ticket} for ticket in tickets]
    if not inputs:
        return {}
    path = "/crm/v3/associations/tickets/companies/batch/read"
    found = client.post(path, {"inputs": inputs}, _Associations)
    return {one.start.id: [end.id for end in one.to] for one in found.results}


def milliseconds(text: str) -> int | None:
    """Since 1970, of ``2026-05-01T12:00:00.000Z``, ``2026-05-01`` or milliseconds in digits."""
    if text.isdecimal():
        return int(text[:15])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return round(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)
