"""Two hosts on one agent id are found, and a host that is restarted is never called two."""

from threading import Thread

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collector.receive.ingesting import NOW, Store, ingest_into
from tests.protocol.examples import MESSAGES
from windsock.agent.app import Service
from windsock.agent.clock import system_clock
from windsock.agent.settings import Broker, Settings
from windsock.agent.spool import Identity
from windsock.collector.cases.judge import judge_fleet
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.inbox import Arrived, Inbox
from windsock.collector.settings import Broker as CollectorBroker
from windsock.collector.settings import Settings as CollectorSettings
from windsock.protocol import topics

DAY_US = 86_400_000_000


def status(boot, monotonic_s, *, retained=False, online=True):
    """A station's status as the broker delivers it."""
    station = msgspec.structs.replace(
        MESSAGES["station"], boot_id=boot, monotonic_us=monotonic_s * 1_000_000, wall_us=NOW,
        online=online,
    )  # fmt: skip
    return Arrived(topics.status("station-7"), msgspec.json.encode(station), retained, 1)


def reports(ingest):
    rows = ingest.ledger.execute("SELECT detail FROM damage WHERE what = 'shared agent id'")
    return [row["detail"] for row in rows]


@pytest.fixture
def ingest():
    return ingest_into(open_ledger(":memory:"), Store())


def take(ingest, *statuses):
    for minute, one in enumerate(statuses):
        ingest.take([one], NOW + minute * 60_000_000)


CLONES = [status("a", 10), status("b", 500), status("a", 70), status("b", 560), status("a", 130)]


def test_two_hosts_that_push_each_other_off_the_broker_are_reported_once(ingest):
    take(ingest, *CLONES[:4])
    assert reports(ingest) == []

    take(ingest, CLONES[4], status("b", 620), status("a", 190), status("b", 680))
    assert reports(ingest) == ["boots a and b speak in turns"]


def test_support_gets_a_case_of_it(ingest):
    take(ingest, *CLONES)

    judge_fleet(ingest.ledger, NOW + DAY_US, CollectorSettings())

    (case,) = ingest.ledger.execute("SELECT rule, subject, facts FROM cases").fetchall()
    assert (case["rule"], case["subject"]) == ("X2", "station-7")
    assert '"variant":"shared"' in case["facts"]


@pytest.mark.parametrize(
    "delivered",
    [
        pytest.param([*CLONES[:2], *CLONES[:2], *CLONES[:2], *CLONES[:2]], id="redelivered"),
        pytest.param([CLONES[0], CLONES[1], CLONES[2], CLONES[3]], id="one overtaken"),
        pytest.param(
            [one._replace(retained=True) for one in CLONES], id="retained, from who knows when"
        ),
        pytest.param(
            [CLONES[0], *(status("b", n, online=False) for n in (1, 2))] * 3, id="last wills"
        ),
        pytest.param([status("a", n) for n in (9, 8, 7, 6, 10)], id="a clock set back"),
    ],
)
def test_what_a_broker_does_is_no_second_host(ingest, delivered):
    take(ingest, *delivered)

    assert reports(ingest) == []


@given(st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=5), min_size=1, max_size=6))
def test_a_host_restarts_and_its_agent_too_as_often_as_they_like(boots):
    """Each boot speaks now and then, and its messages may come several times."""
    ingest = ingest_into(open_ledger(":memory:"), Store())
    for number, times in enumerate(boots):
        for second, copies in enumerate(times):
            take(ingest, *[status(f"boot {number}", second)] * copies)
        take(ingest, *[status(f"boot {number}", second) for second in range(len(times))])

    assert reports(ingest) == []


@pytest.mark.e2e
def test_two_real_agents_are_found(tmp_path, mosquitto, ingest):
    broker = Broker(host="127.0.0.1", port=mosquitto.port)
    services = [
        Service(
            Settings(agent="station-7", state=tmp_path / boot, broker=broker),
            Identity("station-7", "0"),
            system_clock()._replace(boot_id=boot),
        )
        for boot in ("one", "two")
    ]
    inbox = Inbox(CollectorBroker(host="127.0.0.1", port=mosquitto.port))
    inbox.open()
    while not inbox.ready:
        inbox.step(1)
    threads = [Thread(target=service.run) for service in services]
    for thread in threads:
        thread.start()
    try:
        while not reports(ingest):
            arrived = inbox.step(1)
            ingest.take(arrived, NOW)
            inbox.let_go(arrived)
    finally:
        for service in services:
            service.stop.set()
        for thread in threads:
            thread.join()
