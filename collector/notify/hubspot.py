"""A case as a task in HubSpot, exactly once.

Tasks have a unique property of ours: the one that has it is changed, and no other is made.

Source: developers.hubspot.com, CRM API v3: tasks (batch upsert, associations), properties.
"""

import html
import time
from typing import Final

import msgspec

from windsock.collector.hubspot import mapping
from windsock.collector.hubspot.client import Client, HubSpotDown, HubSpotRefused, Json
from windsock.collector.hubspot.objects import Object, Owner
from windsock.collector.notify.notice import Notice
from windsock.collector.notify.outbox import Parcel, Refused, Unreachable
from windsock.collector.notify.wording import Wording

_TO_COMPANY: Final = 192
"""HubSpot's type of the association from a task to a company."""
_LONGEST_SUBJECT: Final = 250
_HIGH, _MEDIUM = 70, 40
_PASSING: Final = (
    "RATE_LIMIT", "RATE_LIMITS", "INTERNAL_ERROR", "INVALID_AUTHENTICATION", "MISSING_SCOPES",
    "BANNED",
)  # fmt: skip
"""Categories of errors that pass, or that somebody can end, as the client has it of HTTP."""
_OUR_PROPERTIES: Final = (mapping.KEY, mapping.OUTCOME, mapping.UNTIL)


class _Property(msgspec.Struct, rename="camel"):
    has_unique_value: bool = False


class _Objects(msgspec.Struct):
    results: list[Object]


class _Failure(msgspec.Struct):
    message: str = ""
    category: str = ""


class _Upserted(msgspec.Struct):
    """HTTP 207 has errors in place of results."""

    results: list[Object] = []
    errors: list[_Failure] = []


class _Owners(msgspec.Struct):
    results: list[Owner]


class HubSpotChannel:
    """One task a case, whatever becomes of it; digests and the like are no tasks."""

    def __init__(self, client: Client, account_property: str, wording: Wording) -> None:
        self._client = client
        self._account = account_property
        self._wording = wording
        self._checked = False
        self._owners: dict[str, str] = {}
        self._not_before_s = 0.0

    def send(self, parcel: Parcel) -> None:
        """Make or change the task of *parcel*'s case."""
        if parcel.notice.kind not in ("case", "task"):
            return
        wait_s = self._not_before_s - time.monotonic()
        if wait_s > 0:
            raise Unreachable(f"HubSpot asked to wait for {wait_s:.0f} s more")
        try:
            self._check_properties()
            self._send(parcel)
        except HubSpotDown as error:
            self._not_before_s = time.monotonic() + error.retry_after_s
            raise Unreachable(str(error)) from error
        except HubSpotRefused as error:
            raise Refused(str(error)) from error

    def _send(self, parcel: Parcel) -> None:
        notice = parcel.notice
        task = self._upserted(key_of(notice), self._properties(parcel))
        if notice.account and (company := self._company(notice.account)):
            self._client.put(
                f"/crm/v3/objects/tasks/{task}/associations/companies/{company}/{_TO_COMPANY}"
            )

    def _upserted(self, key: str, properties: Json) -> str:
        one = {"id": key, "idProperty": mapping.KEY, "properties": properties}
        found = self._client.post(
            "/crm/v3/objects/tasks/batch/upsert", {"inputs": [one]}, _Upserted
        )
        if not found.results:
            raise _failed(found)
        return found.results[0].id

    def _properties(self, parcel: Parcel) -> Json:
        notice = parcel.notice
        key = {mapping.KEY: key_of(notice)}
        opened = {mapping.STATUS: "NOT_STARTED", mapping.OUTCOME: "", mapping.UNTIL: ""}
        if notice.transition.endswith(mapping.ENDS):
            return key | {mapping.STATUS: mapping.COMPLETED, mapping.OUTCOME: mapping.CLOSED}
        owner = self._owner(parcel.recipient)
        return key | {
            "hs_timestamp": str((notice.due_us or notice.created_us) // 1000),
            "hs_task_subject": notice.headline[:_LONGEST_SUBJECT],
            "hs_task_body": self._body(notice),
            "hs_task_type": "CALL" if notice.kind == "case" else "TODO",
            "hs_task_priority": _priority(notice.severity),
            **({mapping.OWNER: owner} if owner else {}),
            **(opened if _opens(notice) else {}),
        }

    def _body(self, notice: Notice) -> str:
        """Rich text there, so what came from outside is escaped."""
        lines = notice.as_text(self._wording).strip().split("\n")
        return "<br>".join(html.escape(" ".join(line.split())) for line in lines)

    def _owner(self, email: str) -> str | None:
        if email and email not in self._owners:
            found = self._client.get("/crm/v3/owners", _Owners, email=email, limit="1")
            if not found.results:
                return None
            self._owners[email] = found.results[0].id
        return self._owners.get(email)

    def _company(self, account: str) -> str | None:
        """The one of this name; of two nobody can say which."""
        named = {"propertyName": self._account, "operator": "EQ", "value": account}
        body = {"filterGroups": [{"filters": [named]}], "limit": 2}
        found = self._client.post("/crm/v3/objects/companies/search", body, _Objects).results
        return found[0].id if len(found) == 1 else None

    def _check_properties(self) -> None:
        """Without them a case would have two tasks. Raises HubSpotDown: they can be made."""
        if self._checked:
            return
        for name in _OUR_PROPERTIES:
            try:
                found = self._client.get(f"/crm/v3/properties/tasks/{name}", _Property)
            except HubSpotRefused as error:
                raise HubSpotDown(
                    f"HubSpot: tasks have no property {name} (docs/outside.md): {error}"
                ) from error
            if name == mapping.KEY and not found.has_unique_value:
                raise HubSpotDown(f"HubSpot: property {name} of tasks is not unique")
        self._checked = True


def _failed(answer: _Upserted) -> HubSpotDown | HubSpotRefused:
    """Without a reason it may work later, as an answer that can't be read."""
    if not answer.errors:
        return HubSpotDown("HubSpot: neither a task nor an error")
    first = answer.errors[0]
    said = f"HubSpot: HTTP 207 {' '.join(f'{first.category} {first.message}'.split())[:300]}"
    if first.category.upper() in _PASSING:
        return HubSpotDown(said)
    return HubSpotRefused(207, said)


def _opens(notice: Notice) -> bool:
    """Else its status is left alone: somebody may have completed it since it was last read."""
    return notice.kind == "task" or notice.transition.endswith(mapping.OPENS)


def key_of(notice: Notice) -> str:
    """What a task of ours is known by: its case, or its periodic task."""
    if notice.case is not None:
        return f"case-{notice.case}"
    return f"task-{notice.transition.removesuffix(mapping.ENDS)}"


def _priority(severity: int) -> str:
    if severity >= _HIGH:
        return "HIGH"
    return "MEDIUM" if severity >= _MEDIUM else "LOW"
