"""Cases as their events tell of them: what was told to whom, when a snooze ended, what is over."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from windsock.collector.cases.life import FACTS, Case
from windsock.collector.cases.rules import Audience

_HEARD: Final[Mapping[str, Audience]] = {
    "notify": "csm",
    "no-csm": "support",
    "support": "support",
}
"""Decisions that told somebody at once, and whom."""
IN_DIGEST: Final = "in-digest"
"""What an event says by which a digest brought a case."""

_CASES: Final = """
SELECT * FROM cases WHERE rule = :rule
    AND (:subjects IS NULL OR subject IN (SELECT value FROM json_each(:subjects)))
    AND (state <> 'resolved' OR id IN (
        SELECT max(id) FROM cases WHERE rule = :rule AND state = 'resolved' GROUP BY subject))
"""
_EVENTS: Final = """
SELECT * FROM case_events WHERE case_id IN (SELECT value FROM json_each(?)) ORDER BY id
"""


def load_cases(
    ledger: sqlite3.Connection, rule: str, subjects: Iterable[str] | None = None
) -> list[Case]:
    """The open cases of *rule*, and the newest resolved one of each subject."""
    among = None if subjects is None else _json(sorted(subjects))
    rows = ledger.execute(_CASES, {"rule": rule, "subjects": among}).fetchall()
    tellings: defaultdict[int, _Telling] = defaultdict(_Telling)
    for event in ledger.execute(_EVENTS, (_json([row["id"] for row in rows]),)):
        tellings[event["case_id"]].add(event)
    return [_case(row, tellings[row["id"]]) for row in rows]


class _Telling:
    """What a case's events say so far."""

    def __init__(self) -> None:
        self.news = ""
        self.told: set[tuple[Audience, str]] = set()
        self.listed: set[str] = set()
        self.over_us: int | None = None

    def add(self, event: sqlite3.Row) -> None:
        self.news = event["news"]
        if event["transition"] == "wake":  # what was told before the snooze is told again
            self.told.clear()
            self.listed.clear()
        self.over_us = event["at_us"] if event["transition"] == "over" else None
        if event["decision"] in _HEARD:
            self.told.add((_HEARD[event["decision"]], event["news"]))
        if event["decision"] == IN_DIGEST:
            self.listed.add(event["news"])


def _case(row: sqlite3.Row, telling: _Telling) -> Case:
    by_facts = row["closed_by"] == FACTS
    return Case(
        id=row["id"],
        rule=row["rule"],
        subject=row["subject"],
        state=row["state"],
        severity=row["severity"],
        basis=row["basis"],
        csm=row["csm"],
        episode=row["episode"],
        closed_by=row["closed_by"],
        facts=msgspec.json.decode(row["facts"]),
        news=telling.news,
        told=frozenset(telling.told),
        listed=frozenset(telling.listed),
        ended_us=row["closed_us"] if by_facts else telling.over_us,
        snoozed_until_us=row["snoozed_until_us"],
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
