"""The broker's configuration as it is shipped: who may do what, and who is turned away."""

import gc
import os
import signal

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.servers import ShippedMosquitto
from tests.servers.shipped_mosquitto import NOW_US
from windsock.agent import publisher
from windsock.agent.clock import system_clock
from windsock.agent.settings import Broker as AgentBroker
from windsock.collector.install.certificates import authority, for_server
from windsock.collector.install.passwords import password_line
from windsock.collector.receive import inbox
from windsock.collector.settings import Broker as CollectorBroker
from windsock.config.loader import SettingsError
from windsock.protocol import topics
from windsock.protocol.acks import encode_acks

pytestmark = [
    pytest.mark.e2e,
    # paho leaves the socket of a handshake that failed to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning"),
]
STATION, OTHER = "station-7", "station-8"


@pytest.fixture
def broker(tmp_path):
    with ShippedMosquitto(tmp_path / "mosquitto", ["collector", STATION, OTHER]) as server:
        yield server
    gc.collect()  # here, where its warnings are known


def agents(server, **changes):
    """The settings of STATION."""
    return AgentBroker(
        **{
            "port": server.port,
            "tls": True,
            "ca_file": server.ca_file,
            "password_file": server.password_file(STATION),
        }
        | changes
    )


def collectors(server, **changes):
    """The collector's settings."""
    return CollectorBroker(
        **{
            "port": server.port,
            "tls": True,
            "ca_file": server.ca_file,
            "user": "collector",
            "password_file": server.password_file("collector"),
        }
        | changes
    )


def opened(connection):
    """Connected and subscribed, or BrokerError."""
    connection.open()
    while not connection.ready:
        connection.step(0.1)
    return connection


def both(server, **changes):
    """An agent's and a collector's connection that are not open yet."""
    return (
        publisher.Connection(agents(server, **changes), STATION, system_clock()),
        inbox.Inbox(collectors(server, **changes)),
    )


class Client:
    """A user of the broker who is not bound by our code."""

    def __init__(self, server, user):
        self.said = []
        self.refused = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(user, f"of-{user}")
        self._client.tls_set(str(server.ca_file))
        self._client.on_message = lambda _c, _d, message: self.said.append(message.topic)
        self._client.on_publish = self._published
        self._client.connect("localhost", server.port)
        self._waiting = 0

    def _published(self, _client, _data, _mid, reason, _properties):
        self._waiting -= 1
        if reason.is_failure:
            self.refused.append(str(reason))

    def listen(self, topic):
        done = []
        self._client.on_subscribe = lambda *_: done.append(True)
        self._client.loop(0.1)
        self._client.subscribe(topic, qos=1)
        while not done:
            self._client.loop(0.1)

    def say(self, *names):
        """Publish to each topic and wait until the broker has answered."""
        self._waiting = len(names)
        while not self._client.is_connected():
            self._client.loop(0.1)
        for name in names:
            self._client.publish(name, b"x", qos=1)
        while self._waiting:
            self._client.loop(0.1)

    def hear(self, last):
        """All topics that came until *last*."""
        while last not in self.said:
            self._client.loop(0.1)
        return self.said


def test_an_agent_and_the_collector_talk_through_it(broker):
    agent, collector = map(opened, both(broker))

    agent.send_batch(1, b"batch")
    arrived = []
    while not arrived:
        agent.step(0.1)
        arrived = collector.step(0.1)
    assert [message.topic for message in arrived] == [topics.up(STATION)]

    collector.publish(topics.ack(STATION), encode_acks([]))
    agent.send_status(b"{}")
    arrived = []
    while not arrived:
        agent.step(0.1)
        arrived = collector.step(0.1)
    assert [message.topic for message in arrived] == [topics.status(STATION)]


def test_an_agent_writes_in_nobody_elses_name(broker):
    foreign = [topics.up(OTHER), topics.status(OTHER), topics.ack(STATION), "windsock/1/x", "y"]
    collector, station = Client(broker, "collector"), Client(broker, STATION)
    collector.listen("#")

    station.say(*foreign, topics.status(STATION), topics.up(STATION))

    assert station.refused == ["Not authorized"] * len(foreign)
    assert collector.hear(topics.up(STATION)) == [topics.status(STATION), topics.up(STATION)]


def test_an_agent_reads_nothing_but_its_acknowledgements(broker):
    collector, station, other = (Client(broker, user) for user in ("collector", STATION, OTHER))
    station.listen("#")
    station.listen(topics.UP_FILTER)

    other.say(topics.up(OTHER), topics.status(OTHER))
    station.say(topics.up(STATION))
    collector.say(topics.ack(OTHER), topics.ack(STATION))

    assert station.hear(topics.ack(STATION)) == [topics.ack(STATION)]


def test_a_user_without_the_right_password_is_told_so(broker):
    (broker.folder / "wrong").write_text("guess\n")
    for connection in both(broker, password_file=broker.folder / "wrong"):
        with pytest.raises((publisher.BrokerError, inbox.BrokerError), match="Not authorized"):
            opened(connection)


def strangers(_server):
    """A certificate for the right host by an authority that nobody trusts."""
    return for_server(["localhost"], authority(NOW_US), NOW_US)


def elsewhere(server):
    """One by the right authority for another host."""
    ours = authority(NOW_US)
    server.ca_file.write_bytes(ours.certificate)
    return for_server(["mqtt.example.com"], ours, NOW_US)


def expired(server):
    """One whose years are over."""
    ours = authority(NOW_US)
    server.ca_file.write_bytes(ours.certificate)
    return for_server(["localhost"], ours, 0)


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [
        (strangers, "unable to get local issuer certificate"),
        (elsewhere, "Hostname mismatch, certificate is not valid for 'localhost'"),
        (expired, "certificate has expired"),
    ],
)
def test_a_wrong_certificate_is_refused_by_both_in_one_clear_line(broker, certificate, reason):
    broker.certify(certificate(broker))
    broker.restart()

    for connection in both(broker):
        with pytest.raises((publisher.BrokerError, inbox.BrokerError)) as error:
            connection.open()
        said = str(error.value)
        assert said.startswith(
            f"localhost:{broker.port}: its certificate is refused,"
            f" going by broker.ca_file = '{broker.ca_file}': {reason}"
        )
        assert "\n" not in said


def test_a_file_without_a_certificate_is_named(broker):
    (broker.folder / "no.pem").write_text("nothing")
    agent = agents(broker, ca_file=broker.folder / "no.pem")
    with pytest.raises(publisher.BrokerError, match=r"broker\.ca_file.* can't be used"):
        publisher.Connection(agent, STATION, system_clock()).open()
    with pytest.raises(SettingsError, match=r"broker.ca_file = .*no\.pem"):
        inbox.Inbox(collectors(broker, ca_file=broker.folder / "no.pem"))


def test_a_user_added_later_comes_in_after_a_hang_up(broker):
    with (broker.folder / "passwords").open("a") as file:
        file.write(password_line("station-9", "of-station-9") + "\n")
    os.kill(broker.pid, signal.SIGHUP)

    while True:
        connection = publisher.Connection(
            agents(broker, password_file=broker.password_file("station-9")),
            "station-9",
            system_clock(),
        )
        try:
            opened(connection)
        except publisher.BrokerError:
            continue
        break
    connection.close()
