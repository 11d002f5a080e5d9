"""Shared by all tests: no network, real servers on loopback, and no skip that goes unseen."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import pytest
import pytest_socket

from tests.servers import Influxd, Influxd18, MailServer, Mosquitto
from tests.servers.any_influx import NAMED, AnyInflux
from windsock.collector.settings import Influx

hypothesis.settings.register_profile(
    "windsock",
    deadline=None,  # no wall clock in tests
    derandomize="CI" in os.environ,  # new examples are looked for where somebody can mend them
)
hypothesis.settings.load_profile("windsock")

SHARED_LOGS = Path(__file__).parents[2] / "shared/logs"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
if NAMED:
    ALLOWED_HOSTS.append(urlsplit(os.environ["INFLUX_URL"]).hostname)
CI_HAS = (
    "no cc", "no mosquitto", "no influxd", "no mavsdk", "no shared logs", "no docker-compose",
)  # fmt: skip


def pytest_runtest_setup(item):
    if item.get_closest_marker("e2e"):
        pytest_socket.socket_allow_hosts(ALLOWED_HOSTS, allow_unix_socket=True)
    else:
        pytest_socket.disable_socket(allow_unix_socket=True)


@pytest.fixture
def mosquitto(tmp_path):
    """An MQTT broker that forgets everything when it ends."""
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker


@pytest.fixture
def influxd(tmp_path):
    """InfluxDB 1.6."""
    with Influxd(tmp_path / "influxd") as database:
        yield database


@pytest.fixture(scope="session")
def influxd18(tmp_path_factory):
    """InfluxDB 1.8, started once as that takes 5 s: `create` a database of your own."""
    with Influxd18(tmp_path_factory.mktemp("influxd-1.8")) as database:
        yield database


GENERATIONS = {
    "1.6 v1": ("influxd", "v1", "windsock"),
    "1.8 v2": ("influxd18", "v2", "windsock/autogen"),
} | ({"INFLUX_URL": None} if NAMED else {})


@pytest.fixture(params=GENERATIONS)
def database(request, tmp_path):
    """An empty database in each generation, and the collector's `settings` for it."""
    if request.param == "INFLUX_URL":
        influx = AnyInflux(tmp_path)
        influx.create("windsock")
        return influx
    server, api, name = GENERATIONS[request.param]
    influx = request.getfixturevalue(server)
    influx.create("windsock")
    influx.settings = Influx(url=influx.url, api=api, database=name)
    return influx


@pytest.fixture
def mail_server():
    """SMTP server that keeps the messages."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="session")
def shared_logs():
    """Flight logs with known truth, which are not part of this repository."""
    if not SHARED_LOGS.is_dir():
        pytest.skip("no shared logs: they go to ../shared/logs")
    return SHARED_LOGS


def reasons_to_skip(config):
    """Why tests were skipped, and how many for each reason."""
    reports = config.pluginmanager.get_plugin("terminalreporter").stats.get("skipped", [])
    reasons = [report.longrepr[2].removeprefix("Skipped: ") for report in reports]
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}


def lacking_in_ci(config):
    """The skips that CI must not have: a green run has talked to the real servers."""
    if not os.environ.get("CI"):
        return []
    return [reason for reason in reasons_to_skip(config) if reason.startswith(CI_HAS)]


def pytest_sessionfinish(session):
    if lacking_in_ci(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    for reason, count in reasons_to_skip(config).items():
        terminalreporter.write_line(f"{count} skipped: {reason}")
    for reason in lacking_in_ci(config):
        terminalreporter.write_line(f"FAILED: CI must have what is missing here: {reason}")
