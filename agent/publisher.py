"""The connection to the broker. Sole owner of paho, which serves as a socket, not as a queue.

One `Connection` is one attempt: after a failure it is thrown away with all that paho remembers,
so nothing is sent again behind our back.
"""

import contextlib
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from windsock.agent.settings import Broker
from windsock.config.loader import secret
from windsock.protocol import topics
from windsock.protocol.acks import Ack, decode_acks
from windsock.protocol.errors import WireError

_QOS = 1
_PROTOCOLS = {"5": mqtt.MQTTv5, "3.1.1": mqtt.MQTTv311}


class BrokerError(Exception):
    """The broker can't be reached or refuses us; retried later."""


class Connection:
    """One connection of one agent: batches up, acknowledgements down."""

    def __init__(
        self, broker: Broker, agent: str, will: bytes | None, *, suffix: str = ""
    ) -> None:
        self.ready = False
        self.acks: list[Ack] = []
        self.collector_came = False
        """A collector said that it is there now: what was sent before may have met nobody."""
        self._broker = broker
        self._agent = agent
        self._client_id = f"windsock-agent-{agent}{suffix}"
        self._failure: str | None = None
        self._client = self._make_client(will)

    def open(self) -> None:
        """Connect; `ready` turns true in a later `step`. Raises BrokerError."""
        broker = self._broker
        try:
            self._client.connect(broker.host, broker.port, keepalive=broker.keepalive_s)
        except (OSError, ValueError) as error:
            raise BrokerError(f"{broker.host}:{broker.port}: {error}") from error

    def step(self, wait_s: float) -> None:
        """Read and write for at most *wait_s*. Raises BrokerError once the connection is lost."""
        code = self._client.loop(wait_s)
        if code is not mqtt.MQTT_ERR_SUCCESS or self._failure:
            raise BrokerError(self._failure or mqtt.error_string(code))

    def taken_acks(self) -> list[Ack]:
        """The acknowledgements that came since the last call."""
        acks, self.acks = self.acks, []
        return acks

    def send_batch(self, payload: bytes) -> None:
        """Hand one batch to the broker."""
        self._publish(topics.up(self._agent), payload, retain=False)

    def send_status(self, report: bytes) -> None:
        """Replace the retained status."""
        self._publish(topics.status(self._agent), report, retain=True)

    def close(self) -> None:
        """Say goodbye."""
        self._client.disconnect()

    def _publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        # Without a connection this still queues inside paho; the queue dies with this object.
        with contextlib.suppress(ValueError):
            self._client.publish(topic, payload, qos=_QOS, retain=retain)

    def _make_client(self, will: bytes | None) -> mqtt.Client:
        broker = self._broker
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=_PROTOCOLS[broker.protocol],
        )
        if will is not None:
            client.will_set(topics.status(self._agent), will, qos=_QOS, retain=True)
        if broker.password_file:
            client.username_pw_set(
                self._agent, secret(broker.password_file, "broker.password_file")
            )
        if broker.tls:
            client.tls_set(
                ca_certs=_name(broker.ca_file),
                certfile=_name(broker.certificate_file),
                keyfile=_name(broker.key_file),
            )
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
            client.subscribe(topics.ack(self._agent), qos=_QOS)

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._failure = f"the broker refuses the acknowledgement topic: {reasons[0]}"
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
        # A damaged acknowledgement acknowledges nothing: the batch is simply asked again.
        with contextlib.suppress(WireError):
            acks = decode_acks(bytes(message.payload))
            self.acks += acks
            self.collector_came |= not acks


def _name(path: Path | None) -> str | None:
    return None if path is None else str(path)
