"""The service: one thread takes batches in, one judges, tells and draws, one serves pages."""

import gc
import logging
import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from windsock.collector.clock import NowUs
from windsock.collector.dashboards.counters import Counters
from windsock.collector.delivery.backup import notice_restore
from windsock.collector.heap import keep_freed_memory
from windsock.collector.influx.client import StoreDown, open_store
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger
from windsock.collector.monitor.pulse import Pulse
from windsock.collector.monitor.server import Watched, monitored
from windsock.collector.news import TOGETHER_S, News
from windsock.collector.receive.inbox import Arrived, BrokerError, Inbox
from windsock.collector.receive.ingest import Ingest
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Settings
from windsock.collector.web.server import WebServer
from windsock.collector.web.site import Site
from windsock.config.killpoint import reached
from windsock.protocol import topics
from windsock.protocol.acks import encode_acks

log = logging.getLogger("windsock.collector")

_STEP_S = 0.25
_LONGEST_PAUSE_S = 60.0
_ACKS_A_MESSAGE = 1000


@dataclass
class Service:
    """One run of the collector."""

    settings: Settings
    now_us: NowUs
    stop: threading.Event = field(default_factory=threading.Event)
    pulse: Pulse = field(default_factory=Pulse)
    _news: News = field(default_factory=News)
    _failed: BaseException | None = None
    _counters: Counters = field(default_factory=Counters)

    def run(self) -> None:
        """Work until `stop` is set, then judge and send what is waiting.

        A bug in either thread ends both and is raised.
        """
        judge = threading.Thread(target=self._judge, name="judge")
        telemetry = self._telemetry()
        self._say_if_restored(telemetry)
        interval_us = int(self.settings.judge.interval_s * 1e6)
        watched = Watched(self.settings.ledger, self.pulse, self.now_us, interval_us)
        with monitored(watched, self.settings.metrics.port):
            web = self._web()
            gc.freeze()  # what is there by now stays: no need to look through it again and again
            keep_freed_memory()
            judge.start()
            try:
                self._receive(Ingest(telemetry.ledger, telemetry, counters=self._counters))
            finally:
                self.stop.set()
                self._news.tell()
                if web:
                    web.close()
                judge.join()
        if self._failed:
            raise self._failed

    def _say_if_restored(self, telemetry: Telemetry) -> None:
        made_us = notice_restore(telemetry.ledger, self.now_us())
        if made_us is not None:
            log.warning("this ledger is a backup made %s UTC: what came after it shows as gaps",
                        datetime.fromtimestamp(made_us // 1_000_000, UTC))  # fmt: skip

    def once(self) -> None:
        """Judge what there is, write what is due and send it, without broker and web."""
        telemetry = self._telemetry()
        Rounds(self.settings, telemetry.ledger, telemetry).make(self.now_us(), last=True)

    def _telemetry(self) -> Telemetry:
        """Each thread has connections of its own."""
        influx, ledger = self.settings.influx, open_ledger(self.settings.ledger)
        if influx is None:
            return Telemetry(ledger, None)
        return Telemetry(ledger, open_store(influx), influx.retention_days)

    def _web(self) -> WebServer | None:
        """Listening, where there is a ``[web]``."""
        if self.settings.web is None:
            return None
        server = WebServer(self.settings.web, Site(self.settings, self.now_us), self._fail)
        server.open()
        return server

    def _receive(self, ingest: Ingest) -> None:
        failures = 0
        while not self.stop.is_set():
            inbox = Inbox(self.settings.broker, self.now_us)
            try:
                inbox.open()
                log.info(
                    "connected to %s:%d", self.settings.broker.host, self.settings.broker.port
                )
                failures = 0
                self.pulse.connected = True
                self._pump(inbox, ingest)
                inbox.close()
            except BrokerError as error:
                self.pulse.connected = False
                failures += 1
                pause_s = _pause_s(failures)
                log.warning("%s; trying again in %.0f s", error, pause_s)
                self.stop.wait(pause_s)

    def _pump(self, inbox: Inbox, ingest: Ingest) -> None:
        """Take in what comes. While InfluxDB is down nothing is let go: the broker holds back."""
        waiting: list[Arrived] = []
        failures, not_before_us = 0, 0
        while not self.stop.is_set():
            waiting += inbox.step(_STEP_S)
            self._feel(waiting)
            if not waiting or self.now_us() < not_before_us:
                continue
            try:
                self._take(inbox, ingest, waiting)
                waiting, failures = [], 0
                self._feel(waiting)
                self.pulse.delay_us, self.pulse.influx_down_since_us = ingest.delay_us, None
            except StoreDown as error:
                failures += 1
                self._counters.store_errors += 1
                pause_s = max(_pause_s(failures), error.retry_after_s)
                not_before_us = self.now_us() + int(pause_s * 1e6)
                self.pulse.influx_trouble = str(error)
                self.pulse.influx_down_since_us = self.pulse.influx_down_since_us or self.now_us()
                log.warning("%s; trying again in %.0f s", error, pause_s)

    def _feel(self, waiting: list[Arrived]) -> None:
        pulse, now_us = self.pulse, self.now_us()
        pulse.receiving_us, pulse.in_hand = now_us, len(waiting)
        pulse.in_hand_since_us = (pulse.in_hand_since_us or now_us) if waiting else None

    def _take(self, inbox: Inbox, ingest: Ingest, waiting: list[Arrived]) -> None:
        try:
            acks = ingest.take(waiting, self.now_us())
        finally:
            if ingest.flights_came:
                ingest.flights_came = False
                self._news.tell()
        while ingest.met:  # an empty list: what they sent before has met nobody
            inbox.publish(topics.ack(ingest.met.pop()), encode_acks([]))
        for agent, of_agent in acks.items():
            for start in range(0, len(of_agent), _ACKS_A_MESSAGE):
                part = of_agent[start : start + _ACKS_A_MESSAGE]
                inbox.publish(topics.ack(agent), encode_acks(part))
        reached("after-ack")
        inbox.let_go(waiting)

    def _judge(self) -> None:
        try:
            telemetry = self._telemetry()
            rounds = Rounds(self.settings, telemetry.ledger, telemetry, self._counters)
            last = False
            while not last:
                last = self.stop.is_set()
                began_s = time.monotonic()
                rounds.make(self.now_us(), last=last)
                self.pulse.round_us = self.now_us()
                if not last:
                    rest_s = rounds.rest_s(self.now_us())
                    self._news.wait(rest_s, partial(self._until, began_s + TOGETHER_S))
        except BaseException as error:  # noqa: BLE001 - raised again in `run`
            self._fail(error)

    def _until(self, moment_s: float) -> None:
        """Wait for a moment, or for the end."""
        self.stop.wait(moment_s - time.monotonic())

    def _fail(self, error: BaseException) -> None:
        self._failed = error
        self.stop.set()


def _pause_s(failures: int) -> float:
    """Capped exponential back-off with jitter."""
    return random.uniform(0.5, 1) * min(2.0 ** min(failures, 10), _LONGEST_PAUSE_S)  # noqa: S311 - jitter, no secret
