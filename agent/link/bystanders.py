"""Others who talk to the drone about its logs: while they do, we wait. Pure.

A ground station's download and ours would end each other (`LOG_REQUEST_END` has no owner, and
ArduPilot has one open file for all clients of FTP).
"""

from dataclasses import dataclass, field
from typing import Final

from windsock.agent.link.dialect import (
    FileTransfer,
    LogData,
    LogEntry,
    LogRequestData,
    LogRequestEnd,
    LogRequestList,
    Message,
)
from windsock.agent.link.gate import SECOND_US
from windsock.agent.link.outlet import Outlet
from windsock.agent.link.vehicles import Node

_CALM_US: Final = 15 * SECOND_US
_REQUESTS: Final = (LogRequestData, LogRequestEnd, LogRequestList)


@dataclass
class Bystanders:
    """What others do on a link where we are *system*."""

    system: int
    _heard_us: int | None = field(default=None)

    def hear(self, node: Node, message: Message, outlet: Outlet, now_us: int) -> None:
        """Take in a message of *node*."""
        if node.system == self.system:
            return  # a router's echo
        if self._is_others(message, outlet, now_us):
            self._heard_us = now_us
            outlet.transferring = False  # whatever runs now is no longer provably ours

    def busy(self, now_us: int) -> bool:
        """True until there has been quiet for a while."""
        return self._heard_us is not None and now_us - self._heard_us < _CALM_US

    def _is_others(self, message: Message, outlet: Outlet, now_us: int) -> bool:
        if isinstance(message, FileTransfer):
            return message.target_system not in (0, self.system)
        if isinstance(message, LogData):
            return not outlet.has_asked_for(message.id, message.ofs, now_us)
        if isinstance(message, LogEntry):
            return not outlet.has_asked_to_list(now_us)
        return isinstance(message, _REQUESTS)
