"""The ports of a station: found, served by a thread each, lost and found again."""

import logging
import threading
from dataclasses import dataclass, field

from windsock.agent.clock import Clock
from windsock.agent.drones.met import Drones
from windsock.agent.drones.port_loop import Desk, PortLoop
from windsock.agent.drones.release import released
from windsock.agent.figures import Figures
from windsock.agent.link.network_ports import TcpPort, UdpPort
from windsock.agent.link.ports import BAUD_RATES, Address, Port, matching, parse
from windsock.agent.link.serial_port import SerialPort, usb_ports
from windsock.agent.settings import Link, Settings
from windsock.agent.spool import Identity
from windsock.agent.stores import open_downloads, spool_beside
from windsock.agent.trouble import DISK_ERRORS, Troubles, of_disk
from windsock.protocol.messages import LinkState

log = logging.getLogger("windsock.agent")

_LOOK_S = 1.0
_AGAIN_US = 3_000_000
"""After a port was lost or wouldn't open."""
_REST_US = 60_000_000
"""After the disk took nothing: asking a drone again each time helps nobody."""
_RELEASED = "released: somebody else uses it"


@dataclass
class Links:
    """All links of the settings, until *stop*; a bug in one of their threads ends all."""

    settings: Settings
    identity: Identity
    clock: Clock
    stop: threading.Event
    states: dict[str, LinkState] = field(default_factory=dict)
    failed: BaseException | None = None
    troubles: Troubles = field(default_factory=Troubles)
    figures: Figures = field(default_factory=Figures)
    _released: bool = False
    _resting: set[str] = field(default_factory=set)
    _threads: dict[str, threading.Thread] = field(default_factory=dict)
    _ended_us: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Keep every port served."""
        try:
            while not self.stop.is_set():
                self._released = released(self.settings.state, self.clock.wall_us())
                if not self._released:
                    self._look()
                self.stop.wait(_LOOK_S)
        except BaseException as error:  # noqa: BLE001 - raised again by the service
            self._fail(error)
        for thread in self._threads.values():
            thread.join()

    def report(self) -> list[LinkState]:
        """What each port is doing."""
        return [self.states[name] for name in sorted(self.states)]

    def _look(self) -> None:
        for link in self.settings.link:
            address = parse(link.port)
            names = names_of(address)
            if not names:
                self.states[link.port] = LinkState(port=link.port, state="no such port")
            for name in names:
                self.states.pop(link.port if name != link.port else "", None)
                if self._due(name):
                    self._start(name, link, address)

    def _due(self, name: str) -> bool:
        thread = self._threads.get(name)
        if thread and thread.is_alive():
            return False
        ended_us = self._ended_us.get(name)
        rest_us = _REST_US if name in self._resting else _AGAIN_US
        return ended_us is None or self.clock.monotonic_us() - ended_us >= rest_us

    def _start(self, name: str, link: Link, address: Address) -> None:
        port = port_for(name, link, address)
        thread = threading.Thread(
            target=self._serve, args=(name, port, link), name=name, daemon=True
        )
        self._threads[name] = thread
        self._resting.discard(name)
        thread.start()

    def _serve(self, name: str, port: Port, link: Link) -> None:
        def show(state: LinkState) -> None:
            self.states[name] = state

        try:
            desk = self._desk()
            try:
                PortLoop(port, link, desk, self.clock, self._over, show, self.stop.wait).run()
            finally:
                desk.close()
        except DISK_ERRORS as error:
            self._note_trouble(name, error)
        except BaseException as error:  # noqa: BLE001 - raised again by the service
            self._fail(error)
        else:
            self.troubles.over(name)
        if self._released:
            log.info("%s: released", port.name)
            show(LinkState(port=port.name, state=_RELEASED))
        self._ended_us[name] = self.clock.monotonic_us()

    def _note_trouble(self, name: str, error: Exception) -> None:
        """The disk takes nothing: the drone is left in peace until the next attempt."""
        try:
            words = of_disk(error)
        except DISK_ERRORS as bug:
            self._fail(bug)
            return
        self.troubles.note(name, words)
        self.states[name] = LinkState(port=name, state=f"can't keep what it says: {words}")
        self._resting.add(name)

    def _desk(self) -> Desk:
        state = self.settings.state
        spool = spool_beside(self.settings, self.identity, self.clock)
        spool.figures = self.figures
        return Desk(
            spool,
            Drones(state, self.settings.allow),
            open_downloads(self.settings, self.clock),
        )

    def _over(self) -> bool:
        return self.stop.is_set() or self._released

    def _fail(self, error: BaseException) -> None:
        self.failed = self.failed or error
        self.stop.set()


def names_of(address: Address) -> list[str]:
    """The ports that an address means and that are there."""
    if address.kind == "usb":
        return matching(address.host, usb_ports())
    if address.kind == "serial":
        return [address.host]
    return [f"{address.kind}:{address.host}:{address.port}"]


def port_for(name: str, link: Link, address: Address) -> Port:
    """The port of that name, not yet open."""
    if address.kind == "tcp":
        return TcpPort(address.host, address.port)
    if address.kind == "udp":
        return UdpPort(address.host, address.port)
    return SerialPort(name, BAUD_RATES[0] if link.baud == "detect" else link.baud)
