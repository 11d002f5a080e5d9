"""D2, C2, C4: so many within one month, and which ticket is which detection. Pure.

Readings, edges and their sources: docs/cases.md.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.fleet.arrays import Index, Mask, Micros, Reals

MONTH_US: Final = 30 * 86_400 * 1_000_000
"""One month of the triggers: newest - oldest, both included. CONTRACTS: cases."""
ENOUGH_INCIDENTS: Final = 3
"""Critical incidents within one month. DESIGN: D2, C2."""
ENOUGH_LOW_SCORES: Final = 2
"""DESIGN: C4."""
HIGHEST_LOW: Final = 5
SCALE: Final = 7
"""A CES of 1 to 5 on a scale of 1 to 7 is low. DESIGN: C4."""
JOIN_US: Final = 48 * 3600 * 1_000_000
"""A ticket and a detection of one drone no further apart are one event. CONTRACTS: cases."""

Positions = npt.NDArray[np.intp]


class Crowds(NamedTuple):
    """The newest month with enough in it, of each of k subjects that ever had one."""

    subject: Index
    first: Positions
    """Of each, where its month begins in `order` ..."""
    last: Positions
    """... and where it ends: the newest that had enough in the month before it."""
    order: Positions
    """Indices of what was given, by subject and time."""

    def members(self, row: int) -> list[int]:
        """Indices of what was given that lie in the month of subject *row*, oldest first."""
        return [int(one) for one in self.order[self.first[row] : self.last[row] + 1]]


def crowds(subject: Index, at_us: Micros, enough: int, within_us: int = MONTH_US) -> Crowds:
    """Where *enough* of the same subject happened with newest - oldest <= *within_us*.

    *subject* (n,) and *at_us* (n,) in any order; the same moment counts as often as it comes.
    """
    order = np.lexsort((at_us, subject))
    whose, when = subject[order], at_us[order]
    ends = np.arange(enough - 1, len(order))
    starts = ends - (enough - 1)
    close = (whose[ends] == whose[starts]) & (when[ends] - when[starts] <= within_us)
    last = ends[close]
    newest = np.append(np.diff(whose[last]) != 0, True)[: len(last)]
    last = last[newest]
    first = np.array([_begin(whose, when, int(end), within_us) for end in last.tolist()], np.intp)
    return Crowds(whose[last], first, last, order)


def low_scores(score: Reals, scale: Reals) -> Mask:
    """(n,) 1 to 5 on a scale of 1 to 7; of another scale nothing is said."""
    low: Mask = (scale == SCALE) & (score <= HIGHEST_LOW)
    return low


def joined(
    ticket_us: Sequence[int], event_us: Sequence[int], within_us: int = JOIN_US
) -> list[tuple[int, int]]:
    """(ticket, event) pairs of one drone that are one thing: nearest first, one to one.

    Of equal distances the earlier event goes first, then the earlier ticket.
    """
    taken_tickets: set[int] = set()
    taken_events: set[int] = set()
    pairs = []
    for _, _, _, event, ticket in sorted(_near(ticket_us, event_us, within_us)):
        if ticket not in taken_tickets and event not in taken_events:
            pairs.append((ticket, event))
            taken_tickets.add(ticket)
            taken_events.add(event)
    return sorted(pairs)


def _begin(whose: Index, when: Micros, end: int, within_us: int) -> int:
    """The oldest of the same subject within the month that ends at *end*."""
    own = int(np.searchsorted(whose, whose[end]))
    return own + int(np.searchsorted(when[own : end + 1], when[end] - within_us))


def _near(
    ticket_us: Sequence[int], event_us: Sequence[int], within_us: int
) -> Iterator[tuple[int, int, int, int, int]]:
    for ticket, said_us in enumerate(ticket_us):
        for event, at_us in enumerate(event_us):
            apart_us = abs(at_us - said_us)
            if apart_us <= within_us:
                yield apart_us, at_us, said_us, event, ticket
