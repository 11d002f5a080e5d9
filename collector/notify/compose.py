"""A step in a case's life, made into a notice."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from windsock.collector.notify import phrases as say
from windsock.collector.notify.notice import Notice
from windsock.collector.notify.values import values_of
from windsock.collector.notify.wording import Wording

_ANSWER: Final = (
    "`windsock-collector cases` on the server lists this and all other open cases."
    " Nobody reads replies to this mail."
)


class Step(NamedTuple):
    """What is told: of a case, one transition, as the rule's facts have it."""

    case: int
    transition: str
    rule: str
    subject: str
    severity: int
    basis: str | None
    playbook: str | None
    variant: str
    """Which of the wordings: a basis, a verdict, ``withdrawn``."""
    facts: Mapping[str, Any]
    opened_us: int
    due_us: int


def compose(step: Step, wording: Wording, now_us: int) -> Notice:
    """The notice of *step*, in the words of *wording*."""
    values = values_of(step.rule, step.facts, now_us) | {
        "case": str(step.case),
        "opened": say.moment(step.opened_us),
        "due": say.day(step.due_us),
        "closed": say.moment(now_us),
        "answer": _ANSWER,
        "playbook": step.playbook or "",
    }
    return Notice(
        case=step.case,
        transition=step.transition,
        rule=step.rule,
        subject=step.subject,
        severity=step.severity,
        basis=step.basis,
        headline=wording.headline(step.rule, step.variant, values),
        lines=wording.body(step.rule, step.variant, values),
        created_us=now_us,
    )
