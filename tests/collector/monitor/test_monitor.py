"""Figures and health, as machines ask for them."""

import http.client
import re
import socket

import pytest

from tests.collector.arrivals import arrived, record, sent
from tests.collector.receive.ingesting import NOW, Store, ingest_into
from tests.protocol.examples import MESSAGES
from windsock.collector.ledger import open_ledger
from windsock.collector.monitor.exposition import Figure, Sample, exposed
from windsock.collector.monitor.health import health
from windsock.collector.monitor.pulse import Pulse
from windsock.collector.monitor.server import HOST, Watched, answer, monitored

MINUTE_US = 60_000_000
LINE = re.compile(r'^([a-z_]+)(?:\{([a-z]+)="([^"\\]|\\.)*"\})? (-?[0-9.e+-]+)$')


@pytest.fixture
def watched(tmp_path):
    ledger = open_ledger(tmp_path / "ledger")
    store = Store()
    store.refused = ("gone",)
    ingest = ingest_into(ledger, store)
    ingest.take([sent(record(), seq=3), sent(record(), seq=5)], NOW)
    ingest.take([arrived(MESSAGES["ping"])._replace(payload=b"?")], NOW)
    ledger.close()
    return Watched(tmp_path / "ledger", Pulse(), lambda: NOW, 5 * MINUTE_US)


def values(text):
    """Name and label's value -> number; every line has to be one that Prometheus reads."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            assert LINE.match(line), line
            name, _, number = line.rpartition(" ")
            found[name.removeprefix("windsock_collector_")] = float(number)
    return found


def test_what_the_ledger_holds_is_counted(watched):
    found = values(answer("/metrics", watched).text)

    assert found['batches_total{outcome="stored"}'] == 2
    assert found['batches_total{outcome="quarantined"}'] == 1
    assert found["rows_written_total"] == 2
    assert found['gap_batches{reason="open"}'] == 3
    assert (found["quarantine"], found["dead_letters"]) == (1, 0)
    assert found['outbox{state="waiting"}'] == 0


def test_what_happens_now_is_told(watched):
    pulse = watched.pulse
    pulse.connected, pulse.in_hand, pulse.in_hand_since_us = True, 7, NOW - MINUTE_US
    pulse.influx_down_since_us, pulse.delay_us, pulse.round_us = NOW, 2_500_000, NOW

    found = values(answer("/metrics", watched).text)

    assert (found["broker_connected"], found["influx_up"]) == (1, 0)
    assert (found["batches_in_hand"], found["lag_seconds"]) == (7, 60)
    assert found["batch_delay_seconds"] == 2.5
    assert found["last_round_timestamp_seconds"] == NOW / 1e6


@pytest.mark.parametrize(
    ("pulse", "sick"),
    [
        (Pulse(), False),
        (Pulse(connected=True, receiving_us=NOW, round_us=NOW), False),
        (Pulse(receiving_us=NOW, influx_down_since_us=NOW - MINUTE_US), False),
        (Pulse(receiving_us=NOW - 3 * MINUTE_US), True),
        (Pulse(receiving_us=NOW, round_us=NOW - 16 * MINUTE_US), True),
    ],
)
def test_only_what_a_restart_may_mend_is_sick(watched, pulse, sick):
    assert bool(health(pulse, NOW, 5 * MINUTE_US).sick) == sick
    assert answer("/healthz", watched._replace(pulse=pulse)).status == (503 if sick else 200)


def test_a_ledger_that_cannot_be_read_is_no_figure(tmp_path, watched):
    gone = answer("/metrics", watched._replace(ledger=tmp_path / "no such"))

    assert gone.status == 503


def test_labels_are_escaped():
    figure = Figure("n", "gauge", "a\nb", (Sample({"why": 'a"b\\c\nd'}, 1.5),))

    assert exposed([figure]).splitlines()[0] == "# HELP n a\\nb"
    assert exposed([figure]).splitlines()[-1] == 'n{why="a\\"b\\\\c\\nd"} 1.5'


@pytest.mark.e2e
def test_it_is_served_on_loopback_while_a_silent_client_holds_on(watched):
    with monitored(watched, 0) as port, socket.create_connection((HOST, port)) as silent:
        silent.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert silent.recv(15).startswith(b"HTTP/1.0 200")
        for path, status in (("/metrics", 200), ("/healthz", 200), ("/", 404)):
            connection = http.client.HTTPConnection(HOST, port)
            connection.request("GET", path)
            assert connection.getresponse().status == status
            connection.close()


@pytest.mark.e2e
def test_a_port_that_is_taken_is_named(watched):
    with (
        socket.create_server((HOST, 0)) as other,
        pytest.raises(OSError, match=r"metrics\.port"),
        monitored(watched, other.getsockname()[1]),
    ):
        pass


def test_without_a_port_nobody_listens(watched):
    with monitored(watched, None) as port:
        assert port is None
