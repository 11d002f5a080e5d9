"""How often a rule was right, by the answers that people gave."""

import sqlite3
from typing import Final, NamedTuple

ENOUGH: Final = 10
"""Answers; of fewer nobody could say how often a rule is wrong. Our choice: at 10 a share of a
half is known to about a third either way."""
_OF_EVENTS: Final = {"X1", "D2", "C2"}
"""Rules about something that happened: that a drone was sold says nothing of it."""
_RIGHT: Final = ("confirmed", "repair")
_RIGHT_OF_STATES: Final = (*_RIGHT, "pause", "sold", "retired")
"""What a rule had seen was so, and these say why."""

_NEWEST: Final = """
SELECT cases.id, (SELECT answer FROM answers WHERE case_id = cases.id
    AND answer IN ('false-alarm', 'confirmed', 'repair', 'pause', 'sold', 'retired')
    ORDER BY answers.id DESC LIMIT 1) AS answer
FROM cases WHERE rule = ?
"""
_COUNTS: Final = f"SELECT answer, count(*) AS number FROM ({_NEWEST}) GROUP BY answer"  # noqa: S608 - put together of our own words


class Precision(NamedTuple):
    """Of a rule's cases, by the last that was said to each."""

    confirmed: int
    """People said that it was so."""
    false_alarms: int
    unanswered: int
    """Nobody said whether it was so."""


def precision_of(ledger: sqlite3.Connection, rule: str) -> Precision:
    """Of all cases that *rule* ever opened."""
    numbers = {row["answer"]: row["number"] for row in ledger.execute(_COUNTS, (rule,))}
    right = _RIGHT if rule in _OF_EVENTS else _RIGHT_OF_STATES
    confirmed = sum(numbers.get(answer, 0) for answer in right)
    wrong = numbers.get("false-alarm", 0)
    return Precision(confirmed, wrong, sum(numbers.values()) - confirmed - wrong)


def how_often_wrong(precision: Precision) -> str:
    """For an alert: ``wrong 3 times in 20, by people's answers``."""
    answers = precision.confirmed + precision.false_alarms
    if answers < ENOUGH:
        some = f"{answers} answer" + ("" if answers == 1 else "s")
        return f"how often it is wrong is not known yet: {some}"
    wrong = precision.false_alarms
    times = {0: "never", 1: "once"}.get(wrong, f"{wrong} times")
    return f"wrong {times} in {answers} answers"
