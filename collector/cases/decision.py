"""Who is told of a step in a case's life, and why, or why nobody is. Pure: time passes in."""

from typing import Literal, NamedTuple

from windsock.collector.cases.life import DAY_US, Change, Finding
from windsock.collector.cases.rules import RULES, Audience

Reason = Literal[
    "notify",
    "no-csm",
    "support",
    "withdrawn",
    "resolved",
    "already-told",
    "superseded",
    "too-old",
    "digest",
    "same-call",
    "rationed",
    "snoozed",
    "nobody-to-tell",
]
"""Why somebody is told (the first four) or nobody. ``digest``, ``same-call`` and ``rationed``
come with the CSM's next digest."""


class Room(NamedTuple):
    """What a day has room for: what the CSM was told at once on it already."""

    told: int = 0
    """Interrupts that are rationed, of all accounts."""
    most: int = 3
    called: bool = False
    """One of any kind about this account: its call of the day is known."""


class Decision(NamedTuple):
    """Who is told, and why, or why nobody is."""

    reason: Reason
    audience: Audience | None = None


def decide(change: Change, now_us: int, notice_days: float, room: Room) -> Decision:
    """Whether to tell somebody of *change*: the first reason that applies.

    What happened more than *notice_days* ago is recorded and not told.
    """
    finding, case = change.finding, change.case
    if finding is None:
        return _decide_on_end(change)
    audience = _audience(finding)
    age_us = 0 if finding.happened_us is None else now_us - finding.happened_us
    rationed = audience == "csm" and finding.rationed
    silences: tuple[tuple[Reason, bool], ...] = (
        ("already-told", case is not None and (audience, finding.news) in case.told),
        ("snoozed", case is not None and case.state == "snoozed"),
        ("superseded", finding.silent),
        ("too-old", age_us > notice_days * DAY_US),
        ("digest", not finding.interrupts),
        ("already-told", case is not None and rationed and finding.news in case.listed),
        ("same-call", rationed and room.called),
        ("rationed", rationed and room.told >= room.most),
    )
    silent = next((reason for reason, holds in silences if holds), None)
    return Decision(silent) if silent else Decision(_loud(finding, audience), audience)


def _loud(finding: Finding, audience: Audience) -> Reason:
    if audience == "csm":
        return "notify"
    return "support" if RULES[finding.rule].audience == "support" else "no-csm"


def _audience(finding: Finding) -> Audience:
    """Support stands in for a CSM whom nobody named."""
    return "csm" if RULES[finding.rule].audience == "csm" and finding.csm else "support"


def _decide_on_end(change: Change) -> Decision:
    case, gone = change.case, change.gone
    if not (gone and gone.tell and case and case.told):
        return Decision("resolved")
    return Decision("withdrawn", min(audience for audience, _ in case.told))  # the CSM first
