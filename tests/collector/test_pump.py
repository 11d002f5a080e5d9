"""How the collector waits for a database that asks for patience."""

import pytest

from windsock.collector.app import Service
from windsock.collector.influx.client import StoreDown
from windsock.collector.settings import Settings
from windsock.protocol import topics
from windsock.protocol.acks import STORED, Ack, decode_acks

SECOND_US = 1_000_000


class Clock:
    """A second goes by whenever somebody looks."""

    def __init__(self):
        self.us = 0

    def __call__(self):
        self.us += SECOND_US
        return self.us


class Busy:
    """Takes nothing at first and says when to come again, then all."""

    flights_came, delay_us, met = False, 0, ()

    def __init__(self, clock, retry_after_s):
        self.clock, self.retry_after_s, self.asked_us = clock, retry_after_s, []

    def take(self, _waiting, _now_us):
        self.asked_us.append(self.clock.us)
        if len(self.asked_us) == 1:
            raise StoreDown("too many requests", self.retry_after_s)
        return {}


class Inbox:
    """One batch, and the end once it is let go."""

    def __init__(self, service):
        self.service, self.batches = service, ["batch"]

    def step(self, _wait_s):
        came, self.batches = self.batches, []
        return came

    def let_go(self, _batches):
        self.service.stop.set()


@pytest.mark.parametrize(("retry_after_s", "at_least_s"), [(0.0, 1), (120.0, 120)])
def test_it_comes_again_when_it_was_told_to(retry_after_s, at_least_s):
    clock = Clock()
    service = Service(Settings(), clock)
    busy = Busy(clock, retry_after_s)

    service._pump(Inbox(service), busy)

    first_us, second_us = busy.asked_us
    assert at_least_s * SECOND_US <= second_us - first_us <= (at_least_s + 5) * SECOND_US


def test_stations_that_were_there_are_told_so_before_their_batches_are_acknowledged():
    service = Service(Settings(), Clock())
    told = []

    class Line(Inbox):
        def publish(self, topic, payload):
            told.append((topic, len(decode_acks(payload))))

    class Met(Busy):
        met = {"station-7"}  # noqa: RUF012 - one station, one test

        def take(self, _waiting, _now_us):
            return {"station-7": [Ack(bytes(8), STORED)]}

    service._pump(Line(service), Met(Clock(), 0))

    assert told == [(topics.ack("station-7"), 0), (topics.ack("station-7"), 1)]
