"""Sends messages as a station would and waits for the collector's acknowledgements.

Sole owner of paho here. Not the agent's publisher: nothing is kept, a lost connection is an error.
"""

import time
from collections.abc import Iterable

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from windsock.protocol import topics
from windsock.protocol.acks import decode_acks
from windsock.protocol.envelope import FLIGHTS, Header, digest, encode
from windsock.protocol.messages import Message

_WINDOW = 20
_STEP_S = 0.2
_PATIENCE_S = 3.0


class UplinkError(Exception):
    """The broker went away before all was stored."""


def send(port: int, agent: str, version: str, messages: Iterable[Message], now_us: int) -> None:
    """Send *messages* to the broker on loopback and return when all are stored."""
    waiting = {digest(payload): payload for payload in _payloads(agent, version, messages, now_us)}
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=f"sim-{agent}", protocol=mqtt.MQTTv311
    )
    subscribed: list[bool] = []
    client.on_subscribe = lambda *_: subscribed.append(True)
    client.on_message = lambda _client, _data, message: _take_acks(waiting, bytes(message.payload))
    client.connect("127.0.0.1", port)
    client.subscribe(topics.ack(agent), qos=1)
    under_way: set[bytes] = set()
    patient_until_s = 0.0
    while waiting:
        if client.loop(_STEP_S) is not mqtt.MQTT_ERR_SUCCESS:
            raise UplinkError(f"{agent}: the broker closed the connection")
        if not under_way <= waiting.keys():
            under_way &= waiting.keys()
            patient_until_s = time.monotonic() + _PATIENCE_S
        elif time.monotonic() > patient_until_s:
            under_way.clear()  # no collector was there to hear it
            patient_until_s = time.monotonic() + _PATIENCE_S
        fresh = [key for key in waiting if key not in under_way] if subscribed else []
        for key in fresh[: _WINDOW - len(under_way)]:
            client.publish(topics.up(agent), waiting[key], qos=1)
            under_way.add(key)
    client.disconnect()


def _payloads(
    agent: str, version: str, messages: Iterable[Message], now_us: int
) -> Iterable[bytes]:
    for seq, message in enumerate(messages, 1):
        yield encode(Header(agent, now_us, FLIGHTS, seq, now_us, 0, "sim", version), message)


def _take_acks(waiting: dict[bytes, bytes], payload: bytes) -> None:
    for ack in decode_acks(payload):
        waiting.pop(ack.digest, None)
