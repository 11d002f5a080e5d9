"""D1a at its edges."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.detect.inactivity import (
    BASES,
    DAY_US,
    Limits,
    inactivity,
    month_later,
    stood_still,
)
from windsock.collector.fleet.arrays import (
    IN_SERVICE,
    MISSING_US,
    NO_SHARE,
    WHOLE,
    Fleet,
    Told,
    counted,
    shares,
)
from windsock.collector.roster.cells import SERVICE_STATES

S = 1_000_000
NOW = 1_800_000_000 * S


def fleet(now_us=NOW, **columns):
    """One drone in service that flew now and was never read since; *columns* say otherwise."""
    said = {
        "owned_from_us": np.int64(0),
        "flights": np.int32(1),
        "flown_us": np.int64(NOW),
        "rested_us": np.int64(0),
        "airborne_s": np.float32(60),
        "quiet_from_us": np.int64(MISSING_US),
        "quiet_until_us": np.int64(MISSING_US),
    }
    told = Told(**{name: np.atleast_1d(columns.pop(name, said[name])) for name in said})
    row = {
        "service": np.int8(IN_SERVICE),
        "idle_s": told.idle_s(now_us),
        "flights": counted(told.flights * (told.flown_us != MISSING_US)),
        "home": np.int32(0),
        "online_share": np.int16(0),
        "month_over": now_us > month_later(told.idle_from_us(now_us)),
        "proven": stood_still(told.quiet_from_us, told.quiet_until_us, Limits()),
    } | columns
    arrays = {name: np.atleast_1d(value) for name, value in row.items()}
    return Fleet(serials=["D1"], stations=["dock"], **arrays)


def us(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * S


def is_overdue(flown_us, now_us, **limits):
    drone = fleet(now_us, flown_us=np.int64(flown_us))
    return bool(inactivity(drone, Limits(**limits)).overdue[0])


@pytest.mark.parametrize(("extra_us", "expected"), [(-S, False), (0, False), (1, True), (S, True)])
def test_thirty_days_and_a_second(extra_us, expected):
    assert is_overdue(NOW - 30 * DAY_US - extra_us, NOW) is expected


@pytest.mark.parametrize(
    ("flown", "last_good"),
    [
        ("2026-01-15T10:00:00", "2026-02-15T10:00:00"),
        ("2026-01-31T10:00:00", "2026-02-28T10:00:00"),
        ("2028-01-31T10:00:00", "2028-02-29T10:00:00"),  # a leap year
        ("2026-02-28T10:00:00", "2026-03-28T10:00:00"),
        ("2026-03-29T00:30:00", "2026-04-29T00:30:00"),  # Europe's clocks change: UTC doesn't
        ("2026-12-31T23:59:59", "2027-01-31T23:59:59"),
    ],
)
def test_one_calendar_month(flown, last_good):
    assert not is_overdue(us(flown) + 1, us(last_good), reading="calendar")
    assert not is_overdue(us(flown), us(last_good), reading="calendar")
    assert is_overdue(us(flown) - 1, us(last_good), reading="calendar")
    assert is_overdue(us(flown), us(last_good) + 1, reading="calendar")


@given(
    back_us=st.integers(0, 100 * DAY_US), now_us=st.integers(100 * DAY_US, 4_000_000_000 * S),
    days=st.integers(1, 90),
)  # fmt: skip
def test_ages_in_seconds_lose_nothing(back_us, now_us, days):
    flown_us = now_us - back_us
    month_us = int(month_later(np.array([flown_us]))[0])

    assert is_overdue(flown_us, now_us, inactive_days=days) is (back_us > days * DAY_US)
    assert is_overdue(flown_us, now_us + 7, inactive_days=days) is (back_us + 7 > days * DAY_US)
    assert is_overdue(flown_us, now_us, reading="calendar") is (now_us > month_us)


def test_a_calendar_month_that_began_at_midnight_is_not_over_days_before():
    """As an age in whole seconds would have it: half a second before is February's last day."""
    flown_us = us("2026-03-01T00:00:00")

    assert not is_overdue(flown_us, us("2026-03-29T00:00:00") + S // 2, reading="calendar")
    assert not is_overdue(flown_us, us("2026-04-01T00:00:00"), reading="calendar")
    assert is_overdue(flown_us, us("2026-04-01T00:00:00") + 1, reading="calendar")


def test_only_drones_in_service_that_have_flown():
    long_ago = np.int64(NOW - 99 * DAY_US)
    by_state = {
        state: inactivity(fleet(flown_us=long_ago, service=np.int8(code)), Limits()).overdue[0]
        for code, state in enumerate(SERVICE_STATES)
    }

    assert [state for state, overdue in by_state.items() if overdue] == ["in_service"]
    assert not inactivity(fleet(flown_us=np.int64(MISSING_US)), Limits()).overdue[0]


def basis(**columns):
    drone = fleet(flown_us=np.int64(NOW - 40 * DAY_US), **columns)
    return inactivity(drone, Limits()).basis_of(0)


@pytest.mark.parametrize(
    ("read_us", "expected"),
    [(-1, "unseen"), (0, "unseen"), (1, "proven"), (9 * DAY_US, "proven")],
)
def test_proven_where_the_counter_stood_still_for_over_a_month(read_us, expected):
    since = NOW - 40 * DAY_US
    read = since + 30 * DAY_US + read_us

    assert basis(quiet_from_us=np.int64(since), quiet_until_us=np.int64(read)) == expected


@pytest.mark.parametrize(
    ("hours", "expected"), [(863, "unseen"), (864, "presumed"), (960, "presumed")]
)
def test_presumed_where_the_home_station_was_up_nine_tenths(hours, expected):
    share = shares(np.array([hours]), np.array([960]))
    assert basis(online_share=share) == expected


@given(whole=st.integers(1, 10**6), online=st.floats(0, 1), more=st.integers(0, 1))
def test_a_share_is_at_least_its_threshold_exactly_where_it_is(whole, online, more):
    part = round(online * whole)
    limit = part * WHOLE // whole + more
    (share,) = shares(np.array([part]), np.array([whole]))

    assert (share >= limit) == (part * WHOLE >= limit * whole)


def test_unseen_where_there_is_no_share():
    assert basis(online_share=np.int16(NO_SHARE)) == "unseen"


def test_what_was_presumed_needs_more_than_an_hour_to_be_unseen():
    drone = fleet(flown_us=np.int64(NOW - 40 * DAY_US), online_share=np.int16(8600))
    before = np.array([True])

    assert inactivity(drone, Limits(), before).basis_of(0) == "presumed"
    lower = replace(drone, online_share=np.array([8499], np.int16))
    assert inactivity(lower, Limits(), before).basis_of(0) == "unseen"


@pytest.mark.parametrize(("us", "expected"), [(-1, True), (0, True), (1, False)])
def test_support_looks_for_the_unseen_for_45_days(us, expected):
    drone = fleet(flown_us=np.int64(NOW - 45 * DAY_US - us))

    found = inactivity(drone, Limits())
    assert BASES[found.basis[0]] == "unseen"
    assert found.for_support[0] == expected
