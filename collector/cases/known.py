"""What a case tells that is made of several events: which of them it has told already. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from windsock.collector.cases.life import Case


class Event(NamedTuple):
    """One of them, by every name that it goes by: a ticket, an incident, a survey."""

    names: Sequence[str]


class Tale(NamedTuple):
    """How a case of these events is told apart from others."""

    episode: str
    news: str


def tale_of(events: Sequence[Event], case: Case | None) -> Tale:
    """*events*, oldest first, against *case*, the newest of the same rule and subject.

    Events that it holds already are no news, however they are called now: a detection that a
    ticket joins, or one that was taken back. Another event is: it is told while the case is open,
    and opens another where somebody closed it.
    """
    known = set(case.facts["names"]) if case else set()
    fresh = [event.names[0] for event in events if known.isdisjoint(event.names)]
    if case and not fresh:
        return Tale(case.episode, case.news)
    news = f"{len(events)} with {fresh[-1]}"
    is_open = case is not None and case.state != "resolved"
    return Tale(case.episode if case and is_open else news, news)


def newest_of(cases: Iterable[Case]) -> dict[str, Case]:
    """The open case of each subject, or else the newest closed one."""
    by_age = sorted(cases, key=lambda case: (case.state != "resolved", case.id))
    return {case.subject: case for case in by_age}


def names_of(events: Iterable[Event], case: Case | None) -> list[str]:
    """What the case holds from now on; nothing that it once told is forgotten while it stands."""
    now = {name for event in events for name in event.names}
    return sorted(now | set(case.facts["names"] if case else ()))
