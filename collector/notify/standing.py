"""How an account stands, in one line of an alert: open tickets, last scores. Pure."""

from typing import Final

from windsock.collector.cases.situation import Score, Situation, Ticket
from windsock.collector.notify import phrases as say

_MOST: Final = 3


def in_one_line(situation: Situation) -> str:
    """``2 open tickets (T-17, critical, 3 May 2026; T-9); CES 5 of 7 on 2 May 2026``."""
    scores = "; ".join(map(_score, situation.last_scores)) or "no survey answers"
    return f"{_tickets(situation.open_tickets)}; {scores}."


def _tickets(tickets: list[Ticket]) -> str:
    if not tickets:
        return "No open tickets"
    named = "; ".join(map(_ticket, tickets[:_MOST]))
    dots = "; ..." if len(tickets) > _MOST else ""
    return f"{say.count(len(tickets), 'open ticket')} ({named}{dots})"


def _ticket(ticket: Ticket) -> str:
    parts = [ticket.ticket, "critical" if ticket.critical else "", ticket.drone or ""]
    when = "" if ticket.at_us is None else say.day(ticket.at_us)
    return ", ".join(filter(None, [*parts, when]))


def _score(score: Score) -> str:
    of = "" if score.kind == "NPS" else f" of {say.number(score.scale)}"
    return f"{score.kind} {say.number(score.score)}{of} on {say.day(score.answered_us)}"
