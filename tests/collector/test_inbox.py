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
    while len(came) < 30:
        came += inbox.step(0.5)
    assert inbox.step(0.1) == []
    assert len(came) == 30
    inbox.let_go(came)
    while len(came) < 70:
        arrived = inbox.step(0.5)
        inbox.let_go(arrived)
        came += arrived

    assert [arrived.payload for arrived in came] == [payload for _, payload, _, _ in batches]
    inbox.close()
