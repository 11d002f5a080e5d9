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


def test_what_came_through_another_connection_is_not_let_go(mosquitto):
    """Message ids begin at 1 in each: a stale PUBACK would acknowledge something else."""
    old, new = (Inbox(Broker(port=mosquitto.port, window=1, client_id=name)) for name in "ab")
    for inbox in (old, new):
        inbox.open()
        while not inbox.ready:
            inbox.step(0.1)
    publish.multiple(
        [(topics.up("station-7"), bytes([number]), 1, False) for number in range(2)],
        port=mosquitto.port,
    )
    (stale,), (first,) = (next(filter(None, iter(lambda i=i: i.step(0.5), 0))) for i in (old, new))
    assert (stale.mid, stale.payload) == (first.mid, first.payload)

    new.let_go([stale])
    assert not any(new.step(0.1) for _ in range(5))
    new.let_go([first])
    assert next(filter(None, iter(lambda: new.step(0.5), 0)))[0].payload == b"\x01"


def test_what_was_sent_at_qos_0_has_no_acknowledgement_and_does_no_harm(mosquitto):
    inbox = Inbox(Broker(port=mosquitto.port))
    inbox.open()
    while not inbox.ready:
        inbox.step(0.1)
    came = []
    for number in range(3):
        publish.single(topics.up("station-7"), bytes([number]), qos=0, port=mosquitto.port)
        while len(came) <= number:
            came += inbox.step(0.5)
        inbox.let_go(came[-1:])

    assert [arrived.payload for arrived in came] == [b"\x00", b"\x01", b"\x02"]


def test_what_was_sent_at_qos_0_waits_for_room_too(mosquitto):
    inbox = Inbox(Broker(port=mosquitto.port, window=10))
    inbox.open()
    while not inbox.ready:
        inbox.step(0.1)
    batches = [(topics.up("station-7"), bytes([number]), 0, False) for number in range(40)]
    publish.multiple(batches, port=mosquitto.port)

    came = []
    while arrived := inbox.step(0.5):
        came += arrived
    assert 10 <= len(came) <= 11
    inbox.let_go(came)
    while len(came) < 40:
        arrived = inbox.step(0.5)
        inbox.let_go(arrived)
        came += arrived

    assert [arrived.payload for arrived in came] == [payload for _, payload, _, _ in batches]
    inbox.close()
