"""The connection to the broker. Sole owner of paho, which serves as a socket, not as a queue.

PUBACKs are let go by hand once a batch is stored; until then the broker's own window holds the
next ones back, and where it has none (3.1.1, QoS 0, or one that lies) TCP does. One `Inbox` is one
connection, and what it brings bears its number: a PUBACK for a message of an old connection would
acknowledge whatever bears that id in the new one.
"""

import itertools
import time
from pathlib import Path
from typing import Final, NamedTuple

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from windsock.collector.clock import NowUs, system_now_us
from windsock.collector.settings import Broker
from windsock.config.broker_words import unreachable
from windsock.config.loader import SettingsError, secret
from windsock.protocol import topics

_QOS = 1
_PROTOCOLS = {"5": mqtt.MQTTv5, "3.1.1": mqtt.MQTTv311}
_KEEPALIVE_S = 20
"""A line that has died without a word is given up after twice this."""
_CONNECTIONS: Final = itertools.count(1)


class BrokerError(Exception):
    """The broker can't be reached or refuses us; retried later."""


class Arrived(NamedTuple):
    """One message as it came."""

    topic: str
    payload: bytes
    retained: bool
    mid: int
    connection: int = 0
    """Which one it came through; 0 is none, there is nobody to let go of it."""
    at_us: int | None = None
    """When it came, however often it is tried; None: when it is taken."""


class Inbox:
    """One connection: batches and status in, acknowledgements out."""

    def __init__(self, broker: Broker, now_us: NowUs = system_now_us) -> None:
        self.ready = False
        self._now_us = now_us
        self._number = next(_CONNECTIONS)
        self._under_way = 0
        self._broker = broker
        self._arrived: list[Arrived] = []
        self._failure: str | None = None
        self._client = self._make_client()

    def open(self) -> None:
        """Connect; `ready` turns true in a later `step`. Raises BrokerError."""
        broker = self._broker
        try:
            self._client.connect(
                broker.host, broker.port, keepalive=_KEEPALIVE_S, properties=self._properties()
            )
        except (OSError, ValueError) as error:
            words = unreachable(error, broker.ca_file)
            raise BrokerError(f"{broker.host}:{broker.port}: {words}") from error

    def step(self, wait_s: float) -> list[Arrived]:
        """What came within *wait_s*, with all that is there by then: at most a window full.

        Raises BrokerError once the connection is lost.
        """
        seen = -1
        while seen < len(self._arrived) < self._broker.window:
            # paho reads one packet at a time; what is there together is stored together.
            wait_s, seen = (wait_s if seen < 0 else 0.0), len(self._arrived)
            code = self._loop(wait_s)
            if code is not mqtt.MQTT_ERR_SUCCESS or self._failure:
                raise BrokerError(self._failure or mqtt.error_string(code))
        arrived, self._arrived = self._arrived, []
        return arrived

    def publish(self, topic: str, payload: bytes) -> None:
        """Send an acknowledgement."""
        self._client.publish(topic, payload, qos=_QOS)

    def let_go(self, arrived: list[Arrived]) -> None:
        """PUBACK: the broker may forget these, all that came through this connection."""
        for message in arrived:
            if message.connection == self._number:
                self._under_way -= 1
                if message.mid:  # QoS 0 has none: a PUBACK for it would end the connection
                    self._client.ack(message.mid, _QOS)

    def close(self) -> None:
        """Say goodbye."""
        self._client.disconnect()

    def _loop(self, wait_s: float) -> MQTTErrorCode:
        """Read and write; only keep alive where more is under way than may be."""
        if self._under_way <= self._broker.window:
            return self._client.loop(wait_s)
        time.sleep(wait_s)
        return self._client.loop_misc()

    def _properties(self) -> Properties | None:
        """How much may be under way: 3.1.1 can't say so, there the broker decides."""
        if self._broker.protocol != "5":
            return None
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho says no types here
        properties.ReceiveMaximum = self._broker.window
        return properties

    def _make_client(self) -> mqtt.Client:
        broker = self._broker
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            protocol=_PROTOCOLS[broker.protocol],
            manual_ack=True,
        )
        if broker.user:
            file = broker.password_file
            password = secret(file, "broker.password_file") if file else None
            client.username_pw_set(broker.user, password)
        if broker.tls:
            _trust(client, broker.ca_file)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self,
        client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._failure = f"the broker refuses: {reason}"
        else:
            client.subscribe([(topics.UP_FILTER, _QOS), (topics.STATUS_FILTER, _QOS)])

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._failure = f"the broker refuses our subscriptions: {reasons}"
        else:
            self.ready = True

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.ready = False
        self._failure = self._failure or f"disconnected: {reason}"

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage
    ) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError as error:
            self._failure = f"the broker sends a topic that is no text: {error}"
            return
        self._under_way += 1
        payload = bytes(message.payload)
        self._arrived.append(
            Arrived(
                topic, payload, message.retain, message.mid, self._number, at_us=self._now_us()
            )
        )


def _trust(client: mqtt.Client, ca_file: Path | None) -> None:
    """Raises SettingsError where the file holds no certificate."""
    try:
        client.tls_set(ca_certs=None if ca_file is None else str(ca_file))
    except OSError as error:
        raise SettingsError(f"broker.ca_file = {str(ca_file)!r}: {error}") from error
