"""A CSM's digest: their calls of the day in order, each account once with all its cases. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, NamedTuple

from windsock.collector.calls.ranking import Call, OpenCase
from windsock.collector.cases.rows import what_in_words
from windsock.collector.notify import phrases as say
from windsock.collector.notify.notice import LABELS, Line, Notice, Section
from windsock.collector.notify.values.owners import who
from windsock.collector.notify.values.rules import values_of
from windsock.collector.notify.wording import Wording

_NAMED: Final = 20
"""Further accounts named; of more only their number is."""
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BY_COMMAND: Final = "`windsock-collector answer CASE KIND -c collector.toml` on the server."
_BY_LINK: Final = "By the links below."
_LEAVES: Final = "What is answered or snoozed leaves the next digest."
_LINKS: Final = 5
"""Cases of an account that get a link: mail programs cut what is long."""


class Due(NamedTuple):
    """A periodic task that is due, in words."""

    id: int
    account: str
    what: str
    says: str
    """What there is to know before it is done."""
    playbook: str | None


class DayPlan(NamedTuple):
    """What a person has to do on a day."""

    person: str
    name: str
    day: date
    calls: Sequence[Call]
    more: Sequence[Call]
    """Those for which the digest has no room; it names them."""
    tasks: Sequence[Due]
    errands: Sequence[OpenCase] = ()
    """Cases for which nobody has to be called: something to fill in."""
    away: Mapping[str, str] = MappingProxyType({})
    """Of accounts of absent colleagues: for whom the person stands in."""
    standing: Mapping[str, str] = MappingProxyType({})
    """Of accounts: open tickets and last scores."""
    links: Mapping[int, str] = MappingProxyType({})
    """Of cases: where they are answered, if not by command."""

    @property
    def empty(self) -> bool:
        """There is nothing to do today: old errands alone come with the next digest."""
        return not (self.calls or self.tasks or any(case.is_new for case in self.errands))


def day_in_words(day: date) -> str:
    """``Thursday 26 November 2026``."""
    return f"{_DAYS[day.weekday()]} {say.day(_noon_us(day))}"


def compose_digest(plan: DayPlan, wording: Wording, now_us: int) -> Notice:
    """The notice of a day that is not empty: a section a call, then other accounts' tasks."""
    called = {call.account for call in plan.calls}
    alone = [task for task in plan.tasks if task.account not in called]
    return Notice(
        kind="digest",
        case=None,
        transition=f"{plan.person}.{plan.day}",
        rule="digest",
        subject=plan.name,
        severity=max((call.cases[0].severity for call in plan.calls), default=0),
        headline=f"{day_in_words(plan.day)}: {_counted(plan, alone)}",
        lines=_head(plan),
        sections=[
            *(_section(plan, call, wording, now_us) for call in plan.calls),
            *(_task_section(task) for task in alone),
            *_errands(plan.errands, now_us),
        ],
        created_us=now_us,
    )


def _counted(plan: DayPlan, alone: Sequence[Due]) -> str:
    parts = [say.count(len(plan.calls), "call")] if plan.calls else []
    tasks = len(alone) + len(plan.errands)
    parts += [say.count(tasks, "task")] if tasks else []
    first = f", first {plan.calls[0].account}" if len(plan.calls) > 1 else ""
    return " and ".join(parts) + first


def _head(plan: DayPlan) -> list[Line]:
    waited = sum(case.waited for call in plan.calls for case in call.cases)
    fresh = sum(case.is_new for call in plan.calls for case in call.cases)
    cases = sum(len(call.cases) for call in plan.calls)
    lines = [Line("who", plan.name)]
    if plan.calls:
        late = f" {waited} had to wait for today." if waited else ""
        lines.append(Line("what", f"{say.count(cases, 'open case')}, {fresh} new.{late}"))
    if plan.more:
        names = [f"{call.account} ({len(call.cases)})" for call in plan.more[:_NAMED]]
        rest = len(plan.more) - len(names)
        more = f" and {rest} more" if rest else ""
        lines.append(Line("situation", f"Can wait: {', '.join(names)}{more}."))
    how = _BY_LINK if plan.links else _BY_COMMAND
    return [*lines, Line("answer", f"{how} {_LEAVES}")]


def _section(plan: DayPlan, call: Call, wording: Wording, now_us: int) -> Section:
    worst = call.cases[0]
    more = f" and {len(call.cases) - 1} more" if len(call.cases) > 1 else ""
    away = plan.away.get(call.account)
    stands_in = f"; you stand in for {away}" if away else ""
    tasks = [Line("what", task.what) for task in plan.tasks if task.account == call.account]
    return Section(
        headline=f"{call.account}: {what_in_words(worst.rule, worst.facts, now_us)}{more}",
        lines=[
            Line("who", who(worst.facts["who"]) + stands_in),
            *(Line("what", _what(case, now_us)) for case in call.cases),
            *tasks,
            *_lines(
                say=_to_say(worst, wording, now_us),
                tickets=plan.standing.get(call.account, ""),
                playbook=worst.playbook or "",
                answer=_links(plan, call),
            ),
        ],
        cases=[case.id for case in call.cases],
    )


def _links(plan: DayPlan, call: Call) -> str:
    cases = call.cases[:_LINKS]
    if len(call.cases) == 1:
        return plan.links.get(cases[0].id, "")
    return "; ".join(f"case {case.id} {plan.links[case.id]}" for case in cases if plan.links)


def _lines(**texts: str) -> list[Line]:
    """Those that say something, in the order of a notice."""
    return [Line(key, texts[key]) for key in LABELS if texts.get(key)]


def _what(case: OpenCase, now_us: int, *, named: bool = False) -> str:
    """*named*: with its account, which its section does not say."""
    about = f"{case.subject} " if named or case.subject != case.account else ""
    marks = [f"case {case.id}", *(["waited"] if case.waited else []),
             *(["new"] if case.is_new else [])]  # fmt: skip
    return (
        f"{about}{what_in_words(case.rule, case.facts, now_us)} ({case.rule}, {', '.join(marks)})"
    )


def _to_say(case: OpenCase, wording: Wording, now_us: int) -> str:
    """The first sentence of the worst case, as its own notice has it."""
    values = values_of(case.rule, case.facts, now_us)
    lines = wording.body(case.rule, case.facts["variant"], values)
    return next((line.text for line in lines if line.key == "say"), "")


def _task_section(task: Due) -> Section:
    lines = _lines(
        who=task.account, what=task.what, situation=task.says, playbook=task.playbook or ""
    )
    return Section(headline=f"{task.account}: {task.what}", lines=lines)


def _errands(cases: Sequence[OpenCase], now_us: int) -> list[Section]:
    if not cases:
        return []
    listed = [Line("what", _what(case, now_us, named=True)) for case in cases[:_NAMED]]
    rest = len(cases) - len(listed)
    more = [Line("situation", f"And {rest} more.")] if rest else []
    return [
        Section(
            headline=f"To do at the desk: {say.count(len(cases), 'case')}",
            lines=listed + more,
            cases=[case.id for case in cases],
        )
    ]


def _noon_us(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000_000 + 43_200_000_000
