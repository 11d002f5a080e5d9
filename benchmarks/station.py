"""Stations by the hundred in one client: they publish batches and wait for acknowledgements."""

import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from windsock.protocol import topics
from windsock.protocol.acks import decode_acks
from windsock.protocol.envelope import digest

_WINDOW = 500


class Stations:
    """One connection that publishes for all of them."""

    def __init__(self, port):
        self.acknowledged = 0
        self._waiting = {}
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id="bench", protocol=mqtt.MQTTv5
        )
        self._client.max_inflight_messages_set(_WINDOW)
        self._client.on_message = self._on_message
        subscribed = []
        self._client.on_subscribe = lambda *_: subscribed.append(True)
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("windsock/1/ack/+", qos=1)
        while not subscribed:
            self._client.loop(0.1)

    def send(self, payloads, again_s=20.0):
        """Publish (agent, payload) pairs and return when all are acknowledged."""
        queue = iter(payloads)
        more = True
        while more or self._waiting:
            while more and len(self._waiting) < _WINDOW:
                agent, payload = next(queue, (None, None))
                more = agent is not None
                if more:
                    self._publish(agent, payload)
            self._client.loop(0.05)
            now_s = time.monotonic()
            late = [one for one in self._waiting.values() if now_s - one[2] > again_s]
            for agent, payload, _ in late:
                self._publish(agent, payload)

    def _publish(self, agent, payload):
        self._waiting[digest(payload)] = (agent, payload, time.monotonic())
        self._client.publish(topics.up(agent), payload, qos=1)

    def _on_message(self, _client, _userdata, message):
        for ack in decode_acks(message.payload):
            self.acknowledged += self._waiting.pop(ack.digest, None) is not None
