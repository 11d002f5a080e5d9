"""The thread that talks to the broker: what is spooled goes up, acknowledgements come down."""

import logging
import random
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from windsock.agent.clock import Clock
from windsock.agent.figures import Figures
from windsock.agent.outgoing import Outgoing
from windsock.agent.publisher import BrokerError, Connection, Refusal
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity, Spool
from windsock.agent.station import Condition, StatusTimes, report
from windsock.agent.trouble import Troubles, of_disk
from windsock.agent.watchdog import Watchdog
from windsock.protocol.envelope import FLIGHTS, MESSAGE_LIMIT
from windsock.protocol.messages import LinkState, Station

log = logging.getLogger("windsock.agent")

_STEP_S: Final = 0.25
_CONNECT_LIMIT_US: Final = 30_000_000
_LONGEST_PAUSE_S: Final = 60.0
_HOUR_US: Final = 3_600_000_000
_AGAIN_US: Final = 10_000_000
"""After the disk refused the hourly report."""


@dataclass
class Sender:
    """Sends until *finished*. Of one thread, as its *spool* is."""

    settings: Settings
    identity: Identity
    clock: Clock
    spool: Spool
    troubles: Troubles
    stop: threading.Event
    finished: Callable[[], bool]
    links: Callable[[], Sequence[LinkState]] = tuple
    lost: Callable[[], None] = lambda: None
    """Called where batches were lost that may be made again."""
    figures: Figures = field(default_factory=Figures)
    _watchdog: Watchdog = field(default_factory=Watchdog)
    _largest: int = MESSAGE_LIMIT
    _failures: int = 0
    _hour_us: int | None = None

    def run(self) -> None:
        """Connect, drain, and after a failure pause longer each time."""
        outgoing = Outgoing(
            self.settings.broker.window, int(self.settings.broker.ack_timeout_s * 1e6)
        )
        while not self.finished():
            self._look_after(self.clock.monotonic_us())
            connection = Connection(self.settings.broker, self.identity.agent, self.clock)
            try:
                offline = msgspec.json.encode(self._report(online=False))
                connection.open(will=offline)
                until_ready(connection, self.clock, self.stop)
                self.figures.met_broker()
                if connection.ready:
                    self._say_connected()
                self.pump(connection, outgoing)
                connection.send_status(offline)  # the will is for the rest
                connection.close()
            except BrokerError as error:
                outgoing.lost(self.clock.monotonic_us(), connection.unconfirmed)
                self._note_refusals(connection.taken_refusals())
                connection.close()
                self._pause(str(error))
            except sqlite3.OperationalError as error:
                self.troubles.note("spool", of_disk(error))
                connection.close()
                self._pause("the spool can't be read")
            self.figures.connected = False

    def pump(self, connection: Connection, outgoing: Outgoing) -> None:
        """Send and take acknowledgements until there is nothing more to do."""
        status = StatusTimes(int(self.settings.status_s * 1e6))
        while not self.finished():
            now_us = self.clock.monotonic_us()
            self._look_after(now_us)
            if status.look(now_us):
                online = self._report(online=True)
                if status.send(online, now_us):
                    connection.send_status(msgspec.json.encode(online))
            self._take_acks(connection, outgoing)
            self._send(connection, outgoing, now_us)
            connection.step(_STEP_S)
            self._note_refusals(connection.taken_refusals())

    def _say_connected(self) -> None:
        """Somebody who watches a new station wants to know that it gets through."""
        broker, waiting = self.settings.broker, self.spool.depth()[0]
        log.info("connected to %s:%d, batches waiting: %d", broker.host, broker.port, waiting)

    def _take_acks(self, connection: Connection, outgoing: Outgoing) -> None:
        acks = connection.taken_acks()
        gone = self.spool.remove(acks)
        outgoing.stored(gone)
        self.figures.acknowledged += len(gone)
        if acks:
            self._failures = 0  # it works: the next loss is a new one
            self.troubles.over("broker")
        if connection.collector_came:
            connection.collector_came = False
            outgoing.collector_came()

    def _send(self, connection: Connection, outgoing: Outgoing, now_us: int) -> None:
        largest = min(self._largest, connection.largest)
        queued = self.spool.head(2 * outgoing.window + outgoing.passed_over, largest)
        if largest < MESSAGE_LIMIT:
            self._note_too_large(largest)
        for batch in outgoing.choose(queued, now_us, connection.room()):
            try:
                connection.send_batch(batch, self.spool.payload(batch))
                self.figures.sent += 1
            except KeyError:  # another process had it acknowledged, or the disk has changed it
                outgoing.stored([batch])
        if self.spool.replaced:
            self.spool.replaced = False
            self.lost()

    def _note_refusals(self, refusals: Sequence[Refusal]) -> None:
        """A refused batch stays, and is asked again as one without an answer: ever more rarely."""
        for refusal in refusals:
            if refusal.too_large:
                self._largest = min(self._largest, refusal.size - 1)
            else:
                self.troubles.note("broker", f"the broker refuses batches: {refusal.reason}")

    def _note_too_large(self, largest: int) -> None:
        """What the broker can't take waits, its neighbours pass."""
        count = self.spool.larger_than(largest)
        words = f"{count} batches wait that are larger than the {largest} bytes this broker takes"
        if count:
            self.troubles.note("batch size", words)
        else:
            self.troubles.over("batch size")

    def _look_after(self, now_us: int) -> None:
        """What has to be done whether the broker is there or not."""
        self._watchdog.alive(now_us)
        if self._hour_us is None or now_us >= self._hour_us:
            self._largest = MESSAGE_LIMIT  # what a broker once refused it may take by now
            self._hour_us = now_us + (_HOUR_US if self._spool_report() else _AGAIN_US)

    def _spool_report(self) -> bool:
        """The station's state as a batch: what it was up through is known later, too."""
        try:
            self.spool.add([(FLIGHTS, self._report(online=True))])
        except sqlite3.OperationalError as error:
            self.troubles.note("spool", of_disk(error))
            return False
        self.troubles.over("spool")
        return True

    def _report(self, *, online: bool) -> Station:
        now = Condition(*self.spool.depth(), self.links(), self.troubles.told())
        self.figures.batches, self.figures.bytes = now.batches, now.bytes
        return report(self.settings, self.clock, now, online=online)

    def _pause(self, why: str) -> None:
        self._failures += 1
        longest_s = min(2.0 ** min(self._failures, 10), _LONGEST_PAUSE_S)
        pause_s = random.uniform(0.5, 1) * longest_s  # noqa: S311 - spreads stations, hides nothing
        log.warning("%s; trying again in %.0f s", why, pause_s)
        self.stop.wait(pause_s)


def until_ready(connection: Connection, clock: Clock, stop: threading.Event) -> None:
    """Until the broker has taken us. Raises BrokerError."""
    limit_us = clock.monotonic_us() + _CONNECT_LIMIT_US
    while not connection.ready and not stop.is_set():
        if clock.monotonic_us() > limit_us:
            raise BrokerError("the broker does not answer")
        connection.step(_STEP_S)


def tell_once(settings: Settings, clock: Clock, troubles: Troubles, stop: threading.Event) -> None:
    """The status alone, of a station that has no spool; if the broker is there."""
    Watchdog().alive(clock.monotonic_us())
    connection = Connection(settings.broker, settings.agent, clock)
    now = Condition(troubles=troubles.told())
    station = report(settings, clock, now, online=True)
    try:
        connection.open()
        until_ready(connection, clock, stop)
        connection.send_status(msgspec.json.encode(station))
        connection.step(_STEP_S)
        connection.close()
    except BrokerError as error:
        log.warning("%s", error)
