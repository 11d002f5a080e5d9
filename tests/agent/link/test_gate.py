"""The gate, line by line. Each case is a story in seconds; times are virtual."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.agent.link.gate import Gate, State

S = 1_000_000
REST, ARMED, FLYING, UNKNOWN = (False, True), (True, True), (False, False), (False, None)


def told(*parts):
    """A gate that heard *parts*: (vehicle, state, from second, to second), a heartbeat each."""
    gate = Gate()
    beats = [
        (second, vehicle, state)
        for vehicle, state, first, last in parts
        for second in range(first, last + 1)
    ]
    for second, vehicle, (armed, landed) in sorted(beats, key=lambda beat: beat[0]):
        gate.heard(vehicle, armed=armed, landed=landed, now_us=second * S)
    return gate


A, B = "drone", "other"
TABLE = [
    # what was heard, at which second, and what the gate says then
    ([], 100, State.SHUT, "no vehicle"),
    ([(A, REST, 0, 59)], 59, State.SHUT, "at rest for 59 s of 60"),
    ([(A, REST, 0, 60)], 60, State.OPEN, "disarmed and landed"),
    ([(A, ARMED, 0, 200)], 200, State.SHUT, "armed"),
    ([(A, FLYING, 0, 200)], 200, State.SHUT, "in the air"),
    ([(A, UNKNOWN, 0, 200)], 200, State.SHUT, "not known"),
    ([(A, (True, None), 0, 200)], 200, State.SHUT, "armed"),
    ([(A, REST, 0, 100), (A, ARMED, 101, 101)], 101, State.SHUT, "armed"),
    ([(A, REST, 0, 100), (A, UNKNOWN, 101, 101)], 101, State.SHUT, "not known"),
    ([(A, REST, 0, 100), (A, ARMED, 101, 101), (A, REST, 102, 161)], 161, State.SHUT, "59 s"),
    ([(A, REST, 0, 100), (A, ARMED, 101, 101), (A, REST, 102, 162)], 162, State.OPEN, ""),
    ([(A, REST, 0, 100)], 102, State.OPEN, ""),
    ([(A, REST, 0, 100)], 103, State.HELD, "overdue"),
    ([(A, REST, 0, 100), (A, REST, 109, 109)], 109, State.OPEN, ""),
    ([(A, REST, 0, 100)], 111, State.SHUT, "not heard for 11 s"),
    ([(A, REST, 0, 100), (A, REST, 111, 150)], 150, State.SHUT, "at rest for 39 s"),
    ([(A, REST, 0, 100)], 401, State.SHUT, "no vehicle"),
    ([(A, REST, 0, 100), (B, ARMED, 50, 100)], 100, State.SHUT, "armed"),
    ([(A, REST, 0, 100), (B, REST, 50, 100)], 100, State.SHUT, "at rest for 50 s"),
    ([(A, REST, 0, 110), (B, REST, 50, 110)], 110, State.OPEN, ""),
    # The other one vanished: at rest it was switched off, but not before a while has passed.
    ([(A, REST, 0, 200), (B, REST, 0, 100)], 200, State.SHUT, "not heard for 100 s"),
    ([(A, REST, 0, 401), (B, REST, 0, 100)], 401, State.OPEN, ""),
    # In the air it may be out of reach: it is waited for.
    ([(A, REST, 0, 9000), (B, ARMED, 0, 100)], 9000, State.SHUT, "armed"),
]


@pytest.mark.parametrize(("parts", "second", "state", "reason"), TABLE)
def test_the_gate(parts, second, state, reason):
    gate = told(*parts)

    assert gate.state(second * S) is state
    assert reason in gate.reason(second * S)


def test_an_attempt_to_arm_shuts_it_at_once_and_for_minutes():
    gate = told((A, REST, 0, 100))
    assert gate.state(100 * S) is State.OPEN
    gate.attempted(100 * S)

    assert gate.state(100 * S) is State.SHUT
    for second in range(101, 280):
        gate.heard(A, armed=False, landed=True, now_us=second * S)
        assert gate.state(second * S) is State.SHUT
    gate.heard(A, armed=False, landed=True, now_us=280 * S)
    assert gate.state(280 * S) is State.OPEN


def test_a_transfer_of_ours_may_be_ended_within_a_second_of_an_attempt_unless_it_is_armed():
    gate = told((A, REST, 0, 100))
    assert not gate.parting(100 * S)
    gate.attempted(100 * S)
    assert gate.parting(100 * S)
    assert gate.parting(101 * S)
    assert not gate.parting(101 * S + 1)
    gate.heard(A, armed=True, landed=True, now_us=100 * S + 1)
    assert not gate.parting(100 * S + 2)


def test_an_attempt_while_it_was_shut_opens_nothing():
    gate = told((A, REST, 0, 30))
    gate.attempted(30 * S)

    assert not gate.parting(30 * S)


def test_in_the_air_between_two_heartbeats_counts():
    gate = told((A, REST, 0, 100))
    gate.disturbed(A)

    assert gate.state(100 * S) is State.SHUT


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from([REST, ARMED, FLYING, UNKNOWN]),
            st.integers(0, 20),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_it_is_never_open_less_than_a_minute_after_anything_but_rest(story):
    gate, now, worst = Gate(), 0, {}
    for vehicle, (armed, landed), pause, attempt in story:
        now += pause * S
        gate.heard(vehicle, armed=armed, landed=landed, now_us=now)
        if (armed, landed) != REST:
            worst[vehicle] = now
        if attempt and pause == 13:
            gate.attempted(now)
            worst["pilot"] = now
        if gate.state(now) is State.OPEN:
            assert all(now - then >= 60 * S for then in worst.values())
