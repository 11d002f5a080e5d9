"""Time stamps that can't be true are found, true ones are left alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from windsock.agent.logs.stamps import (
    NO_STAMP,
    ahead,
    beyond_end,
    earliest,
    out_of_order,
    spikes,
    stale_from,
)

SECOND = 1_000_000
ANY = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=200).map(
    lambda values: np.array(values, np.int64)
)


def steady(count=300, step_us=10_000, first_us=50 * SECOND):
    return first_us + step_us * np.arange(count)


def where(mask):
    return np.flatnonzero(mask).tolist()


@given(ANY)
def test_no_stamps_upset_them(times):
    for mask in (out_of_order(times, SECOND), beyond_end(times), ahead(times), spikes(times)):
        assert mask.shape == times.shape
    assert 0 <= stale_from(times) <= len(times)
    earliest(times)


def test_a_steady_log_has_nothing_out_of_order_even_with_pauses():
    times = np.r_[steady(), steady() + 3_600 * SECOND]
    assert not out_of_order(times, SECOND).any()
    assert not ahead(times).any()
    assert not spikes(times).any()
    assert stale_from(times) == len(times)


def test_flipped_bits_are_out_of_order_both_ways():
    times = steady()
    times[[0, 100, 200, 299]] ^= np.array([1 << 40, 1 << 25, 1 << 62, -(1 << 63)])
    assert where(out_of_order(times, 600 * SECOND)) == [0, 100, 200, 299]
    assert where(out_of_order(times[::-1], 600 * SECOND)) == [0, 99, 199, 299]


def test_a_few_messages_after_a_pause_are_true_unless_the_pause_is_too_long():
    times = np.r_[steady(), steady(3) + 80 * SECOND]
    assert not out_of_order(times, 600 * SECOND).any()
    assert where(out_of_order(times, SECOND)) == [300, 301, 302]


def test_old_messages_are_not_beyond_the_end_but_negative_ones_are():
    times = steady()
    times[[3, 4, 5, 6]] = [5, -5, NO_STAMP, 3_600 * SECOND]
    assert where(beyond_end(times)) == [4, 6]


def test_a_stamp_that_the_messages_behind_it_do_not_reach_is_ahead():
    times = steady(2_000)
    times[[500, 501]] += [1 * SECOND, 8 * SECOND]
    times[600] -= 30 * SECOND
    assert where(ahead(times)) == [501]


def test_a_single_leap_forth_or_back_is_a_spike():
    times = steady()
    times[[50, 60]] += [3 * SECOND, -3 * SECOND]
    assert where(spikes(times)) == [50, 60]


def test_two_clocks_in_one_topic_are_no_spikes():
    assert not spikes(steady() + 5 * SECOND * (np.arange(300) % 2)).any()


def test_what_an_older_log_left_behind_is_stale():
    older = steady(500, first_us=20 * SECOND)
    assert stale_from(np.r_[steady(), older]) == 300
    assert stale_from(np.r_[older, steady()]) == 800


def test_the_earliest_stamp_is_not_that_of_an_old_message():
    assert earliest(np.r_[[5, 7, NO_STAMP], steady()]) == 50 * SECOND
    assert earliest(np.array([NO_STAMP])) is None
