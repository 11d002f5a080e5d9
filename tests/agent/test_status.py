"""A station says that it is there every so often, and what changed within seconds."""

import threading

import msgspec
import pytest

from windsock.agent.clock import Clock
from windsock.agent.outgoing import Outgoing
from windsock.agent.sender import Sender
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity
from windsock.agent.spool_file import open_spool
from windsock.agent.station import standing
from windsock.agent.trouble import Troubles
from windsock.protocol.acks import STORED, Ack
from windsock.protocol.envelope import FLIGHTS, MESSAGE_LIMIT, digest
from windsock.protocol.messages import LinkState, Ping, Station

S = 1_000_000


class Connection:
    """One that is always there; each step takes a second of the injected clock."""

    collector_came = False

    def __init__(self, seconds):
        self.now_us, self.statuses, self.acks, self.unacked = 0, [], [], []
        self.seconds, self.happenings = seconds, {}
        self.collector_came, self.largest = False, MESSAGE_LIMIT

    def send_status(self, payload):
        station = msgspec.json.decode(payload, type=Station)
        self.statuses.append((self.now_us // S, station.spool_batches))

    def send_batch(self, _batch, payload):
        self.unacked.append(payload)

    def room(self):
        return 100

    def taken_refusals(self):
        return []

    def taken_acks(self):
        acks, self.acks = self.acks, []
        return acks

    def acknowledge(self):
        self.acks += [Ack(digest(payload), STORED) for payload in self.unacked]
        self.unacked = []

    def step(self, _wait_s):
        self.now_us += S
        self.happenings.get(self.now_us // S, lambda: None)()
        if self.now_us >= self.seconds * S:
            self.stop.set()


@pytest.fixture
def run(tmp_path):
    """Pump for some seconds, with things that happen at their second; the statuses sent."""

    def pump(seconds, happenings):
        connection = Connection(seconds)
        clock = Clock(lambda: 0, lambda: connection.now_us, "boot")
        settings = Settings(agent="a", state=tmp_path)
        spool = open_spool(tmp_path / "spool", Identity("a", "0"), clock)
        stop = threading.Event()
        connection.stop = stop
        connection.happenings = {
            second: lambda what=what: what(spool, connection)
            for second, what in happenings.items()
        }
        sender = Sender(settings, Identity("a", "0"), clock, spool, Troubles(), stop, stop.is_set)
        sender._hour_us = 10**12  # no hourly report: it would wait in the spool
        sender.pump(connection, Outgoing(8, 30 * S))
        return connection.statuses

    return pump


def queue(spool, _connection):
    spool.add([(FLIGHTS, Ping())])


def acknowledge(_spool, connection):
    connection.acknowledge()


def test_without_a_change_it_is_said_every_five_minutes(run):
    assert run(901, {}) == [(0, 0), (300, 0), (600, 0), (900, 0)]


def test_a_change_is_said_within_seconds_and_puts_off_the_next(run):
    assert run(345, {40: queue, 42: queue}) == [(0, 0), (40, 1), (340, 2)]


def test_so_is_its_end(run):
    statuses = run(100, {41: queue, 61: acknowledge})

    assert [waiting for _, waiting in statuses] == [0, 1, 0]
    assert statuses[1][0] - 41 <= 5
    assert statuses[2][0] - 61 <= 6


def link(state, **numbers):
    told = LinkState(port="usb", state=state, **numbers)
    return standing(
        Station(boot_id="b", wall_us=0, monotonic_us=0, agent_version="0", links=[told])
    )


def test_counters_of_a_port_are_no_change_and_what_goes_on_there_is():
    one = link("at rest for 39 s of 60", frames=5, since_us=7, drone_uid="px4:11")
    assert one == link("at rest for 40 s of 60", frames=9, since_us=8, drone_uid="px4:11")
    assert one != link("at rest for 40 s of 60", drone_uid="px4:22")
    assert one != link("disarmed and landed", drone_uid="px4:11")
    shares = [link("fetching", log="a", log_bytes=n, log_size_bytes=100) for n in (0, 9, 10)]
    assert shares[0] == shares[1] != shares[2]
    assert link("fetching by FTP", log="a") != link("fetching by FTP", log="b")
