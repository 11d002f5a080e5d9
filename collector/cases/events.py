"""The life of one case, step by step: what happened, who or what made it, who was told and why."""

import sqlite3
from typing import Any

import msgspec


class CaseEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `actor` is ``facts``, or the person who answered."""

    case: int
    at_us: int
    transition: str
    actor: str
    decision: str
    """Why somebody was told, or nobody; ``answered`` where a person spoke."""
    news: str
    detail: dict[str, Any]


class NoSuchCaseError(Exception):
    """There is no case of this number."""


def case_events(ledger: sqlite3.Connection, case: int) -> list[CaseEvent]:
    """All steps of *case*, the oldest first. Raises NoSuchCaseError."""
    rows = ledger.execute(
        'SELECT case_id AS "case", at_us, transition, actor, decision, news, detail'
        " FROM case_events WHERE case_id = ? ORDER BY id",
        (case,),
    ).fetchall()
    if not rows:
        raise NoSuchCaseError(f"there is no case {case}")
    return [
        CaseEvent(**(dict(row) | {"detail": msgspec.json.decode(row["detail"])})) for row in rows
    ]
