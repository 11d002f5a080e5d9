"""What FILE_TRANSFER_PROTOCOL carries (https://mavlink.io/en/services/ftp.html)."""

import struct
from collections.abc import Iterable
from typing import Final, NamedTuple
from zlib import crc32

from windsock.firmware_sim.vehicle.enums import Nak, Opcode
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.storage import Log

DATA_B: Final = 239
_HEAD: Final = struct.Struct("<HBBBBBxI")
_EBADF: Final = 9


class Ftp(NamedTuple):
    """One payload, and who asks or is answered."""

    seq: int
    session: int
    opcode: int
    size: int
    req_opcode: int
    burst_complete: bool
    offset: int
    data: bytes
    peer: tuple[int, int]

    @classmethod
    def read(cls, message: Message) -> "Ftp":
        """From a FILE_TRANSFER_PROTOCOL."""
        payload = bytes(message.fields["payload"])
        seq, session, opcode, size, req_opcode, complete, offset = _HEAD.unpack_from(payload)
        data = payload[_HEAD.size :]
        peer = (message.system, message.component)
        return cls(seq, session, opcode, size, req_opcode, bool(complete), offset, data, peer)

    @property
    def path(self) -> str:
        """The path in a request, from the root."""
        text = self.data[: self.size].partition(b"\0")[0].decode("ascii", "replace")
        return "/" + text.strip("/")

    def message(self) -> Message:
        """As it travels."""
        head = _HEAD.pack(
            self.seq % 65536, self.session, self.opcode, self.size, self.req_opcode,
            self.burst_complete, self.offset,
        )  # fmt: skip
        fields = {
            "target_network": 0,
            "target_system": self.peer[0],
            "target_component": self.peer[1],
            "payload": head + self.data.ljust(DATA_B, b"\0")[:DATA_B],
        }
        return Message("FILE_TRANSFER_PROTOCOL", fields)

    def ack(self, data: bytes = b"", *, session: int | None = None) -> "Ftp":
        """The answer to this request that it was done."""
        return self._replace(
            seq=self.seq + 1,
            session=self.session if session is None else session,
            opcode=Opcode.ACK,
            req_opcode=self.opcode,
            burst_complete=False,
            size=len(data),
            data=data,
        )

    def nak(self, why: Nak, *, burst_complete: bool = False) -> "Ftp":
        """The answer to this request that it was not."""
        data = bytes([why, _EBADF]) if why == Nak.FAIL_ERRNO else bytes([why])
        answer = self.ack(data)
        return answer._replace(opcode=Opcode.NAK, burst_complete=burst_complete)


def listing(paths: Iterable[tuple[str, Log]], folder: str) -> list[bytes] | None:
    """Entries of a folder: `F` name, tab and size, or `D` name. None if there is no such one."""
    inside = "/" if folder == "/" else f"{folder}/"
    entries: dict[str, bytes] = {}
    for path, log in paths:
        if path.startswith(inside):
            name, slash, _ = path.removeprefix(inside).partition("/")
            entries[name] = f"D{name}\0".encode() if slash else f"F{name}\t{log.size}\0".encode()
    return list(entries.values()) if entries or folder == "/" else None


def packed(entries: Iterable[bytes]) -> bytes:
    """As many entries as a payload takes."""
    data = b""
    for entry in entries:
        if len(data) + len(entry) > DATA_B:
            break
        data += entry
    return data


def checksum(log: Log) -> bytes:
    """As both firmwares reckon CRC32: zlib's polynomial, initial value 0, no final inversion."""
    inverted = crc32(log.read(0, log.size), 0xFFFFFFFF)
    return (inverted ^ 0xFFFFFFFF).to_bytes(4, "little")
