"""One port: opened, listened to and let go, with a visit in between."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from windsock.agent.clock import Clock
from windsock.agent.drones.downloads import DiskShelf, Downloads
from windsock.agent.drones.link_state import Rate, link_state
from windsock.agent.drones.met import Drones
from windsock.agent.drones.visit import Manners, Visit
from windsock.agent.link.identity import Identity
from windsock.agent.link.ports import BAUD_RATES, LinkLostError, Port
from windsock.agent.link.serial_port import SerialPort
from windsock.agent.settings import Link
from windsock.agent.spool import Spool
from windsock.agent.timekeeper import EARLIEST_US
from windsock.agent.trouble import disk_trouble
from windsock.protocol.envelope import FLIGHTS
from windsock.protocol.messages import Counters, LinkState, Sighting, Utc

log = logging.getLogger("windsock.agent")

_WAIT_US = 250_000
_GATHER_S = 0.02
"""While nothing is fetched frames are taken in bunches: a pilot's attempt can wait so long."""
_TICK_US = 1_000_000
_BAUD_US = 2_500_000
"""A heartbeat comes every second."""
_QUIET_US = 30_000_000
"""Without a frame for so long the rate may have changed, too."""


def _now(clock: Clock) -> Utc:
    """What the station's clock says, unless that can't be: the collector knows better then."""
    now_us = clock.wall_us()
    return Utc(quality="station", us=now_us) if now_us >= EARLIEST_US else Utc(quality="none")


class Desk(NamedTuple):
    """What belongs to a port's thread alone."""

    spool: Spool
    drones: Drones
    downloads: Downloads

    def close(self) -> None:
        """Let go of it all."""
        self.spool.close()
        self.drones.close()
        self.downloads.close()


@dataclass
class _Host:
    """Whom a visit asks and tells (`visit.Host`)."""

    desk: Desk
    clock: Clock
    shelf_open: DiskShelf | None = None

    def met(self, who: Identity) -> None:
        """Count a connection."""
        if who.drone_uid is not None:
            self.desk.drones.meet(who.drone_uid, who.vendor, self.clock.wall_us())

    def allows(self, who: Identity) -> bool:
        """Whether it is allowed by a setting or claimed by now."""
        return who.drone_uid is not None and self.desk.drones.allowed(who.drone_uid, who.vendor)

    def sighted(self, who: Identity, counted: Counters) -> None:
        """Tell the collector."""
        uid = who.drone_uid or ""
        sighting = Sighting(
            drone_uid=uid,
            seen=_now(self.clock),
            source="serial",
            firmware=who.firmware,
            counters=counted,
            armed=False,
            serial=self.desk.drones.serial(uid),
        )
        self.desk.spool.add([(FLIGHTS, sighting)])

    def shelf(self, who: Identity) -> DiskShelf:
        """Where its logs go."""
        self.close()
        self.shelf_open = self.desk.downloads.shelf(who.drone_uid or "")
        return self.shelf_open

    def close(self) -> None:
        """Note what was received."""
        if self.shelf_open:
            self.shelf_open.close()
            self.shelf_open = None


@dataclass
class PortLoop:
    """Serves one port until it is lost or *over* says so. *show* is told what is going on."""

    port: Port
    link: Link
    desk: Desk
    clock: Clock
    over: Callable[[], bool]
    show: Callable[[LinkState], None]
    pause: Callable[[float], object]
    _tick_us: int = 0
    _rate: Rate = field(default_factory=Rate)
    _heard_us: int = 0
    _frames: int = 0

    def run(self) -> None:
        """Open, serve, let go."""
        try:
            self.port.open()
        except LinkLostError as error:
            self.show(LinkState(port=self.port.name, state=str(error)))
            return
        host = _Host(self.desk, self.clock)
        visit = Visit(host, self._manners())
        log.info("%s: listening", self.port.name)
        self._heard_us = self.clock.monotonic_us()
        try:
            self._serve(visit, host)
        except LinkLostError as error:
            log.info("%s", error)
            self.show(LinkState(port=self.port.name, state=str(error)))
        except OSError as error:  # of the disk: ports say LinkLostError
            if disk_trouble(error):
                raise
            log.warning("%s", error)
            self.show(LinkState(port=self.port.name, state=f"can't keep logs: {error}"))
        finally:
            host.close()
            self.port.close()

    def _manners(self) -> Manners:
        link = self.link
        line_bytes_s = None if link.baud == "detect" else self.port.line_bytes_s
        return Manners(link.system_id, link.service_mode, link.share, line_bytes_s)

    def _serve(self, visit: Visit, host: _Host) -> None:
        try:
            while not self.over():
                self._turn(visit, host)
        finally:
            end = visit.farewell(self.clock.monotonic_us())
            if end:
                self.port.write(end)

    def _turn(self, visit: Visit, host: _Host) -> None:
        wait_us = visit.wait_us(self.clock.monotonic_us(), _WAIT_US)
        data = self.port.read(wait_us / 1e6)
        now_us = self.clock.monotonic_us()
        if data:
            visit.receive(data, now_us)
            if visit.utc_us is not None:
                self.clock.told(visit.utc_us)
                visit.utc_us = None
        out = visit.step(now_us)
        if out:
            self.port.write(out)
        if now_us - self._tick_us >= _TICK_US:
            self._tick_us = now_us
            self._tick(visit, host, now_us)
        if data and visit.progress.log is None:
            self.pause(_GATHER_S)

    def _tick(self, visit: Visit, host: _Host, now_us: int) -> None:
        if host.shelf_open:
            host.shelf_open.commit()
        self._find_baud(visit, now_us)
        self._rate.note(visit.progress.bytes_in, visit.progress.done, now_us)
        self.show(link_state(self.port, visit, self._rate.bytes_s, self.clock))

    def _find_baud(self, visit: Visit, now_us: int) -> None:
        """Another rate while nothing comes that makes sense. Only listening, never asking."""
        counts = visit.splitter.counts
        if counts.frames > self._frames:
            self._frames, self._heard_us = counts.frames, now_us
        patience_us = _QUIET_US if self._frames else _BAUD_US
        if self.link.baud != "detect" or not isinstance(self.port, SerialPort):
            return
        if now_us - self._heard_us < patience_us:
            return
        self._heard_us, self._frames = now_us, 0
        place = BAUD_RATES.index(self.port.baud or BAUD_RATES[0])
        self.port.set_baud(BAUD_RATES[(place + 1) % len(BAUD_RATES)])
        counts.frames = 0
