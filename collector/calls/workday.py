"""When somebody works, by the clock and the calendar on their wall. Pure: time passes in."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_S: Final = 1_000_000


class Workdays(NamedTuple):
    """Days of the week on which people work, and days on which nobody does."""

    days: tuple[str, ...]
    """Of ``mon`` to ``sun``, one at least."""
    holidays: tuple[date, ...] = ()

    def has(self, day: date) -> bool:
        """People work on *day*."""
        return _NAMES[day.weekday()] in self.days and day not in self.holidays

    def since(self, day: date) -> date:
        """The first of them from *day* on."""
        while not self.has(day):
            day += timedelta(days=1)
        return day

    def before(self, day: date) -> date:
        """The last of them before *day*."""
        day -= timedelta(days=1)
        while not self.has(day):
            day -= timedelta(days=1)
        return day

    def begins_week(self, day: date) -> bool:
        """*day* is the first of them in its week, which begins on a Monday."""
        return self.has(day) and self.before(day) < day - timedelta(days=day.weekday())


def local_day(now_us: int, zone: tzinfo) -> date:
    """Which day it is there."""
    return datetime.fromtimestamp(now_us // _S, UTC).astimezone(zone).date()


def hour_us(day: date, hour: int, zone: tzinfo) -> int:
    """When *hour* o'clock of *day* is there, microseconds UTC.

    The first of two where clocks go back over it; where they go forward over it, the moment at
    which they do (PEP 495: ``fold=0`` counts a time that is skipped from the offset before it).
    """
    return int(datetime.combine(day, time(hour), zone).timestamp()) * _S
