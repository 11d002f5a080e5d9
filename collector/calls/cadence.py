"""When periodic calls and health checks fall due. Pure: dates in, dates out."""

from datetime import date, timedelta
from typing import Final, NamedTuple
from zlib import crc32

from windsock.collector.calls.workday import Workdays
from windsock.collector.roster.cells import Tier
from windsock.collector.settings import Cadence

LEAD: Final = timedelta(days=7)
"""A task is opened so long before it is due: time for a word with the sales owner."""
QUARTER_END_DAYS: Final = 14
"""The last days of a quarter, in which distributors are not called without a reason."""
_MONTHS: Final = 3


class Account(NamedTuple):
    """Whom a cadence may be for."""

    name: str
    of: str
    """``distributor``, ``direct``; anything else has no cadence."""
    tier: Tier | None
    since: date | None
    """When it became somebody's account; None: always was."""


def cadence_of(account: Account, kind: str, table: tuple[Cadence, ...]) -> Cadence | None:
    """The first line of *table* that fits."""
    fits = (
        line
        for line in table
        if line.kind == kind and line.of == account.of and line.tier in (None, account.tier)
    )
    return next(fits, None)


def falls_due(cadence: Cadence, account: Account, done: date | None, today: date) -> date:
    """When the next one is due: as long after the last one, *done*, as the table says.

    The first of all comes within one period after the account began, on a day of its own, so that
    a new table does not make all tasks due at once.
    """
    every = timedelta(days=cadence.every_days)
    if done is not None:
        return done + every
    own = crc32(f"{cadence.kind} {account.name}".encode()) % cadence.every_days
    due = today + timedelta(days=(own - today.toordinal()) % cadence.every_days)
    while account.since and due < account.since + LEAD:
        due += every
    return due


def settled(due: date, cadence: Cadence, work: Workdays) -> date:
    """*due*, on a working day; a distributor's call not in the last two weeks of a quarter."""
    day = work.since(due)
    if cadence.kind == "call" and cadence.of == "distributor":
        begins = next_quarter(day)
        if day >= begins - timedelta(days=QUARTER_END_DAYS):
            return work.since(begins)
    return day


def next_quarter(day: date) -> date:
    """The first day of the quarter after the one of *day*."""
    quarter = (day.month - 1) // _MONTHS + 1
    return date(day.year + quarter // 4, quarter % 4 * _MONTHS + 1, 1)


def word_with_sales(due: date, today: date, work: Workdays) -> date:
    """When to talk to the sales owner: the working day before the call that is *due*.

    Not in the last two weeks of a quarter, either; then on the morning of the call.
    """
    day = work.before(due)
    near = day >= next_quarter(day) - timedelta(days=QUARTER_END_DAYS)
    return due if near or day < today else day
