"""In which order to call. Pure.

What should have interrupted but had to wait comes first; then the account whose worst case is the
most severe, where further cases and a large account weigh more. The weights are our choice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import Any, Final, NamedTuple

MORE_CASES: Final = 3
"""Severity that each further case of an account adds ..."""
MOST_CASES: Final = 4
"""... for so many of them."""
LARGE: Final = 10
"""What a large account adds: as much as a whole account's silence has over a drone's."""


class OpenCase(NamedTuple):
    """A case that waits for an answer."""

    id: int
    rule: str
    subject: str
    account: str
    csm: str | None
    severity: int
    opened_us: int
    facts: Mapping[str, Any]
    playbook: str | None
    """None: nobody has to be called for it."""
    waited: bool
    """It was to interrupt, and there was no room for it."""
    is_new: bool
    """Nobody was told of it yet as it stands."""


class Call(NamedTuple):
    """One account, and all that there is to say to it; the worst case first."""

    account: str
    cases: list[OpenCase]
    large: bool

    @property
    def waited(self) -> bool:
        """One of its cases was to interrupt."""
        return any(case.waited for case in self.cases)

    @property
    def weight(self) -> int:
        """The more, the earlier."""
        more = min(len(self.cases) - 1, MOST_CASES)
        return self.cases[0].severity + MORE_CASES * more + LARGE * self.large


def ranked_calls(cases: Iterable[OpenCase], large: Set[str]) -> list[Call]:
    """One call an account, in the order in which to make them."""
    of: defaultdict[str, list[OpenCase]] = defaultdict(list)
    for case in cases:
        of[case.account].append(case)
    calls = [
        Call(account, sorted(some, key=_case_order), account in large)
        for account, some in of.items()
    ]
    return sorted(calls, key=_call_order)


def _case_order(case: OpenCase) -> tuple[bool, int, int]:
    return not case.waited, -case.severity, case.id


def _call_order(call: Call) -> tuple[bool, int, int, str]:
    return not call.waited, -call.weight, min(case.opened_us for case in call.cases), call.account
