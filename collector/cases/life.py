"""Cases: what the rules find against what is open. Pure: time passes in.

A rule's findings are complete: what it no longer finds is over. One case stands open for a rule
and a subject; an *episode* says what it is about, so that the same thing again reopens its case
and another thing opens one. *News* is what there is to tell, and is told once.

What a person closed stays closed until the facts agree: then it is *over*, and when the same
comes back after that, it is another matter. A snooze ends by itself, and what still stands then
is told again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from windsock.collector.cases.rules import Audience
from windsock.collector.roster.owners import Owner

DAY_US: Final = 86_400_000_000
FACTS: Final = "facts"
"""Who closed a case that nobody answered."""

AGAIN_US: Final = 7 * DAY_US
"""What comes back within a week is the same, and no news. Our choice."""

Transition = Literal["open", "update", "resolve", "reopen", "wake", "over"]


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
    recurs: bool = False
    """Its episode always has the same name: what comes back after a week is another one."""
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
    ended_us: int | None = None
    """Of a closed case: when the facts agreed; None: they did not yet."""
    snoozed_until_us: int | None = None

    @property
    def is_open(self) -> bool:
        """It is to be worked on, now or later."""
        return self.state != "resolved"

    @property
    def is_answered(self) -> bool:
        """A person closed it."""
        return not self.is_open and self.closed_by != FACTS

    def as_untold(self) -> "Case":
        """As if nobody had heard of it: its snooze is over."""
        return self._replace(state="open", told=frozenset(), listed=frozenset())


class Change(NamedTuple):
    """One step in a case's life; ``open`` has no `case`, ``resolve`` and ``over`` no `finding`."""

    transition: Transition
    case: Case | None
    finding: Finding | None
    gone: Gone | None = None


def changes(
    findings: Iterable[Finding], cases: Sequence[Case], gone: Mapping[str, Gone], now_us: int
) -> list[Change]:
    """What must change at *now_us* so that *cases* of one rule say what its *findings* say.

    *cases* are the open ones and the newest resolved one of each subject; *gone* says why
    subjects are no longer found.
    """
    open_ = {case.subject: case for case in cases if case.is_open}
    closed = {case.subject: case for case in cases if not case.is_open}
    found = {finding.subject: finding for finding in findings}
    steps = [
        _step(finding, open_.get(subject), closed.get(subject), now_us)
        for subject, finding in found.items()
    ]
    ends = [
        Change("resolve" if case.is_open else "over", case, None, gone.get(subject, _NO_LONGER))
        for subject, case in (closed | open_).items()
        if subject not in found and (case.is_open or case.ended_us is None)
    ]
    return ends + [step for step in steps if step]


_NO_LONGER: Final = Gone("no longer so")


def _step(finding: Finding, case: Case | None, last: Case | None, now_us: int) -> Change | None:
    if case:
        return _kept(finding, case, now_us)
    if last is None or last.episode != finding.episode:
        return Change("open", None, finding)
    if last.ended_us is None:
        return None
    if (finding.recurs or last.is_answered) and now_us - last.ended_us > AGAIN_US:
        return Change("open", None, finding)
    return None if last.is_answered else Change("reopen", last, finding)


def _kept(finding: Finding, case: Case, now_us: int) -> Change | None:
    if case.state == "snoozed" and _wakes(finding, case, now_us):
        return Change("wake", case.as_untold(), finding)
    return Change("update", case, finding) if _changed(finding, case) else None


def _wakes(finding: Finding, case: Case, now_us: int) -> bool:
    """Its time has come; or another crash: nobody's quiet is worth that."""
    another = not finding.rationed and finding.news != case.news
    return another or (case.snoozed_until_us or 0) <= now_us


def _changed(finding: Finding, case: Case) -> bool:
    """Not the facts themselves: days and shares move all the time and are news to nobody."""
    now = (finding.severity, finding.basis, finding.csm, finding.episode, finding.news)
    return now != (case.severity, case.basis, case.csm, case.episode, case.news)
