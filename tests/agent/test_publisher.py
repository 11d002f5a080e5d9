"""The connection to real brokers, however it has to be made; and what is said when it can't."""

import contextlib
import gc
import threading
import warnings

import pytest
import trustme

from tests.chaos.scripted_broker import PACKET_TOO_LARGE, QUOTA, Script, ScriptedBroker
from tests.servers import Mosquitto
from tests.servers.connect_proxy import ConnectProxy
from tests.servers.process import free_port
from windsock.agent.clock import Clock, system_clock
from windsock.agent.publisher import BrokerError, Connection, Refusal
from windsock.agent.sender import until_ready
from windsock.agent.settings import Broker
from windsock.protocol import topics
from windsock.protocol.acks import STORED, Ack, encode_acks

pytestmark = pytest.mark.e2e

AGENT = "station-7"
ACK = Ack(b"12345678", STORED)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority and a folder with what it has issued."""
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    for name, certificate in (
        ("broker", authority.issue_cert("127.0.0.1")),
        ("agent", authority.issue_cert(f"{AGENT}@stations", common_name=AGENT)),
        ("stranger", trustme.CA().issue_cert("127.0.0.1", common_name=AGENT)),
    ):
        certificate.private_key_pem.write_to_path(folder / f"{name}.key")
        certificate.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
    return folder


def tls(folder, name="broker", **more):
    lines = {"cafile": folder / "ca.pem", "certfile": folder / f"{name}.pem",
             "keyfile": folder / f"{name}.key"} | more  # fmt: skip
    return [f"{key} {value}" for key, value in lines.items()]


def websockets():
    """mosquitto 2.0 ends where all of its listeners speak WebSocket: there is another one."""
    return ["protocol websockets", f"listener {free_port()} 127.0.0.1", "allow_anonymous true"]


def connected(broker, clock=None):
    connection = Connection(broker, AGENT, clock or system_clock())
    connection.open()
    until_ready(connection, clock or system_clock(), threading.Event())
    return connection


def passes_batches_and_acks(broker, server):
    """A batch goes up, an acknowledgement comes down."""
    plain = Broker(host="127.0.0.1", port=server.port) if server else broker
    listener = Connection(plain, AGENT, system_clock(), suffix="-listener")
    listener.open()
    until_ready(listener, system_clock(), threading.Event())
    connection = connected(broker)
    connection.send_batch(1, b"batch")
    assert connection.unconfirmed == {1}
    listener._client.publish(topics.ack(AGENT), encode_acks([ACK]), qos=1)
    while not connection.acks:
        listener.step(0.01)
        connection.step(0.01)
    assert connection.taken_acks() == [ACK]
    while connection._pulse.owed:
        connection.step(0.01)
    assert connection.unconfirmed == set()
    connection.close()
    listener.close()


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("transport", ["tcp", "websockets"])
def test_both_protocols_on_both_transports(tmp_path, protocol, transport):
    lines = websockets() if transport == "websockets" else []
    with Mosquitto(tmp_path, config_lines=lines) as server:
        broker = Broker(host="127.0.0.1", port=server.port, protocol=protocol,
                        transport=transport)  # fmt: skip
        passes_batches_and_acks(broker, None if lines else server)


@pytest.mark.parametrize("transport", ["tcp", "websockets"])
def test_tls_with_a_client_certificate(tmp_path, authority, transport):
    lines = websockets() if transport == "websockets" else []
    lines[1:1] = tls(authority, require_certificate="true", use_identity_as_username="true")
    with Mosquitto(tmp_path, config_lines=lines) as server:
        broker = Broker(
            host="127.0.0.1", port=server.port, tls=True, transport=transport,
            ca_file=authority / "ca.pem", certificate_file=authority / "agent.pem",
            key_file=authority / "agent.key",
        )  # fmt: skip
        passes_batches_and_acks(broker, None)


def refusal(broker):
    with pytest.raises(BrokerError) as caught:
        connected(broker)
    return str(caught.value)


def test_a_broker_with_a_certificate_of_somebody_else_is_refused_in_a_clear_line(
    tmp_path, authority
):
    with Mosquitto(tmp_path, config_lines=tls(authority, "stranger")) as server:
        broker = Broker(host="127.0.0.1", port=server.port, tls=True, ca_file=authority / "ca.pem")

        with warnings.catch_warnings(action="ignore", category=ResourceWarning):
            said = refusal(broker)
            gc.collect()  # paho leaves the socket of a failed handshake to us

    assert "its certificate is refused" in said


def test_a_broker_that_refuses_our_certificate_says_so_in_a_clear_line(tmp_path, authority):
    with Mosquitto(tmp_path, config_lines=tls(authority, require_certificate="true")) as server:
        broker = Broker(
            host="127.0.0.1", port=server.port, tls=True, ca_file=authority / "ca.pem",
            certificate_file=authority / "stranger.pem", key_file=authority / "stranger.key",
        )  # fmt: skip

        assert "does it take our certificate?" in refusal(broker)


def test_a_key_that_is_none_is_named(authority):
    broker = Broker(tls=True, certificate_file=authority / "ca.pem", key_file=authority / "ca.pem")

    assert refusal(broker).startswith("broker.ca_file, certificate_file, key_file can't be used")


@pytest.mark.parametrize("transport", ["tcp", "websockets"])
def test_through_a_proxy_with_a_password(tmp_path, transport):
    lines = websockets() if transport == "websockets" else []
    secret = tmp_path / "secret"
    secret.write_text("p4ss\n")
    with (
        Mosquitto(tmp_path, config_lines=lines) as server,
        ConnectProxy("station", "p4ss") as proxy,
    ):
        broker = Broker(
            host="127.0.0.1", port=server.port, transport=transport,
            proxy=f"http://station@127.0.0.1:{proxy.port}", proxy_password_file=secret,
        )  # fmt: skip
        passes_batches_and_acks(broker, None)

        assert set(proxy.asked) == {f"127.0.0.1:{server.port}"}


def test_a_proxy_that_refuses_us_is_named():
    with ConnectProxy("station", "p4ss") as proxy:
        said = refusal(Broker(proxy=f"http://127.0.0.1:{proxy.port}"))

    assert f"through http://127.0.0.1:{proxy.port}" in said
    assert "407" in said


def test_a_wrong_password_is_the_brokers_word():
    with ScriptedBroker(Script(refuse=0x87)) as server:
        said = refusal(Broker(host="127.0.0.1", port=server.port))

    assert said == "the broker refuses: Not authorized"


class Turned:
    """A clock that a test turns."""

    def __init__(self):
        self.now_us = 0
        self.clock = Clock(lambda: 0, lambda: self.now_us, "boot")


def test_a_half_open_line_is_given_up_within_45_s_of_the_injected_clock():
    time = Turned()
    with ScriptedBroker(Script(pong=False)) as server:
        connection = connected(Broker(host="127.0.0.1", port=server.port), time.clock)
        time.now_us += 39_000_000
        connection.step(0.0)
        time.now_us += 6_000_000
        with pytest.raises(BrokerError, match="nothing heard for 40 s"):
            connection.step(0.0)


def test_a_broker_that_answers_pings_and_acknowledges_nothing_is_given_up_too():
    time = Turned()
    with ScriptedBroker(Script(publish="drop")) as server:
        connection = connected(Broker(host="127.0.0.1", port=server.port), time.clock)
        connection.send_batch(1, b"batch")
        server.wait_for(lambda broker: broker.batches())
        time.now_us += 45_000_000
        connection._pulse.heard(time.now_us)
        with pytest.raises(BrokerError, match="acknowledges nothing for 40 s"):
            connection.step(0.0)


def refused(script):
    """What is said of a batch of 5 bytes that the broker does not take."""
    with ScriptedBroker(script) as server:
        connection = connected(Broker(host="127.0.0.1", port=server.port))
        connection.send_batch(17, b"batch")
        with contextlib.suppress(BrokerError):
            while not connection.refusals:
                connection.step(0.01)
        connection.close()
        return connection.taken_refusals()


def test_a_batch_beyond_the_quota_is_refused_with_the_brokers_reason():
    assert refused(Script(puback=QUOTA)) == [Refusal(17, 5, False, "Quota exceeded")]


def test_a_batch_that_is_too_large_costs_the_connection_and_is_named():
    script = Script(publish="disconnect", puback=PACKET_TOO_LARGE)

    assert refused(script) == [Refusal(17, 5, True, "Packet too large")]


def test_what_mosquitto_says_it_takes_at_most_it_takes(tmp_path):
    with Mosquitto(tmp_path, config_lines=["max_packet_size 2000"]) as server:
        connection = connected(Broker(host="127.0.0.1", port=server.port))
        assert 1900 < connection.largest < 2000
        connection.send_batch(1, bytes(connection.largest))
        while connection._pulse.owed:
            connection.step(0.01)

    assert connection.refusals == []


def test_a_brokers_receive_maximum_leaves_so_much_room(tmp_path):
    with Mosquitto(tmp_path, config_lines=["max_inflight_messages 3"]) as server:
        connection = connected(Broker(host="127.0.0.1", port=server.port))
        assert connection.room() == 3
        connection.send_batch(1, b"batch")
        assert connection.room() == 2
