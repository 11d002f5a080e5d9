"""A step in a case's life, made into a notice."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from windsock.collector.notify import phrases as say
from windsock.collector.notify.notice import Notice
from windsock.collector.notify.values.rules import values_of
from windsock.collector.notify.wording import Wording


class Beside(NamedTuple):
    """What stands beside a case's own facts, in words; empty: nothing to say."""

    wrong: str = ""
    """How often its rule has been wrong."""
    tickets: str = ""
    """Open tickets and last scores."""
    answer: str = ""
    """Where it is answered: an address, or a command."""
    links: str = ""


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
    beside: Beside = Beside()


def compose(step: Step, wording: Wording, now_us: int) -> Notice:
    """The notice of *step*, in the words of *wording*."""
    values = values_of(step.rule, step.facts, now_us) | {
        "case": str(step.case),
        "opened": say.moment(step.opened_us),
        "due": say.day(step.due_us),
        "closed": say.moment(now_us),
        "playbook": step.playbook or "",
        **step.beside._asdict(),
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
