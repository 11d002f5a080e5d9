"""The service: watches folders in one thread, sends what is spooled in another."""

import logging
import random
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from windsock.agent.clock import Clock
from windsock.agent.drones.handover import Handover
from windsock.agent.importer import Importer
from windsock.agent.intake import Handling
from windsock.agent.outgoing import Outgoing
from windsock.agent.publisher import BrokerError, Connection
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity, Spool
from windsock.agent.station import StatusTimes, report
from windsock.agent.stores import open_stores
from windsock.agent.watchdog import Watchdog
from windsock.protocol.envelope import FLIGHTS
from windsock.protocol.messages import Station

if TYPE_CHECKING:
    from windsock.agent.drones.links import Links

log = logging.getLogger("windsock.agent")

_STEP_S = 0.25
_CONNECT_LIMIT_US = 30_000_000
_LONGEST_PAUSE_S = 60.0
_HOUR_US = 3_600_000_000


@dataclass
class Service:
    """One run of the agent. With *once* it ends when all that was there is stored."""

    settings: Settings
    identity: Identity
    clock: Clock
    once: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    _scanned: threading.Event = field(default_factory=threading.Event)
    _failed: BaseException | None = None
    _links: "Links | None" = None
    _watchdog: Watchdog = field(default_factory=Watchdog)

    def run(self) -> None:
        """Work until `stop` is set; a bug in either thread ends both and is raised."""
        # Opened, and mended if it has to be, before a second thread opens it, too.
        spool, catalogue = open_stores(self.settings, self.identity, self.clock)
        catalogue.close()
        watcher = threading.Thread(target=self._watch, name="watch", daemon=True)
        watcher.start()
        ports = self._serve_links()
        try:
            self._send(spool)
        finally:
            self.stop.set()
            watcher.join()
            if ports:
                ports.join()
            spool.close()
        failed = self._failed or (self._links and self._links.failed)
        if failed:
            raise failed

    def _serve_links(self) -> threading.Thread | None:
        """A thread for the ports, if there are any; only then is what it takes loaded."""
        if not self.settings.link or self.once:
            return None
        from windsock.agent.drones.links import Links  # noqa: PLC0415 - 13 MB of MAVLink

        self._links = Links(self.settings, self.identity, self.clock, self.stop)
        thread = threading.Thread(target=self._links.run, name="links", daemon=True)
        thread.start()
        return thread

    def _watch(self) -> None:
        try:
            self._scan_folders()
        except BaseException as error:  # noqa: BLE001 - raised again in `run`
            self._failed = error
            self.stop.set()

    def _scan_folders(self) -> None:
        spool, catalogue = open_stores(self.settings, self.identity, self.clock)
        importer = Importer(spool, catalogue, self.clock)
        handling = Handling(self.settings.positions)
        handover = Handover(self.settings, self.clock)
        handover.reconcile()
        while not self.stop.is_set():
            for watch in self.settings.watch:
                for outcome in importer.scan(watch, handling, settled=self.once):
                    log.info("%s: %s, %s", outcome.path, outcome.status, outcome.detail)
            for outcome in handover.take(importer):
                log.info("%s: %s, %s", outcome.path, outcome.status, outcome.detail)
            self._scanned.set()
            if self.once:
                break
            self.stop.wait(self.settings.scan_s)
        handover.close()
        catalogue.close()
        spool.close()

    def _send(self, spool: Spool) -> None:
        """Connect, drain, and after a failure pause longer each time."""
        broker = self.settings.broker
        outgoing = Outgoing(broker.window, int(broker.ack_timeout_s * 1e6))
        hourly = _Due(_HOUR_US)
        failures = 0
        while not self._finished(spool):
            self._watchdog.alive(self.clock.monotonic_us())
            offline = report(self.settings, self.clock, spool, online=False)
            connection = Connection(broker, self.identity.agent, msgspec.json.encode(offline))
            try:
                connection.open()
                self._wait_until_ready(connection)
                failures = 0
                self._pump(connection, spool, outgoing, hourly)
                connection.send_status(msgspec.json.encode(offline))  # the will is for the rest
                connection.close()
            except BrokerError as error:
                failures += 1
                pause_s = random.uniform(0.5, 1) * min(2.0 ** min(failures, 10), _LONGEST_PAUSE_S)  # noqa: S311
                log.warning("%s; trying again in %.0f s", error, pause_s)
                self.stop.wait(pause_s)

    def _wait_until_ready(self, connection: Connection) -> None:
        limit_us = self.clock.monotonic_us() + _CONNECT_LIMIT_US
        while not connection.ready and not self.stop.is_set():
            if self.clock.monotonic_us() > limit_us:
                raise BrokerError("the broker does not answer")
            connection.step(_STEP_S)

    def _pump(
        self, connection: Connection, spool: Spool, outgoing: Outgoing, hourly: "_Due"
    ) -> None:
        """Send and take acknowledgements until there is nothing more to do."""
        outgoing.reconnected()
        status = StatusTimes(int(self.settings.status_s * 1e6))
        while not self._finished(spool):
            now_us = self.clock.monotonic_us()
            self._watchdog.alive(now_us)
            if status.look(now_us):
                online = self._report(spool)
                if status.send(online, now_us):
                    connection.send_status(msgspec.json.encode(online))
            if hourly.at(now_us):
                spool.add([(FLIGHTS, self._report(spool))])
            outgoing.stored(spool.remove(connection.taken_acks()))
            if connection.collector_came:
                connection.collector_came = False
                outgoing.reconnected()
            for batch in outgoing.choose(spool.head(2 * outgoing.window), now_us):
                _send(connection, spool, outgoing, batch)
            connection.step(_STEP_S)

    def _report(self, spool: Spool) -> Station:
        links = self._links.report() if self._links else ()
        return report(self.settings, self.clock, spool, online=True, links=links)

    def _finished(self, spool: Spool) -> bool:
        drained = self.once and self._scanned.is_set() and spool.depth()[0] == 0
        return drained or self.stop.is_set()


def _send(connection: Connection, spool: Spool, outgoing: Outgoing, batch: int) -> None:
    try:
        connection.send_batch(spool.payload(batch))
    except KeyError:  # another process of this station had it acknowledged
        outgoing.stored([batch])


@dataclass
class _Due:
    """True at once, then each *every_us*."""

    every_us: int
    _next_us: int | None = None

    def at(self, now_us: int) -> bool:
        due = self._next_us is None or now_us >= self._next_us
        if due:
            self._next_us = now_us + self.every_us
        return due
