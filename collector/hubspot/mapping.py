"""HubSpot's properties as facts of ours. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple, cast

from windsock.collector.answers.said import Answer, AnswerKind
from windsock.collector.hubspot.objects import CHANGED, Object, Owner, milliseconds
from windsock.collector.roster import cells
from windsock.collector.roster.file import Kind
from windsock.collector.settings import Hubspot

KEY: Final = "windsock_key"
OUTCOME: Final = "windsock_outcome"
UNTIL: Final = "windsock_until"
CLOSED: Final = "closed"
"""Outcome of a task that we closed, as its case was."""
ENDS: Final = "-closed"
"""How the transition of a notice ends that completes its task."""
OPENS: Final = "-opens"
"""How the transition of a notice ends that opens its task, whatever was said in it."""
DONE: Final = "done"
STATUS: Final = "hs_task_status"
COMPLETED: Final = "COMPLETED"
FINISHED: Final = "hs_task_completion_date"
OWNER: Final = "hubspot_owner_id"
TASK_PROPERTIES: Final = (KEY, OUTCOME, UNTIL, STATUS, FINISHED, OWNER)
_MERGED: Final = "hs_merged_object_ids"
_DATELESS: Final = ("", "acknowledge", "done", "false-alarm", "confirmed")
"""Outcomes whose date, if somebody filled one in, says nothing."""
_STAGE: Final = "lifecyclestage"


class Company(NamedTuple):
    """What a company says of an account; what is empty there says nothing."""

    account: str
    traits: Mapping[Kind, str]
    people: Mapping[Kind, Owner]
    """By the link that they have to the account."""
    troubles: list[str]


class Completed(NamedTuple):
    """A task that somebody completed; *finish* is another one each time."""

    task: str
    key: str
    finish: str
    answer: Answer


def company_properties(fields: Hubspot) -> list[str]:
    """Those to ask for."""
    named = (fields.account, _STAGE, fields.region, fields.tier, fields.csm, fields.sales)
    return [name for name in named if name]


def ticket_properties(fields: Hubspot) -> list[str]:
    """Likewise."""
    return ["subject", "createdate", "closed_date", _MERGED, fields.critical, fields.drone,
            fields.incident]  # fmt: skip


def company_of(found: Object, owners: Mapping[str, Owner], fields: Hubspot) -> Company | None:
    """None: it has no name."""
    troubles: list[str] = []
    account = _cleaned(found.text(fields.account), troubles)
    if not account:
        return None
    traits: dict[Kind, str] = {}
    for kind, text in (
        ("stage", found.text(_STAGE).lower()),
        ("region", found.text(fields.region)),
    ):
        if said := _cleaned(text, troubles):
            traits[kind] = said  # type: ignore[index]  # both are kinds
    if tier := found.text(fields.tier):
        try:
            traits["tier"] = cells.tier(tier)
        except ValueError as error:
            troubles.append(f"tier: {error}")
    people: dict[Kind, Owner] = {}
    for link, name in (("account_csm", fields.csm), ("account_sales", fields.sales)):
        owner = owners.get(found.text(name))
        if owner and owner.email and _is_address(owner.email, troubles):
            people[link] = owner  # type: ignore[index]  # both are kinds
    return Company(account, traits, people, [f"{account}: {trouble}" for trouble in troubles])


def ticket_id(hubspot_id: str) -> str:
    """As the ledger names it."""
    return f"hubspot-{hubspot_id}"


def ticket_row(found: Object, account: str | None, fields: Hubspot) -> dict[str, str]:
    """A row of kind tickets."""
    critical = found.text(fields.critical).upper() in {
        value.upper() for value in fields.critical_values
    }
    return {
        "ticket": ticket_id(found.id),
        "critical": "yes" if critical else "no",
        "incident": moment(found.text(fields.incident)),
        "opened": moment(found.text("createdate")),
        "drone": found.text(fields.drone),
        "account": account or "",
        "state": "closed" if found.text("closed_date") else "open",
        "title": _printable(found.text("subject")),
    }


def merged_into(found: Object) -> list[str]:
    """The tickets that were merged into this one."""
    return [ticket_id(one.strip()) for one in found.text(_MERGED).split(";") if one.strip()]


def completed(found: Object, owners: Mapping[str, Owner]) -> Completed | None:
    """None: not completed, not ours, or completed by ourselves."""
    key, outcome = found.text(KEY), found.text(OUTCOME).lower()
    if found.text(STATUS) != COMPLETED or not key or outcome == CLOSED:
        return None
    owner = owners.get(found.text(OWNER))
    until_ms = milliseconds(found.text(UNTIL))
    answer = Answer(
        kind=cast("AnswerKind", outcome or DONE),  # one that there is not is refused by name
        until_us=None if until_ms is None or outcome in _DATELESS else until_ms * 1000,
        note="",
        actor=(owner and owner.email) or "HubSpot",
        via="hubspot",
    )
    return Completed(found.id, key, found.text(FINISHED) or found.text(CHANGED), answer)


def moment(text: str) -> str:
    """As a cell has it; what is no date stays as it is, to be refused by name."""
    found = milliseconds(text)
    try:
        return (
            datetime.fromtimestamp(found / 1000, UTC).isoformat("T", "seconds") if found else text
        )
    except (ValueError, OverflowError, OSError):
        return text


def _cleaned(text: str, troubles: list[str]) -> str:
    try:
        return cells.clean(text)
    except ValueError as error:
        troubles.append(str(error))
        return ""


def _is_address(text: str, troubles: list[str]) -> bool:
    try:
        cells.email(text)
    except ValueError as error:
        troubles.append(f"owner: {error}")
        return False
    return True


def _printable(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[: cells.LONGEST]
