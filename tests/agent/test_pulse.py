"""A line that is dead says nothing, so silence has a limit."""

import pytest

from windsock.agent.pulse import Pulse
from windsock.agent.settings import Broker

S = 1_000_000
LIMIT = 40 * S


def test_by_default_a_dead_line_is_noticed_within_45_s():
    assert 2 * Broker().keepalive_s < 45


def test_silence_ends_it_and_any_byte_puts_that_off():
    pulse = Pulse(LIMIT, 0)

    assert pulse.stopped(40 * S) is None
    pulse.heard(10 * S)
    assert pulse.stopped(50 * S) is None
    assert "nothing heard for 40 s" in pulse.stopped(50 * S + 1)


@pytest.mark.parametrize(("answered_s", "alive"), [(None, False), (5, False), (30, True)])
def test_a_broker_that_talks_and_acknowledges_nothing_is_given_up_too(answered_s, alive):
    pulse = Pulse(LIMIT, 0)
    pulse.handed(1, 0)
    pulse.handed(2, 1 * S)
    if answered_s is not None:
        pulse.acknowledged(1, answered_s * S)
    pulse.heard(60 * S)

    assert (pulse.stopped(60 * S) is None) == alive


def test_who_owes_nothing_is_not_waited_for():
    pulse = Pulse(LIMIT, 0)
    pulse.handed(1, 0)
    pulse.acknowledged(1, S)
    pulse.heard(100 * S)

    assert pulse.owed == 0
    assert pulse.stopped(100 * S) is None
    pulse.handed(2, 100 * S)
    assert pulse.stopped(130 * S) is None
