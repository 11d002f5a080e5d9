from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from windsock.collector.calls.workday import Workdays, hour_us, local_day

OFFICE = Workdays(("mon", "tue", "wed", "thu", "fri"), (date(2026, 12, 25),))


def utc_us(*moment):
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("zone", "day", "hour", "expected"),
    [
        ("UTC", date(2026, 11, 26), 8, (2026, 11, 26, 8)),
        ("Europe/Berlin", date(2026, 7, 1), 8, (2026, 7, 1, 6)),
        ("Europe/Berlin", date(2026, 12, 1), 8, (2026, 12, 1, 7)),
        # 2 o'clock does not exist: it is 3 at once
        ("Europe/Berlin", date(2026, 3, 29), 2, (2026, 3, 29, 1)),
        ("Europe/Berlin", date(2026, 3, 29), 3, (2026, 3, 29, 1)),
        # 2 o'clock comes twice: the first counts
        ("Europe/Berlin", date(2026, 10, 25), 2, (2026, 10, 25, 0)),
        ("Europe/Berlin", date(2026, 10, 25), 3, (2026, 10, 25, 2)),
        ("Pacific/Kiritimati", date(2026, 1, 1), 8, (2025, 12, 31, 18)),
        ("Asia/Kathmandu", date(2028, 2, 29), 8, (2028, 2, 29, 2, 15)),
    ],
)
def test_an_hour_on_the_wall(zone, day, hour, expected):
    assert hour_us(day, hour, ZoneInfo(zone)) == utc_us(*expected)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("America/Los_Angeles", (2026, 3, 1, 7, 59), date(2026, 2, 28)),
        ("America/Los_Angeles", (2026, 3, 1, 8), date(2026, 3, 1)),
        ("Pacific/Auckland", (2028, 2, 28, 11), date(2028, 2, 29)),
    ],
)
def test_which_day_it_is_there(zone, now, expected):
    assert local_day(utc_us(*now), ZoneInfo(zone)) == expected


def test_days_off():
    assert OFFICE.has(date(2026, 12, 24))
    assert not OFFICE.has(date(2026, 12, 25))
    assert not OFFICE.has(date(2026, 12, 26))
    assert OFFICE.since(date(2026, 12, 25)) == date(2026, 12, 28)
    assert OFFICE.before(date(2026, 12, 28)) == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("holidays", "first"),
    [((), date(2026, 11, 23)), ((date(2026, 11, 23),), date(2026, 11, 24))],
)
def test_the_first_working_day_of_a_week(holidays, first):
    office = OFFICE._replace(holidays=holidays)
    week = [date(2026, 11, day) for day in range(23, 30)]

    assert [day for day in week if office.begins_week(day)] == [first]
