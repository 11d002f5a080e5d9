"""Bytes that are no batch: in quarantine at once, and no neighbour waits for them."""

import os
import random
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import msgpack
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.chaos.rig import Rig
from tests.chaos.scorecard import Scorecard
from tests.servers.process import HOST
from windsock.protocol import topics
from windsock.protocol.acks import QUARANTINED, STORED, decode_acks
from windsock.protocol.envelope import BODY_LIMIT, Header, digest, encode
from windsock.protocol.messages import Ping

PART = "poison"
AGENT = "poisoner"
IN_TIME_S = 1.0
PATIENCE_S = 30.0
HEADER = [AGENT, 77, 1, 1, 0, 0, "boot", "0"]


class Fate(NamedTuple):
    """How long two acknowledgements took: of the poison, and of the good batch behind it."""

    poison_s: float
    neighbour_s: float
    quarantined: bool


def poisons(chance: random.Random) -> dict[str, bytes]:
    """One of each kind; all but the mangled ones have a header that can be read."""
    good = batch(1)
    flipped = bytearray(good)
    flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return {
        "truncated": good[: len(good) // 2],
        "bit-flipped": bytes(flipped),
        "100 MB claimed": _sealed(b"\xc6" + (100_000_000).to_bytes(4, "big") + b"x"),
        "a zip bomb": _sealed(zlib.compress(bytes(10 * BODY_LIMIT)), codec=1),
        "a wrong version": bytes([good[0], 9]) + good[2:],
        "deeply nested": _sealed(b"\x81\xa1x" + b"\x91" * 200_000),
        "random": os.urandom(chance.randrange(1, 5000)),
        "empty": b"",
    }


def batch(seq: int) -> bytes:
    """A good one."""
    return encode(Header(AGENT, 77, 1, seq, 0, 0, "boot", "0"), Ping())


def poison(rig: Rig, card: Scorecard, chance: random.Random, progress: Callable[[str], None],
           *, timed: bool = True) -> None:  # fmt: skip
    """Each of them, on its way with a good batch, while logs come."""
    seqs = iter(range(1, 1000))
    with _client(rig.broker.port) as client:
        for name, payload in poisons(chance).items():
            progress(f"poison: {name}")
            rig.drop()
            fate = client.swallow(payload, batch(next(seqs)))
            in_time = max(fate.poison_s, fate.neighbour_s) < IN_TIME_S
            card.add(
                PART, f"{name}: quarantined within a second, its neighbour not a second late",
                f"{1000 * fate.poison_s:.0f} ms, neighbour {1000 * fate.neighbour_s:.0f} ms",
                kept=fate.quarantined and (in_time or not timed),
            )  # fmt: skip
    kept = rig.count("SELECT count(*) FROM quarantine")
    wanted = len(poisons(chance))
    card.add(PART, "kept byte for byte", f"{kept} of {wanted} in quarantine", kept=kept == wanted)


def _sealed(body: bytes, codec: int = 0) -> bytes:
    """A body in an envelope whose checksum is right."""
    start, rest = bytes([0x57, 1, 1, codec]), msgpack.packb(HEADER) + body
    crc = zlib.crc32(rest, zlib.crc32(start))
    return start + crc.to_bytes(4, "little") + rest


class _Client:
    """A station that sends what it likes and reads its acknowledgements."""

    def __init__(self, port: int) -> None:
        self.acked: dict[bytes, tuple[int, float]] = {}
        self._ready = False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=AGENT,
                                   protocol=mqtt.MQTTv5)  # fmt: skip
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        self._client.connect(HOST, port)
        self._client.loop_start()
        self._client.subscribe(topics.ack(AGENT), 1)
        self._until(lambda: self._ready)

    def swallow(self, payload: bytes, neighbour: bytes) -> Fate:
        began_s = time.monotonic()
        for one in (payload, neighbour):
            self._client.publish(topics.up(AGENT), one, qos=1)
        names = [digest(one) for one in (payload, neighbour)]
        self._until(lambda: all(name in self.acked for name in names))
        (status, poison_s), (stored, neighbour_s) = (self.acked[name] for name in names)
        quarantined = (status, stored) == (QUARANTINED, STORED)
        return Fate(poison_s - began_s, neighbour_s - began_s, quarantined)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client, _userdata, message) -> None:
        for ack in decode_acks(message.payload):
            self.acked[ack.digest] = ack.status, time.monotonic()

    def _on_subscribe(self, *_: object) -> None:
        self._ready = True

    @staticmethod
    def _until(true: Callable[[], bool]) -> None:
        limit_s = time.monotonic() + PATIENCE_S
        while not true():
            if time.monotonic() > limit_s:
                raise TimeoutError("no acknowledgement")
            time.sleep(0.005)


@contextmanager
def _client(port: int) -> Iterator[_Client]:
    client = _Client(port)
    try:
        yield client
    finally:
        client.close()
