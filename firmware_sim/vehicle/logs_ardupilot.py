"""LOG_REQUEST_* as ArduPilot serves it: one transfer at a time, no arming meanwhile."""

from collections import deque
from typing import TYPE_CHECKING, Final, Literal

from windsock.firmware_sim.vehicle.card import Card
from windsock.firmware_sim.vehicle.enums import Severity
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.logs import DATA_B, log_data, log_entry
from windsock.firmware_sim.vehicle.model import SECOND_US
from windsock.firmware_sim.vehicle.pace import Pace
from windsock.firmware_sim.vehicle.texts import text

if TYPE_CHECKING:
    from windsock.firmware_sim.vehicle.storage import Log

_LINGERS_US: Final = SECOND_US
_IDS: Final = 65536
_ENTRY_B: Final = 90  # an entry takes a turn of the loop, as a packet of data does


class ArduPilotLogs:
    """Ids 1..N. Whoever sends END ends any transfer."""

    def __init__(self, card: Card, bytes_per_s: int) -> None:
        self._card = card
        self._says: deque[Message] = deque()
        self._activity: Literal["idle", "listing", "sending"] = "idle"
        self._ended_us: int | None = None
        self._entries: list[Log | None] = []
        self._next_id = self._last_id = 0
        self._log: Log | None = None
        self._log_id = 0
        self._size = self._offset = self._remaining = 0
        self._armed = self._warned = False
        self._pace = Pace(bytes_per_s)

    def arm(self, armed: bool) -> None:
        """Note whether it is armed: a transfer halts meanwhile, and goes on by itself then."""
        self._armed = armed
        self._warned = self._warned and armed

    def blocks_arming(self, now_us: int) -> bool:
        """Whether a pilot who wants to arm is told "Downloading logs"."""
        lingers = self._ended_us is not None and now_us - self._ended_us < _LINGERS_US
        return self._activity != "idle" or lingers

    def hear(self, message: Message, now_us: int) -> None:
        """Take one of the four requests."""
        if self._armed:
            self._warn()
        elif message.name == "LOG_REQUEST_END":
            self._end(now_us)
        elif message.name == "LOG_REQUEST_LIST":
            self._list(message.fields["start"], message.fields["end"])
        elif message.name == "LOG_REQUEST_DATA":
            fields = message.fields
            self._data(fields["id"], fields["ofs"], fields["count"])

    def due_us(self) -> int | None:
        """When there is something to send."""
        if self._says:
            return 0
        return None if self._armed or self._activity == "idle" else self._pace.next_us

    def emit(self, now_us: int) -> Message | None:
        """The next entry or packet."""
        if self._says:
            return self._says.popleft()
        if self._armed or self._activity == "idle":
            return None
        if self._activity == "listing":
            self._pace.spend(_ENTRY_B, now_us)
            return self._next_entry(now_us)
        self._pace.spend(DATA_B, now_us)
        return self._next_data(now_us)

    def _warn(self) -> None:
        if not self._warned:
            self._says.append(text("Disarm for log download", Severity.ERROR))
        self._warned = True

    def _end(self, now_us: int) -> None:
        if self._activity != "idle":
            self._ended_us = now_us
        self._activity = "idle"

    def _list(self, start: int, end: int) -> None:
        if self._activity != "idle":
            self._says.append(text("Log download in progress", Severity.INFO))
            return
        self._entries = self._card.entries()
        self._next_id = max(start, 1) if self._entries else 0
        self._last_id = min(end, len(self._entries))
        self._activity = "listing"

    def _next_entry(self, now_us: int) -> Message:
        """Asked with end before start it counts on, through all ids there can be."""
        log_id, count = self._next_id, len(self._entries)
        log = self._entries[log_id - 1] if 1 <= log_id <= count else None
        if log_id == self._last_id:
            self._end(now_us)
        self._next_id = (log_id + 1) % _IDS
        return log_entry(log, log_id, count, self._last_id)

    def _data(self, log_id: int, offset: int, count: int) -> None:
        if self._activity != "idle":
            return
        entries = self._card.entries()
        if not 1 <= log_id <= len(entries):
            return
        self._log_id, self._log = log_id, entries[log_id - 1]
        self._size = self._log.size if self._log else 0
        self._offset = offset
        self._remaining = min(max(self._size - offset, 0), count)
        self._activity = "sending"

    def _next_data(self, now_us: int) -> Message:
        """A packet that is not full, even an empty one, or the end of the range is the last."""
        count = min(self._remaining, DATA_B)
        data = self._log.read(self._offset, count) if self._log else b""
        packet = log_data(self._log_id, self._offset, data)
        self._offset += len(data)
        self._remaining -= len(data)
        if len(data) < DATA_B or not self._remaining:
            self._end(now_us)
        return packet
