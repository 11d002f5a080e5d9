"""Cases: what the rules find against what is open. Pure.

A rule's findings are complete: what it no longer finds is over. One case stands open for a rule
and a subject; an *episode* says what it is about, so that the same thing again reopens its case
and another thing opens one. *News* is what there is to tell, and is told once.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from windsock.collector.cases.rules import Audience
from windsock.collector.roster.owners import Owner

DAY_US: Final = 86_400_000_000
FACTS: Final = "facts"
"""Who closed a case that nobody answered."""

Transition = Literal["open", "update", "resolve", "reopen"]


class Finding(NamedTuple):
    """What a rule says of a subject now."""

    rule: str
    subject: str
    severity: int
    episode: str
    news: str
    facts: Mapping[str, Any]
    owner: Owner | None = None
    basis: str | None = None
    happened_us: int | None = None
    """When, for what happens at a moment; None for a state that lasts."""
    interrupts: bool = True
    """False: it belongs into the digest."""
    rationed: bool = True
    """False: it interrupts, however many others did today."""
    silent: bool = False
    """It came of a better measurement of what was judged before (CONTRACTS: flights)."""

    @property
    def csm(self) -> str | None:
        """Whose case it is."""
        return self.owner.csm_email if self.owner else None


class Gone(NamedTuple):
    """Why a rule no longer finds a subject, and whether those who were told hear of it."""

    why: str
    tell: bool = False
    facts: Mapping[str, Any] = {}


class Case(NamedTuple):
    """A case as the ledger has it."""

    id: int
    rule: str
    subject: str
    state: str
    severity: int
    basis: str | None
    csm: str | None
    episode: str
    closed_by: str | None
    facts: Mapping[str, Any]
    news: str
    """The newest, told or not."""
    told: frozenset[tuple[Audience, str]]
    """Who was told at once of which news."""
    listed: frozenset[str] = frozenset()
    """Which news a digest brought."""


class Change(NamedTuple):
    """One step in a case's life; only ``resolve`` has no `finding`, only ``open`` no `case`."""

    transition: Transition
    case: Case | None
    finding: Finding | None
    gone: Gone | None = None


def changes(
    findings: Iterable[Finding], cases: Sequence[Case], gone: Mapping[str, Gone]
) -> list[Change]:
    """What must change so that *cases* of one rule say what its *findings* say.

    *cases* are the open ones and the newest resolved one of each subject; *gone* says why
    subjects are no longer found.
    """
    open_ = {case.subject: case for case in cases if case.state != "resolved"}
    closed = {case.subject: case for case in cases if case.state == "resolved"}
    found = {finding.subject: finding for finding in findings}
    steps = [
        _step(finding, open_.get(subject), closed.get(subject))
        for subject, finding in found.items()
    ]
    over = [
        Change("resolve", case, None, gone.get(subject, Gone("no longer so")))
        for subject, case in open_.items()
        if subject not in found
    ]
    return over + [step for step in steps if step]


def _step(finding: Finding, case: Case | None, last: Case | None) -> Change | None:
    if case:
        changed = _changed(finding, case)
        return Change("update", case, finding) if changed else None
    if last is None or last.episode != finding.episode:
        return Change("open", None, finding)
    return Change("reopen", last, finding) if last.closed_by == FACTS else None


def _changed(finding: Finding, case: Case) -> bool:
    """Not the facts themselves: days and shares move all the time and are news to nobody."""
    now = (finding.severity, finding.basis, finding.csm, finding.episode, finding.news)
    return now != (case.severity, case.basis, case.csm, case.episode, case.news)
