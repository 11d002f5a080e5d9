"""Figures for Prometheus, on this machine and nowhere else."""

import re
import urllib.error
import urllib.request

import pytest

from tests.servers.process import free_port
from windsock.agent.app import Service
from windsock.agent.clock import system_clock
from windsock.agent.figures import Figures
from windsock.agent.metrics import serve, text
from windsock.agent.settings import Metrics, Settings
from windsock.agent.spool import Identity
from windsock.agent.trouble import Troubles


@pytest.fixture
def served():
    figures, troubles, port = Figures(), Troubles(), free_port()
    end = serve(port, figures, troubles)
    yield figures, troubles, f"http://127.0.0.1:{port}"
    end()


def get(url):
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_format_is_prometheus_own():
    lines = text(Figures(connected=True, batches=7, bytes=10**9), Troubles()).splitlines()

    samples = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"windsock_agent_[a-z_]+ [0-9.e+]+", line) for line in samples)
    assert len(lines) == 3 * len(samples), "each with its HELP and TYPE"
    assert "windsock_agent_spool_batches 7" in samples
    assert "windsock_agent_spool_bytes 1e+09" in samples
    assert "windsock_agent_connected 1" in samples


@pytest.mark.e2e
def test_what_is_counted_is_told(served):
    figures, _, url = served
    figures.acknowledged = 5

    assert "windsock_agent_acknowledged_total 5\n" in get(f"{url}/metrics")[1]
    assert get(f"{url}/else")[0] == 404


@pytest.mark.e2e
def test_a_port_that_is_taken_is_no_reason_to_stop(served, tmp_path):
    port = int(served[2].rpartition(":")[2])
    settings = Settings(agent="a", state=tmp_path, metrics=Metrics(port=port))
    service = Service(settings, Identity("a", "0"), system_clock())

    service._serve_metrics()()

    assert service.troubles.told() == [f"metrics: port {port}: Address already in use"]


@pytest.mark.e2e
def test_health_is_no_trouble(served):
    _, troubles, url = served
    assert get(f"{url}/healthz") == (200, "ok\n")

    troubles.note("spool", "the disk is full")
    assert get(f"{url}/healthz") == (503, "spool: the disk is full\n")

    troubles.over("spool")
    assert get(f"{url}/healthz")[0] == 200
