"""Bytes on a TLS link, both ways, acknowledgements included, beside one JSON message a row.

A real mosquitto with TLS, a proxy in front of it that counts, a real agent and collector behind:
handshake, status, subscription, PUBACKs and our own acknowledgements all count. The peer publishes
each row as JSON with QoS 1 over one connection of the same kind.
"""

import json
import logging
import select
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

import paho.mqtt.client as mqtt
from figure import Figure
from large_logs import missing
from paho.mqtt.enums import CallbackAPIVersion
from rows import laid_end_to_end
from servers import Mosquitto, collector, lacking

from windsock.agent.app import Service
from windsock.agent.clock import system_clock
from windsock.agent.settings import Broker, Settings
from windsock.agent.spool import Identity
from windsock.agent.spool_file import open_spool
from windsock.protocol.envelope import SERIES

ROWS = 1200
LEAST = 15


def figures():
    why_not = missing() or lacking("mosquitto")
    if why_not:
        print(why_not)
        return
    logging.getLogger("windsock").setLevel(logging.ERROR)
    batch = laid_end_to_end(ROWS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificates(folder)
        with TlsBroker(folder) as (broker, tls_port):
            with Counting(tls_port) as proxy, collector(folder, broker.port):
                agent_sends(folder, proxy.port, batch)
            ours = proxy.octets
            with Counting(tls_port) as proxy:
                json_client_sends(folder, proxy.port, batch)
            theirs = proxy.octets
    yield Figure(
        f"TLS link, {ROWS} rows: bytes a row, both ways, all included", ours / ROWS, "B",
        theirs / ROWS, "B, a JSON message a row, QoS 1", theirs / ours,
    )  # fmt: skip
    yield Figure(f"TLS link, {ROWS} rows: the same, times fewer bytes", theirs / ours, "x",
                 LEAST, "x, the aim", theirs / ours / LEAST)  # fmt: skip


def agent_sends(folder, port, batch):
    """An agent whose spool holds the rows runs until all of it is acknowledged."""
    settings = Settings(
        agent="station-1",
        state=folder / "state",
        broker=Broker(host="localhost", port=port, tls=True, ca_file=folder / "ca.pem"),
    )
    identity, clock = Identity("station-1", "0.1.0"), system_clock()
    spool = open_spool(settings.state / "spool.sqlite", identity, clock)
    spool.add([(SERIES, batch.message)])
    spool.close()
    Service(settings, identity, clock, once=True).run()


def json_client_sends(folder, port, batch):

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="json", protocol=mqtt.MQTTv311)
    client.tls_set(ca_certs=str(folder / "ca.pem"))
    client.max_inflight_messages_set(1000)
    client.connect("localhost", port)
    client.loop_start()
    topic = f"telemetry/{batch.message.drone_uid}"
    sent = [client.publish(topic, json.dumps(row, separators=(",", ":")), qos=1)
            for row in batch.rows()]  # fmt: skip
    for one in sent:
        one.wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


class Counting:
    """A proxy on loopback that counts what goes through it, both ways."""

    def __init__(self, to_port):
        self.octets = 0
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._forward, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _forward(self, client):
        with client, socket.create_connection(("127.0.0.1", self._to_port)) as server:
            other = {client: server, server: client}
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    self.octets += len(data)
                    other[source].sendall(data)


class TlsBroker:
    """mosquitto with a plain listener for the collector and one with TLS; their ports."""

    def __init__(self, folder):
        self._folder = folder

    def __enter__(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            tls_port = probe.getsockname()[1]
        lines = [
            f"listener {tls_port} 127.0.0.1",
            "allow_anonymous true",
            f"certfile {self._folder}/server.pem",
            f"keyfile {self._folder}/server.key",
        ]
        self._broker = Mosquitto(self._folder / "mosquitto", config_lines=lines)
        return self._broker.start(), tls_port

    def __exit__(self, *_):
        self._broker.stop()


def certificates(folder):
    """A certificate for localhost that is its own authority, P-256 as many brokers have."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", folder / "server.key", "-out", folder / "server.pem", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "ca.pem").write_bytes((folder / "server.pem").read_bytes())
