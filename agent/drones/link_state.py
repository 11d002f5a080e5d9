"""What a port is doing, in words and numbers: for the status topic, and for `check`. Pure."""

from dataclasses import dataclass
from typing import Final

from windsock.agent.clock import Clock
from windsock.agent.drones.visit import Visit
from windsock.agent.link.gate import State
from windsock.agent.link.ports import Port
from windsock.protocol.messages import LinkState

_SMOOTHING: Final = 0.3
_LEAST_BYTES: Final = 200
"""Of noise: a radio's modem greets with a few."""


@dataclass
class Rate:
    """Payload bytes a second, smoothed over some seconds."""

    bytes_s: float = 0.0
    _before: int = 0
    _before_us: int = 0

    def note(self, _bytes_in: int, done: int, now_us: int) -> None:
        """So many bytes of the log are here now."""
        elapsed_s = (now_us - self._before_us) / 1e6
        if self._before_us and elapsed_s > 0:
            now = max(0, done - self._before) / elapsed_s
            self.bytes_s += _SMOOTHING * (now - self.bytes_s)
        self._before, self._before_us = done, now_us


def link_state(port: Port, visit: Visit, bytes_s: float, clock: Clock) -> LinkState:
    """All that may be said of a port. Of a drone that isn't ours only that there is one."""
    counts, drone, progress = visit.splitter.counts, visit.vehicles.drone, visit.progress
    now_us = clock.monotonic_us()
    uid = visit.introduced.drone_uid if visit.introduced and visit.allowed else None
    fetching = progress.log is not None
    return LinkState(
        port=port.name,
        state=_words(visit, now_us),
        drone_uid=uid,
        since_us=clock.wall_us() - (now_us - drone.first_us) if drone and uid else None,
        armed=drone.armed if drone and uid else None,
        log=progress.log[:128] if progress.log else None,
        log_bytes=progress.done if fetching else 0,
        log_size_bytes=progress.size if fetching else 0,
        bytes_s=round(bytes_s, 1) if fetching else 0.0,
        logs_waiting=progress.waiting if fetching else 0,
        baud=port.baud,
        frames=counts.frames,
        frames_lost=counts.lost,
        frames_corrupt=counts.corrupt,
        foreign_bytes=counts.foreign_bytes,
    )


def _words(visit: Visit, now_us: int) -> str:
    counts = visit.splitter.counts
    if not counts.frames:
        wrong = counts.foreign_bytes > _LEAST_BYTES
        return "bytes, but no MAVLink: wrong baud rate?" if wrong else "nothing comes"
    if visit.vehicles.drone is None:
        return "MAVLink, but no autopilot"
    if visit.progress.log is not None:
        return f"fetching by {visit.progress.method}" if visit.progress.method else "fetching"
    if visit.gate.state(now_us) is State.OPEN:
        if visit.introduced and not visit.allowed:
            return "a drone that is neither allowed nor claimed"
        if visit.trouble:
            return visit.trouble
    return visit.reason(now_us)
