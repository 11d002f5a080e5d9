"""What the placeholders in a rule's template stand for.

A case's facts are numbers and names (`collector/cases/judge`); here they become words.
"""

from typing import Final

from windsock.collector.notify.values.flights import FLIGHTS
from windsock.collector.notify.values.outside import OUTSIDE
from windsock.collector.notify.values.owners import Facts, Values
from windsock.collector.notify.values.silence import SILENCE
from windsock.collector.notify.values.software import SOFTWARE

_OF_RULE: Final = FLIGHTS | SILENCE | SOFTWARE | OUTSIDE
_OF_CASE: Final = {
    "case", "opened", "due", "closed", "wrong", "tickets", "playbook", "answer", "links",
}  # fmt: skip
"""Filled in where the notice is made, for every rule."""
PLACEHOLDERS: Final = {rule: words.names | _OF_CASE for rule, words in _OF_RULE.items()}
"""What each rule's template may ask for."""


def values_of(rule: str, facts: Facts, now_us: int) -> Values:
    """Words for every placeholder that *rule*'s template may have."""
    return _OF_RULE[rule].fill(facts, now_us)
