"""A CSM's digest: their calls of the day in order, each account once with all its cases. Pure."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from windsock.collector.calls.ranking import Call, OpenCase
from windsock.collector.cases.rows import what_in_words
from windsock.collector.notify import phrases as say
from windsock.collector.notify.notice import Line, Notice, Section
from windsock.collector.notify.values.owners import who
from windsock.collector.notify.values.rules import values_of
from windsock.collector.notify.wording import Wording

_NAMED: Final = 20
"""Further accounts named; of more only their number is."""
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOW: Final = (
    "A case that is answered or snoozed leaves the next digest. `windsock-collector cases` on the"
    " server lists all that are open."
)


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
    away: dict[str, str] = {}  # noqa: RUF012 - nobody changes it
    """Of accounts of absent colleagues: for whom the person stands in."""

    @property
    def empty(self) -> bool:
        """There is nothing to do."""
        return not self.calls and not self.tasks


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
        ],
        created_us=now_us,
    )


def _counted(plan: DayPlan, alone: Sequence[Due]) -> str:
    parts = [say.count(len(plan.calls), "call")] if plan.calls else []
    parts += [say.count(len(alone), "task")] if alone else []
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
    return [*lines, Line("answer", _HOW)]


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
            *_to_say(worst, wording, now_us),
            *([Line("playbook", worst.playbook)] if worst.playbook else []),
        ],
        cases=[case.id for case in call.cases],
    )


def _what(case: OpenCase, now_us: int) -> str:
    about = "" if case.subject == case.account else f"{case.subject} "
    marks = [f"case {case.id}", *(["waited"] if case.waited else []),
             *(["new"] if case.is_new else [])]  # fmt: skip
    return (
        f"{about}{what_in_words(case.rule, case.facts, now_us)} ({case.rule}, {', '.join(marks)})"
    )


def _to_say(case: OpenCase, wording: Wording, now_us: int) -> list[Line]:
    """The first sentence of the worst case, as its own notice has it."""
    values = values_of(case.rule, case.facts, now_us)
    lines = wording.body(case.rule, case.facts["variant"], values)
    return [line for line in lines if line.key == "say"]


def _task_section(task: Due) -> Section:
    lines = [Line("who", task.account), Line("what", task.what), Line("situation", task.says),
             Line("playbook", task.playbook or "")]  # fmt: skip
    return Section(
        headline=f"{task.account}: {task.what}", lines=[line for line in lines if line.text]
    )


def _noon_us(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000_000 + 43_200_000_000
