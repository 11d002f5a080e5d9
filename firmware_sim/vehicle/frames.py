"""Frames to messages and back. Sole owner of pymavlink here: its generated dialect, nothing else of it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pymavlink.dialects.v20 import common as dialect

_MESSAGES: Final = {kind.msgname: kind for kind in dialect.mavlink_map.values()}
_V2_HEAD: Final = 10
LONGEST_FRAME_B: Final = 280


class Message(NamedTuple):
    """One MAVLink message: its name, its fields as the specification names them, and who says it.

    An outgoing one with system 0 is said by the drone itself.
    """

    name: str
    fields: Mapping[str, Any]
    system: int = 0
    component: int = 0


class Unknown(NamedTuple):
    """A message of an id that no dialect knows."""

    message_id: int
    payload: bytes


class Codec:
    """One end of a link: numbers the frames of each speaker, and finds frames in bytes."""

    def __init__(self, mavlink: int = 2) -> None:
        self._mavlink1 = mavlink == 1
        self._speakers: dict[tuple[int, int], Any] = {}
        self._ears = dialect.MAVLink(None)
        self._ears.robust_parsing = True

    def encode(self, message: Message | Unknown, system: int, component: int) -> bytes:
        """The frame of a message."""
        if (system, component) not in self._speakers:
            self._speakers[system, component] = dialect.MAVLink(None, system, component)
        mouth = self._speakers[system, component]
        if isinstance(message, Unknown):
            frame = _unknown(message, mouth)
        else:
            kind = _MESSAGES[message.name]
            frame = bytes(kind(**message.fields).pack(mouth, force_mavlink1=self._mavlink1))
        mouth.seq = (mouth.seq + 1) % 256
        return frame

    def decode(self, data: bytes) -> list[Message]:
        """The whole messages that *data* completes; what is no MAVLink is skipped."""
        found = self._ears.parse_buffer(data) or []
        return [_message(one) for one in found if one.get_type() in _MESSAGES]


def _message(one: Any) -> Message:  # noqa: ANN401 (the library has no types)
    fields = {name: getattr(one, name) for name in one.fieldnames}
    return Message(one.get_type(), fields, one.get_srcSystem(), one.get_srcComponent())


def _unknown(message: Unknown, mouth: Any) -> bytes:  # noqa: ANN401 (the library has no types)
    head = dialect.MAVLink_header(
        message.message_id,
        0,
        0,
        len(message.payload),
        mouth.seq,
        mouth.srcSystem,
        mouth.srcComponent,
    )
    body = head.pack()[1:] + message.payload
    crc = dialect.x25crc(body)
    crc.accumulate(bytes([message.message_id % 256]))  # stands for the CRC_EXTRA that nobody knows
    return bytes([dialect.PROTOCOL_MARKER_V2]) + body + int(crc.crc).to_bytes(2, "little")
