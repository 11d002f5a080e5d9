"""The one way out to a drone: through the gate, and through the whitelist. Pure."""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from windsock.agent.link import dialect
from windsock.agent.link.dialect import (
    LogRequestData,
    LogRequestEnd,
    LogRequestList,
    Message,
)
from windsock.agent.link.gate import Gate, State
from windsock.agent.link.whitelist import ForbiddenError, permit

_SEQUENCES = 256
_REMEMBERED = 256
_ROUNDING = 90
"""PX4 answers in whole packets."""
_ANSWERED_US = 4_000_000
"""How long what was asked before the last request may still arrive."""
_LISTED_US = 30_000_000


class _Asked(NamedTuple):
    us: int
    log_id: int
    start: int
    end: int


@dataclass
class Outlet:
    """Turns messages into frames that may leave. *system* is who we are."""

    gate: Gate
    system: int
    mavlink1: bool = False
    may_log_request: bool = False
    """Whether LOG_REQUEST_* is safe here: ArduPilot refuses to arm while it answers those."""
    transferring: bool = False
    """True from a request for log data of ours until it was answered in full or ended."""
    sent_frames: int = 0
    _asked: deque[_Asked] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _listed_us: int | None = None
    _sequence: int = field(default=0)

    def frame(self, message: Message, now_us: int) -> bytes | None:
        """The bytes to write, or None where the gate is shut. Raises ForbiddenError for a bug.

        A LOG_REQUEST_END ends whose transfer it may be: it leaves only while one of ours runs,
        and then also for a moment after somebody tried to arm.
        """
        raw = dialect.encode(message, self.system, self._sequence, mavlink1=self.mavlink1)
        permit(raw)
        ending = isinstance(message, LogRequestEnd)
        if ending and not self.transferring:
            raise ForbiddenError("LOG_REQUEST_END without a transfer of ours")
        asking = isinstance(message, LogRequestList | LogRequestData)
        if asking and not self.may_log_request:
            raise ForbiddenError(f"{message.get_type()} where only FTP is safe")
        parting = ending and self.gate.parting(now_us)
        if self.gate.state(now_us) is not State.OPEN and not parting:
            return None
        self.transferring = asking or (self.transferring and not ending)
        if isinstance(message, LogRequestData):
            end = message.ofs + message.count + _ROUNDING
            self._asked.append(_Asked(now_us, message.id, message.ofs, end))
        elif asking:
            self._listed_us = now_us
        self._sequence = (self._sequence + 1) % _SEQUENCES
        self.sent_frames += 1
        return raw

    def has_asked_for(self, log_id: int, offset: int, now_us: int) -> bool:
        """Whether data of this log may be an answer to us."""
        return any(
            one.log_id == log_id
            and one.start <= offset < one.end
            and (one is self._asked[-1] or now_us - one.us < _ANSWERED_US)
            for one in reversed(self._asked)
        )

    def has_asked_to_list(self, now_us: int) -> bool:
        """Whether an entry may be an answer to us."""
        return self._listed_us is not None and now_us - self._listed_us < _LISTED_US
