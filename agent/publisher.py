"""The connection to the broker. Sole owner of paho, which serves as a socket, not as a queue.

One `Connection` is one attempt: after a failure it is thrown away with all that paho remembers,
so nothing is sent again behind our back. Time comes from an injected clock.
"""

import contextlib
import select
from pathlib import Path
from typing import Any, Final, NamedTuple

import paho.mqtt.client as mqtt
import socks
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from windsock.agent.clock import Clock
from windsock.agent.pulse import Pulse
from windsock.agent.settings import Broker, proxy_of
from windsock.config.broker_words import unreachable
from windsock.config.killpoint import reached
from windsock.config.loader import secret
from windsock.protocol import topics
from windsock.protocol.acks import Ack, decode_acks
from windsock.protocol.envelope import MESSAGE_LIMIT
from windsock.protocol.errors import WireError

_QOS: Final = 1
_PROTOCOLS: Final = {"5": mqtt.MQTTv5, "3.1.1": mqtt.MQTTv311}
_TOO_LARGE: Final = 0x95
_OVERHEAD: Final = 16
"""Bytes of a PUBLISH beside topic and payload, at most."""
_SILENT_KEEPALIVES: Final = 2
_ANY: Final = 65_535


class BrokerError(Exception):
    """The broker can't be reached or refuses us; retried later."""


class Refusal(NamedTuple):
    """A batch that the broker would not take, and why."""

    batch: int
    size: int
    too_large: bool
    reason: str


class Connection:
    """One connection of one agent: batches up, acknowledgements down."""

    def __init__(self, broker: Broker, agent: str, clock: Clock, *, suffix: str = "") -> None:
        self.ready = False
        self.acks: list[Ack] = []
        self.refusals: list[Refusal] = []
        self.collector_came = False
        """A collector said that it is there now: what was sent before may have met nobody."""
        self.largest = MESSAGE_LIMIT
        """Bytes of the largest batch that this broker takes, as far as it says so."""
        self._room = _ANY
        self._broker = broker
        self._agent = agent
        self._clock = clock
        self._client_id = f"windsock-agent-{agent}{suffix}"
        self._answered = False
        self._failure: str | None = None
        self._said: str | None = None
        self._sent: dict[int, tuple[int, int]] = {}
        self._client: mqtt.Client | None = None
        self._pulse = Pulse(int(_SILENT_KEEPALIVES * broker.keepalive_s * 1e6), 0)

    def open(self, will: bytes | None = None) -> None:
        """Connect; `ready` turns true in a later `step`. Raises BrokerError.

        *will* becomes the retained status when this connection ends without a goodbye.
        """
        broker = self._broker
        where = f"{broker.host}:{broker.port}"
        try:
            self._client = self._make_client(will)
            self._client.connect(broker.host, broker.port, keepalive=broker.keepalive_s)
        except (OSError, ValueError) as error:
            through = f" through {broker.proxy}" if broker.proxy else ""
            words = unreachable(error, broker.ca_file)
            raise BrokerError(f"{where}{through}: {words}") from error
        self._pulse.heard(self._clock.monotonic_us())

    def step(self, wait_s: float) -> None:
        """Read and write for at most *wait_s*. Raises BrokerError once the connection is lost."""
        client = self._opened()
        if self._comes(wait_s):
            self._pulse.heard(self._clock.monotonic_us())
            self._check(client.loop_read())
        if client.want_write():
            self._check(client.loop_write())
        self._check(client.loop_misc())
        stopped = self._pulse.stopped(self._clock.monotonic_us())
        if stopped:
            raise BrokerError(stopped)

    def taken_acks(self) -> list[Ack]:
        """The acknowledgements that came since the last call."""
        acks, self.acks = self.acks, []
        return acks

    def taken_refusals(self) -> list[Refusal]:
        """What the broker would not take since the last call."""
        refusals, self.refusals = self.refusals, []
        return refusals

    @property
    def unconfirmed(self) -> set[int]:
        """The batches that the broker was handed and has not acknowledged."""
        return {batch for batch, _ in self._sent.values()}

    def room(self) -> int:
        """How many messages more the broker may be handed now (MQTT 5's receive maximum)."""
        return max(0, self._room - self._pulse.owed)

    def send_batch(self, batch: int, payload: bytes) -> None:
        """Hand one batch to the broker."""
        mid = self._publish(topics.up(self._agent), payload, retain=False)
        self._sent[mid] = (batch, len(payload))
        reached("after-publish")

    def send_status(self, report: bytes) -> None:
        """Replace the retained status."""
        self._publish(topics.status(self._agent), report, retain=True)

    def close(self) -> None:
        """Say goodbye, and let go of the socket."""
        client, self._client = self._client, None
        if client:
            client.disconnect()

    def _opened(self) -> mqtt.Client:
        if self._client is None or self._client.socket() is None:
            raise BrokerError(self._reason("not connected"))
        return self._client

    def _comes(self, wait_s: float) -> bool:
        """Whether there is something to read, maybe in a buffer of TLS or of the WebSocket."""
        client = self._opened()
        socket: Any = client.socket()
        pending = getattr(socket, "pending", lambda: 0)()
        writing = [socket] if client.want_write() else []
        readable, _, _ = select.select([socket], writing, [], 0.0 if pending else wait_s)
        return bool(readable or pending)

    def _check(self, code: MQTTErrorCode) -> None:
        if code is not mqtt.MQTT_ERR_SUCCESS or self._failure:
            raise BrokerError(self._reason(mqtt.error_string(code)))

    def _reason(self, otherwise: str) -> str:
        """Why the connection is lost; what the socket said of it, too, which paho only logs."""
        failure = self._failure or otherwise
        if self._said:
            failure = f"{failure} ({self._said})"
        if self._broker.tls and not self._answered:
            failure = f"{failure}, before it answered: does it take our certificate?"
        return failure

    def _publish(self, topic: str, payload: bytes, *, retain: bool) -> int:
        # Without a connection this still queues inside paho; the queue dies with this object.
        info = self._opened().publish(topic, payload, qos=_QOS, retain=retain)
        self._pulse.handed(info.mid, self._clock.monotonic_us())
        return info.mid

    def _make_client(self, will: bytes | None) -> mqtt.Client:
        broker = self._broker
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=_PROTOCOLS[broker.protocol],
            transport=broker.transport,
        )
        client.max_inflight_messages_set(_ANY)  # the window is ours
        if broker.transport == "websockets":
            client.ws_set_options(path=broker.path)
        if will is not None:
            client.will_set(topics.status(self._agent), will, qos=_QOS, retain=True)
        if broker.password_file:
            client.username_pw_set(
                self._agent, secret(broker.password_file, "broker.password_file")
            )
        self._set_tls(client)
        self._set_proxy(client)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_log = self._on_log
        return client

    def _set_tls(self, client: mqtt.Client) -> None:
        broker = self._broker
        if not broker.tls:
            return
        try:
            client.tls_set(
                ca_certs=_name(broker.ca_file),
                certfile=_name(broker.certificate_file),
                keyfile=_name(broker.key_file),
                keyfile_password="",  # a locked key is an error, not a prompt
            )
        except (OSError, ValueError) as error:
            keys = "broker.ca_file, certificate_file, key_file"
            raise BrokerError(f"{keys} can't be used: {error}") from error

    def _set_proxy(self, client: mqtt.Client) -> None:
        broker = self._broker
        if broker.proxy is None:
            return
        proxy, file = proxy_of(broker.proxy), broker.proxy_password_file
        password = secret(file, "broker.proxy_password_file") if file else None
        client.proxy_set(
            proxy_type=socks.HTTP, proxy_addr=proxy.host, proxy_port=proxy.port,
            proxy_username=proxy.user, proxy_password=password,
        )  # fmt: skip

    def _on_connect(
        self,
        client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._answered = True
        if reason.is_failure:
            self._failure = f"the broker refuses: {reason}"
            return
        self._room = getattr(properties, "ReceiveMaximum", _ANY)
        packet = getattr(properties, "MaximumPacketSize", None)
        if packet is not None:
            self.largest = min(MESSAGE_LIMIT, packet - len(topics.up(self._agent)) - _OVERHEAD)
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

    def _on_publish(
        self,
        _client: mqtt.Client,
        _userdata: object,
        mid: int,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._pulse.acknowledged(mid, self._clock.monotonic_us())
        batch, size = self._sent.pop(mid, (None, 0))
        if batch is not None and reason.is_failure:
            self.refusals.append(Refusal(batch, size, reason.value == _TOO_LARGE, str(reason)))

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
        if reason.value == _TOO_LARGE and self._sent:
            batch, size = max(self._sent.values(), key=lambda sent: sent[1])
            self.refusals.append(Refusal(batch, size, too_large=True, reason=str(reason)))

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage
    ) -> None:
        # A damaged acknowledgement acknowledges nothing: the batch is simply asked again.
        with contextlib.suppress(WireError):
            acks = decode_acks(bytes(message.payload))
            self.acks += acks
            self.collector_came |= not acks

    def _on_log(self, _client: mqtt.Client, _userdata: object, level: int, text: str) -> None:
        if level == mqtt.MQTT_LOG_ERR:
            self._said = text


def _name(path: Path | None) -> str | None:
    return None if path is None else str(path)
