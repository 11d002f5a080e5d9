"""The service: watches folders in one thread, sends what is spooled in another.

A state folder that can't be written ends nothing: each thread says so, waits and tries again
(`agent/trouble`, docs/delivery.md).
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from windsock.agent.catalogue import Catalogue
from windsock.agent.clock import Clock
from windsock.agent.drones.handover import Handover
from windsock.agent.figures import Figures
from windsock.agent.importer import Importer
from windsock.agent.intake import Handling
from windsock.agent.sender import Sender, tell_once
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity, Spool
from windsock.agent.stores import RUN_LOCK, open_stores, queue_again, stores_beside
from windsock.agent.trouble import DISK_ERRORS, Troubles, of_disk
from windsock.config.lock import only_one
from windsock.protocol.messages import LinkState

if TYPE_CHECKING:
    from windsock.agent.drones.links import Links

log = logging.getLogger("windsock.agent")

_LONGEST_WAIT_S: Final = 60.0
Opened = TypeVar("Opened")


@dataclass
class Service:
    """One run of the agent. With *once* it ends when all that was there is stored."""

    settings: Settings
    identity: Identity
    clock: Clock
    once: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    figures: Figures = field(default_factory=Figures)
    troubles: Troubles = field(default_factory=Troubles)
    _scanned: threading.Event = field(default_factory=threading.Event)
    _lost: threading.Event = field(default_factory=threading.Event)
    _failed: BaseException | None = None
    _links: "Links | None" = None

    def run(self) -> None:
        """Work until `stop` is set; a bug in any thread ends all and is raised."""
        with contextlib.ExitStack() as held:
            # Opened, and mended if it has to be, before a second thread opens it, too.
            opened = self._until_writable(lambda: self._take_state(held))
            if opened is None:
                return
            spool, catalogue = opened
            catalogue.close()
            self._serve(spool)
        failed = self._failed or (self._links and self._links.failed)
        if failed:
            raise failed

    def _take_state(self, held: contextlib.ExitStack) -> tuple[Spool, Catalogue]:
        """The state folder for this process alone, with what is in it."""
        state = self.settings.state
        state.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as lock:
            lock.enter_context(only_one(state / RUN_LOCK, f"agent {self.identity.agent!r}"))
            spool, catalogue = open_stores(self.settings, self.identity, self.clock)
            held.push(lock.pop_all())
        spool.figures = self.figures
        return spool, catalogue

    def _serve(self, spool: Spool) -> None:
        watcher = self._start(self._scan_folders, "watch")
        metrics = self._serve_metrics()
        ports = self._serve_links()
        try:
            self._sender(spool).run()
        finally:
            self.stop.set()
            metrics()
            watcher.join()
            if ports:
                ports.join()
            spool.close()

    def _sender(self, spool: Spool) -> Sender:
        def finished() -> bool:
            drained = self.once and self._scanned.is_set() and spool.depth()[0] == 0
            return drained or self.stop.is_set()

        return Sender(
            self.settings, self.identity, self.clock, spool, self.troubles, self.stop, finished,
            self._link_states, self._lost.set, self.figures,
        )  # fmt: skip

    def _serve_metrics(self) -> Callable[[], None]:
        """Figures for who asks, if there is a port for it; only then is a web server loaded."""
        port = self.settings.metrics.port
        if port is None:
            return lambda: None
        from windsock.agent.metrics import serve  # noqa: PLC0415 - a web server, rarely wanted

        try:
            return serve(port, self.figures, self.troubles)
        except OSError as error:  # nobody's flights should wait for that
            self.troubles.note("metrics", f"port {port}: {error.strerror}")
            return lambda: None

    def _serve_links(self) -> threading.Thread | None:
        """A thread for the ports, if there are any; only then is what it takes loaded."""
        if not self.settings.link or self.once:
            return None
        from windsock.agent.drones.links import Links  # noqa: PLC0415 - 13 MB of MAVLink

        self._links = Links(
            self.settings,
            self.identity,
            self.clock,
            self.stop,
            troubles=self.troubles,
            figures=self.figures,
        )
        thread = threading.Thread(target=self._links.run, name="links", daemon=True)
        thread.start()
        return thread

    def _start(self, work: Callable[[], None], name: str) -> threading.Thread:
        def guarded() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - raised again in `run`
                self._failed = error
                self.stop.set()

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        thread.start()
        return thread

    def _scan_folders(self) -> None:
        opened = self._until_writable(self._open_for_scanning)
        if opened is None:
            return
        spool, catalogue, handover = opened
        importer = Importer(spool, catalogue, self.clock)
        failures = 0
        while not self.stop.is_set():
            try:
                self._scan(importer, handover, catalogue)
                failures = 0
                self.troubles.over("logs")
            except DISK_ERRORS as error:
                failures += 1
                self.troubles.note("logs", f"none is queued: {of_disk(error)}")
            if self.once and not failures:
                break
            self.stop.wait(max(self.settings.scan_s, _wait_s(failures) if failures else 0))
        for store in (handover, catalogue, spool):
            store.close()

    def _scan(self, importer: Importer, handover: Handover, catalogue: Catalogue) -> None:
        if self._lost.is_set():
            queue_again(self.settings, catalogue, self.clock)
            self._lost.clear()
        handling = Handling(self.settings.positions)
        for watch in self.settings.watch:
            for outcome in importer.scan(watch, handling, settled=self.once):
                log.info("%s: %s, %s", outcome.path, outcome.status, outcome.detail)
        for outcome in handover.take(importer):
            log.info("%s: %s, %s", outcome.path, outcome.status, outcome.detail)
        self._scanned.set()

    def _open_for_scanning(self) -> tuple[Spool, Catalogue, Handover]:
        spool, catalogue = stores_beside(self.settings, self.identity, self.clock)
        spool.figures = self.figures
        handover = Handover(self.settings, self.clock)
        handover.reconcile()
        return spool, catalogue, handover

    def _link_states(self) -> Sequence[LinkState]:
        return self._links.report() if self._links else ()

    def _until_writable(self, open_: Callable[[], Opened]) -> Opened | None:
        """What *open_* gives, once the disk lets it; None where we are stopped before."""
        failures = 0
        while not self.stop.is_set():
            try:
                opened = open_()
            except DISK_ERRORS as error:
                failures += 1
                self.troubles.note("state", f"{self.settings.state}: {of_disk(error)}")
            else:
                self.troubles.over("state")
                return opened
            if threading.current_thread() is threading.main_thread():
                tell_once(self.settings, self.clock, self.troubles, self.stop)
            self.stop.wait(_wait_s(failures))
        return None


def _wait_s(failures: int) -> float:
    return min(2.0**failures, _LONGEST_WAIT_S)
