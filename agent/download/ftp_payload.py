"""What FILE_TRANSFER_PROTOCOL carries (https://mavlink.io/en/services/ftp.html). Pure."""

import struct
from typing import Final, NamedTuple

DATA_BYTES: Final = 239
PAYLOAD_BYTES: Final = 251
_HEAD: Final = struct.Struct("<HBBBBBxI")
ACK: Final = 128
NAK: Final = 129

FAIL: Final = 1
FAIL_ERRNO: Final = 2
INVALID_SESSION: Final = 4
NO_SESSIONS: Final = 5
EOF: Final = 6
UNKNOWN_COMMAND: Final = 7
FILE_NOT_FOUND: Final = 10
ENOENT: Final = 2


class FtpPacket(NamedTuple):
    """One payload, either way."""

    sequence: int
    session: int
    opcode: int
    size: int = 0
    asked: int = 0
    """`req_opcode` of an answer."""
    burst_complete: bool = False
    offset: int = 0
    data: bytes = b""

    @property
    def error(self) -> int | None:
        """The code of a NAK, ENOENT read as FILE_NOT_FOUND; None for anything else."""
        if self.opcode != NAK or not self.data:
            return None
        if self.data[0] == FAIL_ERRNO and self.data[1:2] == bytes([ENOENT]):
            return FILE_NOT_FOUND
        return self.data[0]


def pack(packet: FtpPacket) -> list[int]:
    """The 251 bytes of a request. *size* counts where it is set, as it asks for bytes to come."""
    size = packet.size or len(packet.data)
    head = _HEAD.pack(packet.sequence, packet.session, packet.opcode, size, 0, 0, packet.offset)
    return list((head + packet.data).ljust(PAYLOAD_BYTES, b"\0"))


def unpack(payload: bytes) -> FtpPacket | None:
    """The answer in a payload; None where there is none."""
    if len(payload) < _HEAD.size:
        return None
    sequence, session, opcode, size, asked, complete, offset = _HEAD.unpack_from(payload)
    if opcode not in (ACK, NAK):
        return None
    data = payload[_HEAD.size :].ljust(DATA_BYTES, b"\0")[: min(size, DATA_BYTES)]
    return FtpPacket(sequence, session, opcode, size, asked, bool(complete), offset, data)
