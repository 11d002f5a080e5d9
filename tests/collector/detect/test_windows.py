"""D2, C2 and C4 at their edges, and which ticket is which detection."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.detect.windows import (
    ENOUGH_INCIDENTS,
    ENOUGH_LOW_SCORES,
    JOIN_US,
    MONTH_US,
    crowds,
    joined,
    low_scores,
)

S = 1_000_000
HOUR, DAY = 3600 * S, 86_400 * S


def us(*date):
    return int(datetime(*date, tzinfo=UTC).timestamp()) * S


def months(at_us, enough=ENOUGH_INCIDENTS, subject=None):
    """The members of each subject's month, by time."""
    subject = [0] * len(at_us) if subject is None else subject
    found = crowds(np.array(subject, np.int32), np.array(at_us, np.int64), enough)
    return {
        int(whose): [at_us[member] for member in found.members(row)]
        for row, whose in enumerate(found.subject)
    }


@pytest.mark.parametrize(
    ("at_us", "expected"),
    [
        ([], None),
        ([0], None),
        ([0, 1], None),
        ([0, 1, 2], [0, 1, 2]),
        ([0, 10 * DAY, 30 * DAY], [0, 10 * DAY, 30 * DAY]),  # 30 days exactly
        ([0, 10 * DAY, 30 * DAY + 1], None),
        ([0, 10 * DAY, 30 * DAY + S], None),  # a second more
        ([0, 10 * DAY, 31 * DAY], None),
        ([0, 0, 0], [0, 0, 0]),  # three drones hit at one moment
        ([0, 20 * DAY, 29 * DAY, 45 * DAY], [20 * DAY, 29 * DAY, 45 * DAY]),
        ([0, DAY, 2 * DAY, 100 * DAY], [0, DAY, 2 * DAY]),  # the newest month that had enough
        ([0, DAY, 2 * DAY, 3 * DAY], [0, DAY, 2 * DAY, 3 * DAY]),
        ([0, DAY, 2 * DAY, 100 * DAY, 101 * DAY, 102 * DAY], [100 * DAY, 101 * DAY, 102 * DAY]),
    ],
)
def test_three_within_thirty_days(at_us, expected):
    for given_in_any_order in permutations(at_us) if len(at_us) < 5 else [at_us]:
        found = months(list(given_in_any_order))
        assert found == ({} if expected is None else {0: expected})


@pytest.mark.parametrize(
    ("first", "last", "within"),
    [
        (us(2025, 1, 31), us(2025, 3, 2), True),  # a month end: 30 days, not a month
        (us(2025, 1, 31), us(2025, 3, 2, 0, 0, 1), False),
        (us(2024, 2, 1), us(2024, 3, 2), True),  # a leap day lies between
        (us(2024, 2, 1), us(2024, 3, 3), False),
        (us(2025, 2, 1), us(2025, 3, 3), True),  # and here none does
        (us(2025, 12, 15), us(2026, 1, 14), True),
        (us(2025, 12, 15), us(2026, 1, 15), False),
    ],
)
def test_thirty_days_are_thirty_days_in_any_month(first, last, within):
    assert bool(months([first, first + DAY, last])) is within


@pytest.mark.parametrize(("hours", "within"), [(0, True), (1, False)])
def test_daylight_saving_lengthens_no_month(hours, within):
    """Oslo's clocks went back on 2025-10-26: the same time of day is 30 days and an hour later."""
    summer, winter = timedelta(hours=2), timedelta(hours=1)
    first = datetime(2025, 10, 10, 12, tzinfo=UTC) - summer
    last = datetime(2025, 11, 9, 12, tzinfo=UTC) - winter - timedelta(hours=1 - hours)
    moments = [int(moment.timestamp()) * S for moment in (first, first, last)]

    assert bool(months(moments)) is within


def test_each_subject_has_months_of_its_own():
    found = months([0, 1, 2, 0, 1, 3, 4, 5], subject=[7, 7, 7, 8, 8, 9, 9, 9])

    assert found == {7: [0, 1, 2], 9: [3, 4, 5]}


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 90)), max_size=12),
    st.integers(2, 3),
)
def test_as_counted_by_hand(events, enough):
    """A month has enough if any that many lie within it."""
    subject, day = [event[0] for event in events], [event[1] for event in events]
    found = months([d * DAY for d in day], enough, subject)

    for whose in range(3):
        own = sorted(d for s, d in events if s == whose)
        ends = [some[-1] for some in combinations(own, enough) if some[-1] - some[0] <= 30]
        expected = [d * DAY for d in own if max(ends) - 30 <= d <= max(ends)] if ends else None
        assert found.get(whose) == expected


@pytest.mark.parametrize(
    ("score", "scale", "low"),
    [(1, 7, True), (5, 7, True), (6, 7, False), (7, 7, False), (5, 10, False), (3, 5, False)],
)
def test_low_is_one_to_five_of_seven(score, scale, low):
    assert low_scores(np.array([score], np.float32), np.array([scale], np.float32)) == [low]


@pytest.mark.parametrize(("apart_us", "within"), [(MONTH_US, True), (MONTH_US + 1, False)])
def test_two_low_scores_within_a_month(apart_us, within):
    assert bool(months([0, apart_us], ENOUGH_LOW_SCORES)) is within


@pytest.mark.parametrize(
    ("tickets", "events", "expected"),
    [
        ([], [0], []),
        ([0], [], []),
        ([0], [JOIN_US], [(0, 0)]),
        ([0], [JOIN_US + 1], []),
        ([JOIN_US], [0], [(0, 0)]),  # the ticket may be dated later or earlier
        ([0], [HOUR, -2 * HOUR], [(0, 0)]),  # the nearest
        ([0, HOUR], [HOUR], [(1, 0)]),  # one to one: the other is its own
        ([0, 3 * HOUR], [2 * HOUR, 40 * HOUR], [(0, 1), (1, 0)]),  # nearest first, then the rest
        ([0], [HOUR, -HOUR], [(0, 1)]),  # as near: the earlier event
        ([HOUR, -HOUR], [0], [(1, 0)]),  # as near: the earlier ticket
        ([0, 0, 0], [0], [(0, 0)]),
    ],
)
def test_a_ticket_and_a_detection_of_one_event_are_one(tickets, events, expected):
    assert joined(tickets, events) == expected


@given(
    st.lists(st.integers(0, 400).map(lambda hour: hour * HOUR), max_size=8),
    st.lists(st.integers(0, 400).map(lambda hour: hour * HOUR), max_size=8),
)
def test_joins_are_one_to_one_near_and_leave_no_pair_that_could_be(tickets, events):
    pairs = joined(tickets, events)

    assert len({ticket for ticket, _ in pairs}) == len({event for _, event in pairs}) == len(pairs)
    assert all(abs(tickets[t] - events[e]) <= JOIN_US for t, e in pairs)
    free = set(range(len(tickets))) - {t for t, _ in pairs}
    left = set(range(len(events))) - {e for _, e in pairs}
    assert not any(abs(tickets[t] - events[e]) <= JOIN_US for t in free for e in left)
