"""Every case as it stands, in a row: for the table and for JSON."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from windsock.collector.notify import phrases as say
from windsock.collector.notify.words import KINDS, signs_in_words

_CASES: Final = """
SELECT cases.*, flew_again, (
    SELECT decision FROM case_events WHERE case_id = cases.id AND transition <> 'resolve'
        AND decision NOT IN ('already-told', 'answered', 'resolved') ORDER BY id DESC LIMIT 1
    ) AS decision
FROM cases LEFT JOIN outcomes ON outcomes.case_id = cases.id
WHERE :closed OR state <> 'resolved' ORDER BY state = 'resolved', severity DESC, id
"""


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """One case; `what` in a few words, `decision` why somebody was told of it or nobody."""

    case: int
    rule: str
    subject_kind: str
    subject: str
    what: str
    customer: str | None
    csm_name: str | None
    severity: int
    basis: str | None
    state: str
    csm: str | None
    playbook: str | None
    decision: str
    opened_us: int
    due_us: int
    snoozed_until_us: int | None
    closed_us: int | None
    closed_by: str | None
    """``facts``, or the person who answered."""
    flew_again: bool | None
    """The account, within 30 days of the closing; None: not known yet."""
    facts: dict[str, Any]


def case_rows(ledger: sqlite3.Connection, now_us: int, *, closed: bool = False) -> list[CaseRow]:
    """The open cases, the most severe first; with *closed* the resolved ones after them."""
    rows = ledger.execute(_CASES, {"closed": closed}).fetchall()
    return [_row(row, now_us) for row in rows]


def _row(row: sqlite3.Row, now_us: int) -> CaseRow:
    facts = msgspec.json.decode(row["facts"])
    until_us = row["closed_us"] or now_us
    return CaseRow(
        case=row["id"],
        rule=row["rule"],
        subject_kind=row["subject_kind"],
        subject=row["subject"],
        what=what_in_words(row["rule"], facts, until_us),
        customer=(facts["who"] or {}).get("customer"),
        csm_name=(facts["who"] or {}).get("csm"),
        severity=row["severity"],
        basis=row["basis"],
        state=row["state"],
        csm=row["csm"],
        playbook=row["playbook"],
        decision=row["decision"],
        opened_us=row["opened_us"],
        due_us=row["due_us"],
        snoozed_until_us=row["snoozed_until_us"],
        closed_us=row["closed_us"],
        closed_by=row["closed_by"],
        flew_again=None if row["flew_again"] is None else bool(row["flew_again"]),
        facts=facts,
    )


def what_in_words(rule: str, facts: Mapping[str, Any], until_us: int) -> str:
    """What a case is about, in a few words, as of *until_us*."""
    return _WHAT[rule](facts, until_us)


def _crash(facts: Mapping[str, Any], _: int) -> str:
    name = "crash" if facts["verdict"] == "crash" else "crash-like event"
    if facts["verdict"] == "crash" and not facts.get("confirmed"):
        name = "possible crash"
    return f"{name} on {say.short_day(facts['event_us'])}: {KINDS[facts['kind']]}"


def _inactive(facts: Mapping[str, Any], until_us: int) -> str:
    return f"not flown for {say.days(facts['flown_us'], until_us)} days"


def _unseen(facts: Mapping[str, Any], _: int) -> str:
    if facts["variant"] == "shared":
        return "two machines use this agent id"
    if facts["variant"] == "silent":
        return f"{facts['silent']} of {say.count(facts['known'], 'station')} silent"
    return f"{say.count(len(facts['drones']), 'drone')} out of sight"


def _outdated(facts: Mapping[str, Any], until_us: int) -> str:
    days = say.days(facts["since_us"], until_us)
    return f"runs {facts['runs']}; {facts['version']} is out for {days} days"


def _deaf(facts: Mapping[str, Any], _: int) -> str:
    drones = say.count(len(facts["drones"]), "drone")
    return f"{drones} without {facts['version']}, asked on {say.short_day(facts['mailed_us'])}"


def _worn(facts: Mapping[str, Any], _: int) -> str:
    return "wears: " + signs_in_words(facts["signs"])


def _rare(facts: Mapping[str, Any], _: int) -> str:
    if facts["variant"] == "cohort":
        return "flies less than drones like it"
    return f"flies rarely: {facts['recent']} of {say.number(facts['expected'])} flight-days"


def _account(facts: Mapping[str, Any], until_us: int) -> str:
    if facts["variant"] == "rarely":
        return _rare(facts, until_us)
    drones = say.count(facts["drones"], "drone")
    return f"{drones} not flown for {say.days(facts['flown_us'], until_us)} days"


def _unflown(facts: Mapping[str, Any], _: int) -> str:
    return f"{say.count(len(facts['serials']), 'drone')} never flown"


def _incidents(facts: Mapping[str, Any], _: int) -> str:
    beside = f", {facts['unconfirmed']} unconfirmed" if facts["unconfirmed"] else ""
    last = say.short_day(facts["incidents"][-1]["at_us"])
    return f"{len(facts['incidents'])} critical incidents in a month to {last}{beside}"


def _scores(facts: Mapping[str, Any], _: int) -> str:
    scores = ", ".join(say.number(one["score"]) for one in facts["scores"])
    return f"effort scores {scores} of 7 within a month"


def _missing(facts: Mapping[str, Any], _: int) -> str:
    if facts["variant"] == "unclaimed":
        return f"{say.count(len(facts['autopilots']), 'autopilot')} without a drone"
    return "not on record: " + ", ".join(facts["missing"])


_WHAT: Final[dict[str, Callable[[Mapping[str, Any], int], str]]] = {
    "X1": _crash,
    "D1a": _inactive,
    "D3": _outdated,
    "C3": _deaf,
    "X3": _worn,
    "D1b": _rare,
    "C1": _account,
    "C5": _unflown,
    "X2": _unseen,
    "D2": _incidents,
    "C2": _incidents,
    "C4": _scores,
    "M1": _missing,
}
