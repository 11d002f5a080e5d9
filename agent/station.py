"""What a station says of itself, and when."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from windsock.agent.clock import Clock, synchronised
from windsock.agent.settings import Settings
from windsock.agent.version import agent_version
from windsock.protocol.messages import LinkState, Station

_NUMBERS: Final = re.compile(r"\d+")
LOOK_US: Final = 5_000_000
"""How often the station is looked at for a change: no flood of messages, no delay that matters."""


class Condition(NamedTuple):
    """What only the running service knows."""

    batches: int = 0
    bytes: int = 0
    """Of the batches that wait."""
    links: Sequence[LinkState] = ()
    troubles: Sequence[str] = ()


def report(settings: Settings, clock: Clock, now: Condition, *, online: bool) -> Station:
    """The station's state now; *online* false is what the broker says of it once it is gone."""
    return Station(
        boot_id=clock.boot_id,
        wall_us=clock.wall_us(),
        monotonic_us=clock.monotonic_us(),
        agent_version=agent_version(),
        station_kind=settings.station,
        online=online,
        clock_synchronised=synchronised(),
        disk_free_bytes=_free_bytes(settings.state),
        spool_batches=now.batches,
        spool_bytes=now.bytes,
        drones=sorted({link.drone_uid for link in now.links if link.drone_uid}),
        links=list(now.links),
        troubles=list(now.troubles),
    )


def _free_bytes(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:  # not made yet, on a disk that can only be read
        return None


def standing(station: Station) -> Station:
    """A report without what always moves; of the spool, whether anything waits in it."""
    return msgspec.structs.replace(
        station,
        wall_us=0,
        monotonic_us=0,
        disk_free_bytes=None,
        spool_batches=min(station.spool_batches, 1),
        spool_bytes=0,
        links=[_standing_link(link) for link in station.links],
    )


def _standing_link(link: LinkState) -> LinkState:
    """A port without its counters and clocks: what goes on, with which drone and log.

    Of a log each tenth counts.
    """
    tenths = 10 * link.log_bytes // link.log_size_bytes if link.log_size_bytes else 0
    return LinkState(
        port=link.port,
        state=_NUMBERS.sub("", link.state),
        drone_uid=link.drone_uid,
        armed=link.armed,
        log=link.log,
        log_bytes=tenths,
    )


@dataclass
class StatusTimes:
    """When a status is due on one connection: at once, each *every_us*, and on change."""

    every_us: int
    _look_us: int | None = None
    _due_us: int = 0
    _told: Station | None = None

    def look(self, now_us: int) -> bool:
        """Whether it is time to see if anything changed."""
        due = self._look_us is None or now_us >= min(self._look_us, self._due_us)
        if due:
            self._look_us = now_us + LOOK_US
        return due

    def send(self, station: Station, now_us: int) -> bool:
        """Whether *station* is to be sent; it counts as sent then."""
        due = self._told != standing(station) or now_us >= self._due_us
        if due:
            self._told, self._due_us = standing(station), now_us + self.every_us
        return due
