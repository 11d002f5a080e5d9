"""C4: two low answers of a customer to the effort survey within one month, as findings."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from windsock.collector.cases.known import Event, names_of, tale_of
from windsock.collector.cases.life import Case, Finding
from windsock.collector.cases.rules import c_rules_hold
from windsock.collector.detect.windows import (
    ENOUGH_LOW_SCORES,
    HIGHEST_LOW,
    crowds,
    low_scores,
)
from windsock.collector.roster.owners import Owner, owner_of_account

C4: Final = "C4"
_SEVERITY: Final = 55
_MORE: Final = 5
_MOST: Final = 80
_SURVEYS: Final = """
SELECT survey, account, score, scale, answered_us FROM surveys
WHERE kind = 'CES' AND answered_us <= ? ORDER BY answered_us, survey
"""


def unhappy_customers(
    ledger: sqlite3.Connection, cases: Mapping[str, Case], now_us: int
) -> list[Finding]:
    """One finding for each customer with enough low scores within a month, ever."""
    rows = ledger.execute(_SURVEYS, (now_us,)).fetchall()
    if not rows:
        return []
    score = np.array([row["score"] for row in rows], np.float32)
    scale = np.array([row["scale"] for row in rows], np.float32)
    is_low = low_scores(score, scale)
    low = [row for row, holds in zip(rows, is_low.tolist(), strict=True) if holds]
    ever_good = bool((score > HIGHEST_LOW).any())
    found = []
    for account, scores in _months(low).items():
        owner = owner_of_account(ledger, account, now_us)
        if c_rules_hold(owner):
            found.append(_finding(owner, scores, cases, ever_good=ever_good))
    return found


def _months(low: Sequence[sqlite3.Row]) -> dict[str, list[sqlite3.Row]]:
    names = sorted({row["account"] for row in low})
    place = {name: number for number, name in enumerate(names)}
    subject = np.array([place[row["account"]] for row in low], np.int32)
    at_us = np.array([row["answered_us"] for row in low], np.int64)
    found = crowds(subject, at_us, ENOUGH_LOW_SCORES)
    return {
        names[whose]: [low[index] for index in found.members(row)]
        for row, whose in enumerate(found.subject.tolist())
    }


def _finding(
    owner: Owner, scores: Sequence[sqlite3.Row], cases: Mapping[str, Case], *, ever_good: bool
) -> Finding:
    case = cases.get(owner.customer or "")
    events = [Event([f"survey {row['survey']}"]) for row in scores]
    tale = tale_of(events, case)
    facts: dict[str, Any] = {
        "variant": "scores",
        "scores": [
            {"score": row["score"], "scale": row["scale"], "at_us": row["answered_us"]}
            for row in scores
        ],
        "ever_good": ever_good,
        "names": names_of(events, case),
    }
    return Finding(
        rule=C4,
        subject=owner.customer or "",
        severity=min(_SEVERITY + _MORE * (len(scores) - ENOUGH_LOW_SCORES), _MOST),
        episode=tale.episode,
        news=tale.news,
        facts=facts,
        owner=owner,
        happened_us=scores[-1]["answered_us"],
    )
