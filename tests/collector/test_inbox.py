"""The broker holds back what is more than a window, until batches are let go."""

import pytest
from paho.mqtt import publish

from windsock.collector.receive.inbox import Inbox
from windsock.collector.settings import Broker
from windsock.protocol import topics

pytestmark = pytest.mark.e2e


def test_at_most_a_window_is_under_way(mosquitto):
    inbox = Inbox(Broker(port=mosquitto.port, window=30))
    inbox.open()
    while not inbox.ready:
        inbox.step(0.1)
    batches = [(topics.up("station-7"), bytes([number]), 1, False) for number in range(70)]
    publish.multiple(batches, port=mosquitto.port)

    came = []
    for expected in (30, 30, 10):
        arrived = take(inbox, expected)
        assert inbox.step(0.1) == [], "more than the window"
        inbox.let_go(arrived)
        came += arrived

    assert [arrived.payload for arrived in came] == [payload for _, payload, _, _ in batches]
    inbox.close()


def take(inbox, count):
    """The next *count* batches, however they come."""
    arrived = []
    while len(arrived) < count:
        arrived += inbox.step(0.5)
    assert len(arrived) == count
    return arrived
