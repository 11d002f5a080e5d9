"""The window: what is sent when, on an injected clock."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from windsock.agent.outgoing import Outgoing

TIMEOUT = 1000


def test_only_a_window_of_batches_is_under_way():
    outgoing = Outgoing(window=2, timeout_us=TIMEOUT)

    assert outgoing.choose([1, 2, 3], 0) == [1, 2]
    assert outgoing.choose([1, 2, 3], 1) == []
    outgoing.stored([1])
    assert outgoing.choose([2, 3], 2) == [3]


def test_a_batch_without_an_answer_is_sent_again_ever_more_rarely():
    outgoing = Outgoing(window=1, timeout_us=TIMEOUT)

    sent = [now for now in range(0, 100 * TIMEOUT, TIMEOUT) if outgoing.choose([7], now)]

    gaps = [(later - now) // TIMEOUT for now, later in itertools.pairwise(sent)]
    assert gaps == [1, 2, 4, 8, 16, 20, 20, 20]


def test_a_lost_connection_makes_all_of_it_due():
    outgoing = Outgoing(window=2, timeout_us=TIMEOUT)
    outgoing.choose([1, 2], 0)

    outgoing.reconnected()

    assert outgoing.choose([1, 2], 1) == [1, 2]


def test_what_is_under_way_is_asked_again_whatever_has_come_in_front_of_it():
    outgoing = Outgoing(window=2, timeout_us=TIMEOUT)
    outgoing.choose([90, 91], 0)

    assert outgoing.choose([1, 2, 3, 4], TIMEOUT) == [90, 91]
    outgoing.stored([90, 91])
    assert outgoing.choose([1, 2, 3, 4], TIMEOUT + 1) == [1, 2]


def test_an_urgent_batch_leaves_before_what_waits_but_after_a_free_place():
    outgoing = Outgoing(window=1, timeout_us=TIMEOUT)
    outgoing.choose([5, 6], 0)

    assert outgoing.choose([9, 5, 6], 1) == []
    outgoing.stored([5])
    assert outgoing.choose([9, 6], 2) == [9]


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 3000), st.booleans()), max_size=60))
def test_everything_is_stored_in_the_end_and_the_window_holds(window, steps):
    outgoing, queued, now = Outgoing(window, TIMEOUT), list(range(12)), 0
    under_way = set()
    for wait, answered in steps:
        now += wait
        under_way |= set(outgoing.choose(queued, now))
        assert len(under_way) <= 2 * window
        if answered and under_way:
            batch = under_way.pop()
            queued.remove(batch)
            outgoing.stored([batch])
    for _ in range(len(queued)):
        now += 30 * TIMEOUT
        chosen = outgoing.choose(queued, now)
        queued.remove(chosen[0])
        outgoing.stored(chosen[:1])
    assert queued == []


def test_a_batch_nobody_answers_holds_no_place_once_others_are_answered():
    outgoing, now = Outgoing(window=2, timeout_us=TIMEOUT), 0
    asked = outgoing.choose([1, 2, 3, 4], now)
    while 3 not in asked:
        now += TIMEOUT
        asked = outgoing.choose([1, 2, 3, 4], now)
    outgoing.stored([3])

    assert outgoing.choose([1, 2, 4, 5, 6], now) == [4, 5], "1 and 2 are as if they were not there"
    assert outgoing.passed_over == 2


def test_a_broker_with_little_room_gets_little():
    outgoing = Outgoing(window=8, timeout_us=TIMEOUT)

    assert outgoing.choose([1, 2, 3, 4], 0, room=2) == [1, 2]
    assert outgoing.choose([1, 2, 3, 4], 0, room=0) == []


def broker_that_hangs_up_at(poison, outgoing, queue, connections):
    """What arrives where the connection ends as soon as *poison* is sent, answers and all."""
    stored, now = [], 0
    for _ in range(connections):
        while batches := outgoing.choose([one for one in queue if one not in stored], now):
            if poison in batches:
                break
            stored += batches
            outgoing.stored(batches)
        outgoing.lost(now, batches)
        now += 60_000_000
    return stored


def test_a_batch_at_which_the_broker_hangs_up_is_passed_by():
    outgoing, queue = Outgoing(window=8, timeout_us=TIMEOUT), list(range(40))

    stored = broker_that_hangs_up_at(5, outgoing, queue, connections=8)

    assert stored == [one for one in queue if one != 5]
    assert outgoing.choose([5], 3_600_000_000) == []
    assert outgoing.choose([5], 8_000_000_000) == [5], "an hour later the broker may take it"


def cut(outgoing, now, *, taken):
    """A connection on which all that may go goes; whether the broker has taken it when it ends."""
    batches = outgoing.choose(range(12), now)
    outgoing.lost(now, [] if taken else batches)
    return batches


def test_what_the_broker_took_is_under_no_suspicion_while_the_collector_is_away():
    outgoing = Outgoing(window=8, timeout_us=TIMEOUT)

    sent = [cut(outgoing, now, taken=True) for now in range(20)]

    assert sent == [list(range(8))] * 20


def test_a_collector_that_comes_frees_what_is_aside_each_batch_once():
    outgoing = Outgoing(window=8, timeout_us=TIMEOUT)
    while outgoing.passed_over < 2:
        cut(outgoing, 0, taken=False)
    assert cut(outgoing, 0, taken=True) == [2]

    outgoing.collector_came()
    assert cut(outgoing, 0, taken=True) == [0]

    while outgoing.passed_over < 1:
        cut(outgoing, 0, taken=False)
    outgoing.collector_came()
    assert cut(outgoing, 0, taken=True) == [1], "it hangs up at 0 whoever is there"


def test_a_batch_that_was_taken_since_its_first_strike_is_not_left_aside():
    outgoing = Outgoing(window=8, timeout_us=TIMEOUT)
    for taken in (False, False, False, False, True, False):
        cut(outgoing, 0, taken=taken)

    assert outgoing.passed_over == 0
