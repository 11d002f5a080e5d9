"""Frames to messages and back. Sole owner of pymavlink here: of its generated dialect alone."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pymavlink.dialects.v20 import common as dialect

_MESSAGES: Final = {kind.msgname: kind for kind in dialect.mavlink_map.values()}


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
        elif message.name == "PARAM_VALUE":
            frame = _param_value(message.fields, mouth, mavlink1=self._mavlink1)
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


def _param_value(fields: Mapping[str, Any], mouth: Any, *, mavlink1: bool) -> bytes:  # noqa: ANN401 - pymavlink has no types
    """With `param_value` as the four bytes it is: as a float, some integers would not survive."""
    kind = dialect.MAVLink_param_value_message
    blank = kind(**{**fields, "param_value": 0.0})
    payload = (
        fields["param_value"]
        + kind.unpacker.pack(
            0.0,
            fields["param_count"],
            fields["param_index"],
            fields["param_id"],
            fields["param_type"],
        )[4:]
    )
    return bytes(blank._pack(mouth, kind.crc_extra, payload, force_mavlink1=mavlink1))  # noqa: SLF001 - pymavlink offers no other way


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
    start = bytes([253])
    return start + bytes(body) + int(crc.crc).to_bytes(2, "little")
