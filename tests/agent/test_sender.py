"""Brokers with limits that they name late or never: what they don't take waits, the rest goes."""

import logging
import threading

import pytest

from tests.servers import Mosquitto
from windsock.agent.clock import system_clock
from windsock.agent.figures import Figures
from windsock.agent.sender import Sender
from windsock.agent.settings import Broker, Settings
from windsock.agent.spool import Identity
from windsock.agent.stores import open_stores
from windsock.agent.trouble import Troubles
from windsock.collector.receive.inbox import BrokerError, Inbox
from windsock.collector.settings import Broker as CollectorBroker
from windsock.protocol import topics
from windsock.protocol.acks import STORED, Ack, encode_acks
from windsock.protocol.envelope import FLIGHTS, SERIES, decode, digest
from windsock.protocol.messages import Log

pytestmark = pytest.mark.e2e

WHO = Identity("station-7", "0")
NOISE = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(1000))


class Collector:
    """Acknowledges all that comes, from a thread of its own."""

    def __init__(self, port):
        self.names, self.stop = [], threading.Event()
        self._inbox = Inbox(CollectorBroker(host="127.0.0.1", port=port))
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._inbox.open()
        while not self._inbox.ready:
            self._inbox.step(0.01)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self._thread.join()

    def _run(self):
        while not self.stop.is_set():
            try:
                arrived = self._inbox.step(0.05)
            except BrokerError:
                return
            batches = [one for one in arrived if one.topic == topics.up(WHO.agent)]
            self.names += [getattr(decode(one.payload).message, "name", "") for one in batches]
            acks = [Ack(digest(one.payload), STORED) for one in batches]
            if acks:
                self._inbox.publish(topics.ack(WHO.agent), encode_acks(acks))
            self._inbox.let_go(arrived)


class Impatient(threading.Event):
    """Pauses between connections are over at once."""

    def wait(self, timeout=None):
        return super().wait(0.01 if timeout else None)


def log(number, size):
    return Log(log_id=f"{number:032x}", name=f"log {number}", size_bytes=1, error=NOISE[:size])


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("limit", ["max_packet_size 900", "message_size_limit 800"])
def test_a_batch_that_the_broker_does_not_take_stops_no_other(tmp_path, protocol, limit, caplog):
    """mosquitto names the first limit to MQTT 5 only, the second one to nobody."""
    caplog.set_level(logging.INFO, "windsock.agent")
    with Mosquitto(tmp_path / "mosquitto", config_lines=[limit]) as server:
        settings = Settings(
            agent=WHO.agent, state=tmp_path / "state",
            broker=Broker(
                host="127.0.0.1", port=server.port, protocol=protocol, ack_timeout_s=0.3
            ),
        )  # fmt: skip
        spool, _ = open_stores(settings, WHO, system_clock())
        spool.add((FLIGHTS, log(number, 10)) for number in range(4))
        spool.add([(SERIES, log(100, 900)), *((SERIES, log(n, 10)) for n in range(5, 45))])
        stop, small = Impatient(), 44

        with Collector(server.port) as collector:

            def finished():
                return stop.is_set() or len(set(collector.names) - {""}) == small

            sender = Sender(
                settings, WHO, system_clock(), spool, Troubles(), stop, finished,
                figures=Figures(),
            )  # fmt: skip
            sender._hour_us = 2**62  # no hourly report: it would be larger than the limit
            sender.run()

        assert f"connected to 127.0.0.1:{server.port}, batches waiting: 45" in caplog.text
        left = {decode(spool.payload(batch)).message.name for batch in spool.head(1000)}
        assert "log 100" in left
        assert "log 100" not in collector.names
