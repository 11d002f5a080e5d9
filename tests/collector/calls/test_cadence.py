from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.calls.cadence import (
    LEAD,
    Account,
    cadence_of,
    falls_due,
    settled,
    word_with_sales,
)
from windsock.collector.calls.workday import Workdays
from windsock.collector.settings import Cadence

WORK = Workdays(("mon", "tue", "wed", "thu", "fri"), (date(2027, 1, 1),))
TODAY = date(2026, 11, 26)
DEALER = Account("Nordwind", "distributor", None, None)
CALL = Cadence(kind="call", of="distributor", every_days=90, playbook="P")
CHECK = Cadence(kind="health-check", of="distributor", every_days=30, playbook="P")


def test_the_first_line_that_fits_holds():
    large = Cadence(kind="call", of="distributor", tier="large", every_days=30, playbook="L")
    table = (CHECK, large, CALL)

    assert cadence_of(DEALER._replace(tier="large"), "call", table) is large
    assert cadence_of(DEALER, "call", table) is CALL
    assert cadence_of(DEALER._replace(of="direct"), "call", table) is None


def test_the_next_one_runs_from_the_last():
    assert falls_due(CALL, DEALER, date(2026, 10, 1), TODAY) == date(2026, 12, 30)


@given(name=st.text(max_size=20), later=st.integers(0, 89))
def test_the_first_one_comes_within_a_period_and_waits_for_its_day(name, later):
    account = DEALER._replace(name=name)
    due = falls_due(CALL, account, None, TODAY)

    assert TODAY <= due < TODAY + timedelta(days=90)
    if TODAY + timedelta(days=later) <= due:
        assert falls_due(CALL, account, None, TODAY + timedelta(days=later)) == due


def test_a_new_account_is_not_called_at_once():
    since = falls_due(CALL, DEALER, None, TODAY) - LEAD + timedelta(days=1)
    due = falls_due(CALL, DEALER._replace(since=since), None, since)

    assert due > since + LEAD


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (date(2026, 12, 17), date(2026, 12, 17)),
        (date(2026, 12, 18), date(2027, 1, 4)),  # 1 January is a holiday
        (date(2026, 12, 31), date(2027, 1, 4)),
        (date(2026, 9, 16), date(2026, 9, 16)),
        (date(2026, 9, 17), date(2026, 10, 1)),
        (date(2028, 3, 17), date(2028, 3, 17)),
        (date(2028, 3, 18), date(2028, 4, 3)),  # a Saturday, and within the last 14 days
        (date(2026, 6, 13), date(2026, 6, 15)),
    ],
)
def test_distributors_are_left_alone_at_the_end_of_a_quarter(due, expected):
    assert settled(due, CALL, WORK) == expected


def test_health_checks_and_direct_customers_are_not():
    day = date(2026, 12, 21)

    assert settled(day, CHECK, WORK) == day
    direct = Cadence(kind="call", of="direct", every_days=90, playbook="P")
    assert settled(day, direct, WORK) == day


@pytest.mark.parametrize(
    ("due", "today", "expected"),
    [
        (date(2026, 11, 30), TODAY, date(2026, 11, 27)),
        (date(2026, 11, 26), TODAY, date(2026, 11, 26)),
        (date(2027, 1, 4), date(2026, 12, 11), date(2027, 1, 4)),  # before is the quarter's end
    ],
)
def test_a_word_with_the_sales_owner_first(due, today, expected):
    assert word_with_sales(due, today, WORK) == expected


@given(
    due=st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    lead=st.integers(0, 7),
)
def test_both_are_on_working_days_and_in_order(due, lead):
    day = settled(due, CALL, WORK)
    word = word_with_sales(day, due - timedelta(days=lead), WORK)

    assert WORK.has(day)
    assert word <= day
    assert day >= due
