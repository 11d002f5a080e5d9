"""LOG_REQUEST_* as PX4 serves it: the newest request wins, armed or not."""

from collections import deque
from typing import TYPE_CHECKING, Literal

from windsock.firmware_sim.vehicle.card import Card
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.logs import DATA_B, log_data, log_entry
from windsock.firmware_sim.vehicle.pace import Pace

if TYPE_CHECKING:
    from windsock.firmware_sim.vehicle.storage import Log


class Px4Logs:
    """Ids 0..N-1, given anew at each listing; `last_log_num` is N all the same."""

    def __init__(self, card: Card, bytes_per_s: int) -> None:
        self._card = card
        self._activity: Literal["idle", "listing", "sending"] = "idle"
        self._listed: list[tuple[Log, int]] = []
        self._entries: deque[Message] = deque()
        self._log_id = 0
        self._offset = self._end_offset = 0
        self._pace = Pace(bytes_per_s)

    def arm(self, armed: bool) -> None:
        """Makes no difference to it."""

    def blocks_arming(self, _now_us: int) -> bool:
        """A download keeps nobody from arming."""
        return False

    def hear(self, message: Message, _now_us: int) -> None:
        """Take one of the three requests."""
        if message.name == "LOG_REQUEST_END":
            self._activity = "idle"
        elif message.name == "LOG_REQUEST_LIST":
            self._list(message.fields["start"], message.fields["end"])
        elif message.name == "LOG_REQUEST_DATA":
            fields = message.fields
            self._data(fields["id"], fields["ofs"], fields["count"])

    def due_us(self) -> int | None:
        """When there is something to send."""
        return None if self._activity == "idle" else self._pace.next_us

    def emit(self, now_us: int) -> Message | None:
        """The next entry or packet."""
        if self._activity == "idle":
            return None
        self._pace.spend(DATA_B, now_us)
        return self._entry() if self._activity == "listing" else self._packet()

    def _list(self, start: int, end: int) -> None:
        """All from *start* on, whatever *end* says."""
        found = [log for log in self._card.entries() if log]
        self._listed = [(log, log.size) for log in found]
        last = len(found) if end == 0xFFFF else end  # noqa: PLR2004 - MAVLink's word for all
        entries = [log_entry(log, log_id, len(found), last) for log_id, log in enumerate(found)]
        self._entries = deque(entries[start:])
        self._activity = "listing" if self._entries else "idle"

    def _entry(self) -> Message:
        entry = self._entries.popleft()
        if not self._entries:
            self._activity = "idle"
        return entry

    def _data(self, log_id: int, offset: int, count: int) -> None:
        """A bad id, or an offset at or past the end, stops what went on and says nothing."""
        self._activity = "idle"
        if log_id >= len(self._listed) or offset >= self._listed[log_id][1]:
            return
        self._log_id, self._offset, self._end_offset = log_id, offset, offset + count
        self._activity = "sending"

    def _packet(self) -> Message:
        """Full packets, past the end of the range if need be, up to the size when listed."""
        log, size = self._listed[self._log_id]
        data = log.read(self._offset, min(DATA_B, size - self._offset))
        packet = log_data(self._log_id, self._offset, data)
        self._offset += len(data)
        if not data or self._offset >= min(size, self._end_offset):
            self._activity = "idle"
        return packet
