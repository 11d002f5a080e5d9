"""An MQTT 5 broker that does what a test tells it to, and nothing else.

It knows CONNECT, SUBSCRIBE, PUBLISH at QoS 1, PINGREQ and DISCONNECT, remembers all that is
published, and passes nothing on: tests say what it sends. Written against the standard
(https://docs.oasis-open.org/mqtt/mqtt/v5.0/), not against any client.
"""

import asyncio
import threading
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tests.chaos.in_thread import ThreadServer

CONNECT, CONNACK, PUBLISH, PUBACK = 1, 2, 3, 4
SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = 8, 9, 12, 13, 14
SUCCESS, NOT_AUTHORIZED, BUSY, PACKET_TOO_LARGE, QUOTA = 0x00, 0x87, 0x89, 0x95, 0x97

Way = Literal["answer", "drop", "cut", "cut mid-packet", "disconnect"]
"""What it does with a PUBLISH: ``drop`` is silence, ``cut`` ends the connection."""


class Published(NamedTuple):
    """One PUBLISH as it came."""

    topic: str
    payload: bytes
    retained: bool
    again: bool
    """The DUP flag."""


@dataclass
class Script:
    """How it behaves; may be changed at any time."""

    refuse: int = SUCCESS
    """Reason code of CONNACK."""
    accept: bool = True
    """Whether it answers a CONNECT at all."""
    publish: Way = "answer"
    puback: int = SUCCESS
    suback: int = 1
    pong: bool = True
    maximum_packet: int | None = None
    """What CONNACK says of it."""


class ScriptedBroker(ThreadServer):
    """On `port`, in a thread of its own. Wait with `wait_for`."""

    def __init__(self, script: Script | None = None) -> None:
        super().__init__()
        self.script = script or Script()
        self.published: list[Published] = []
        self.connections = 0
        self._news = threading.Condition()
        self._clients: list[asyncio.StreamWriter] = []

    def wait_for(self, happened, within_s: float = 60.0) -> None:
        """Until *happened* of this broker; asked whenever something comes."""
        with self._news:
            assert self._news.wait_for(lambda: happened(self), within_s)

    def batches(self) -> list[bytes]:
        """What was published on ``up`` topics, in order."""
        return [one.payload for one in self.published if "/up/" in one.topic]

    def send(self, topic: str, payload: bytes) -> None:
        """To everybody who is connected, at QoS 0."""
        name = topic.encode()
        packet = _packet(PUBLISH, len(name).to_bytes(2, "big") + name + b"\0" + payload)
        self.loop.call_soon_threadsafe(lambda: [one.write(packet) for one in self._clients])

    def hang_up(self) -> None:
        """On everybody."""
        self.loop.call_soon_threadsafe(lambda: [one.transport.abort() for one in self._clients])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a client's packets as the script says."""
        self._note(connection=True)
        self._clients.append(writer)
        try:
            while await self._answer(*await _read(reader), writer):
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._clients.remove(writer)
            writer.transport.abort()
            self._note()

    async def _answer(
        self, kind: int, flags: int, body: bytes, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection goes on."""
        script = self.script
        match kind:
            case 1:  # CONNECT
                if script.accept:
                    writer.write(_packet(CONNACK, bytes([0, script.refuse]) + self._limits()))
                return script.refuse == SUCCESS
            case 3:  # PUBLISH
                return self._published(flags, body, writer)
            case 8:  # SUBSCRIBE
                writer.write(_packet(SUBACK, body[:2] + bytes([0, script.suback])))
            case 12 if script.pong:  # PINGREQ
                writer.write(_packet(PINGRESP, b""))
            case 14:  # DISCONNECT
                return False
        return True

    def _limits(self) -> bytes:
        if self.script.maximum_packet is None:
            return b"\0"
        return bytes([5, 0x27]) + self.script.maximum_packet.to_bytes(4, "big")

    def _published(self, flags: int, body: bytes, writer: asyncio.StreamWriter) -> bool:
        end = 2 + int.from_bytes(body[:2], "big")
        topic, number = body[2:end].decode(), body[end : end + 2]
        at = end + 2 + 1 + body[end + 2]  # properties are short: their length is one byte
        self._note(Published(topic, body[at:], bool(flags & 1), bool(flags & 8)))
        match self.script.publish:
            case "answer":
                writer.write(_packet(PUBACK, number + bytes([self.script.puback, 0])))
            case "cut":
                return False
            case "cut mid-packet":
                writer.write(_packet(PUBACK, number + bytes([0, 0]))[:3])
                return False
            case "disconnect":
                writer.write(_packet(DISCONNECT, bytes([self.script.puback, 0])))
                return False
        return True

    def _note(self, published: Published | None = None, *, connection: bool = False) -> None:
        with self._news:
            self.connections += connection
            if published:
                self.published.append(published)
            self._news.notify_all()


async def _read(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    """Kind, flags and body of a packet."""
    (first,) = await reader.readexactly(1)
    length = shift = 0
    while True:
        (octet,) = await reader.readexactly(1)
        length |= (octet & 127) << shift
        shift += 7
        if octet < 128:
            break
    return first >> 4, first & 15, await reader.readexactly(length)


def _packet(kind: int, body: bytes) -> bytes:
    length, octets = len(body), b""
    while True:
        length, septet = length >> 7, length & 127
        octets += bytes([septet | (128 if length else 0)])
        if not length:
            return bytes([kind << 4]) + octets + body
