"""compose.yaml is understood, and what it says is what the code, the broker and .env have."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import windsock.config
from windsock.agent.settings import Settings as AgentSettings
from windsock.collector import __main__ as collector
from windsock.collector.settings import Settings
from windsock.config.loader import load

CONFIG = Path(windsock.config.__file__).parent
ROOT = Path(__file__).parents[2]
COMPOSE = (CONFIG / "compose.yaml").read_text("utf-8")
SERVICES = yaml.safe_load(COMPOSE)["services"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A folder as ``init`` writes it."""
    folder = tmp_path_factory.mktemp("server")
    assert collector.main(["init", str(folder), "--host", "localhost"]) == 0
    assert collector.main(["add-agent", str(folder), "station-7"]) == 0
    return folder


@pytest.fixture(scope="module")
def environment(server):
    """What .env says."""
    lines = (server / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")


@pytest.fixture
def settings(server, monkeypatch):
    monkeypatch.chdir(server / "collector")
    return load(Path("collector.toml"), Settings)


@pytest.mark.parametrize("env", [".env", ".env.example"])
def test_docker_compose_understands_it(server, tmp_path, env):
    if not shutil.which("docker-compose"):
        pytest.skip("no docker-compose: install Debian's, without Docker itself")
    shutil.copy(CONFIG / "compose.yaml", tmp_path)
    shutil.copy(server / env if env == ".env" else CONFIG / env, tmp_path / ".env")

    done = subprocess.run(
        ["docker-compose", "config"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "variable is not set" not in done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(SERVICES)


def test_env_has_each_variable_and_no_other(environment):
    used = set(re.findall(r"\$\{(\w+)\}", COMPOSE))
    example = re.findall(r"^(\w+)=", (CONFIG / ".env.example").read_text(), re.MULTILINE)

    assert set(environment) == used == set(example)
    assert all(environment.values())
    assert "change-me" not in environment.values()


def test_every_image_is_pinned():
    for name, service in SERVICES.items():
        _, _, tag = service["image"].rpartition(":")
        assert re.fullmatch(r"\d+\.\d+\.\d+|\$\{WINDSOCK_VERSION\}", tag), name


def test_nobody_works_as_root_with_rights():
    for name, service in SERVICES.items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "privileged" not in service, name
    for name in ("mosquitto", "collector"):
        assert SERVICES[name]["user"] == "${WINDSOCK_USER}"


def test_the_collector_is_started_with_a_command_it_has():
    (_, *given) = (*["windsock-collector"], *SERVICES["collector"]["command"])
    options = collector._parser().parse_args(given)
    assert options.run is collector.run
    dockerfile = (ROOT / "Dockerfile").read_text()
    entry = json.loads(re.search(r"^ENTRYPOINT (.*)$", dockerfile, re.MULTILINE)[1])
    command = json.loads(re.search(r"^CMD (.*)$", dockerfile, re.MULTILINE)[1])
    assert entry == ["windsock-collector"]
    assert command == given
    folder = re.findall(r"^WORKDIR (.*)$", dockerfile, re.MULTILINE)[-1]
    assert folder == SERVICES["collector"]["working_dir"]


def test_the_image_asks_where_the_collector_tells(settings):
    (asked,) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", (ROOT / "Dockerfile").read_text())
    assert asked == (str(settings.metrics.port), "/healthz")


def test_the_folders_it_mounts_are_there(server):
    for name, service in SERVICES.items():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (server / source).is_dir(), f"{name}: {source}"
    for service in ("mosquitto", "collector"):
        mounted = [volume.split(":")[1] for volume in SERVICES[service]["volumes"]]
        assert SERVICES[service]["working_dir"] in mounted


def test_broker_ports_and_names_are_one(settings, server):
    (listener,) = re.findall(
        r"^listener (\d+)$", (server / "mosquitto/mosquitto.conf").read_text(), re.MULTILINE
    )
    assert settings.broker.host in SERVICES
    assert settings.broker.port == int(listener)
    assert SERVICES["mosquitto"]["ports"] == [f"{listener}:{listener}"]
    assert listener in SERVICES["mosquitto"]["healthcheck"]["test"]
    agent = load(server / "stations/station-7/agent.toml", AgentSettings)
    assert agent.broker.port == int(listener)


def test_answers_are_taken_where_a_proxy_on_this_machine_passes_them_on(settings):
    assert settings.web.listen == "0.0.0.0:8080"
    assert SERVICES["collector"]["ports"] == ["127.0.0.1:8080:8080"]
    assert "proxy_pass http://127.0.0.1:8080;" in (ROOT / "docs/notices.md").read_text()


def test_influxdb_is_one_for_all(settings, environment, server):
    """InfluxDB sets itself up from these names (its image's documentation)."""
    influx, given = settings.influx, SERVICES["influxdb"]["environment"]

    def said(key):
        return re.sub(r"\$\{(\w+)\}", lambda name: environment[name[1]], given[key])

    assert influx.url == "http://influxdb:8086"
    assert influx.database == said("DOCKER_INFLUXDB_INIT_BUCKET")
    assert influx.org == said("DOCKER_INFLUXDB_INIT_ORG")
    assert f"{influx.retention_days}d" == said("DOCKER_INFLUXDB_INIT_RETENTION")
    token = (server / "collector/influx-token").read_text().strip()
    assert token == said("DOCKER_INFLUXDB_INIT_ADMIN_TOKEN")


def test_grafana_gets_what_its_provisioning_names(server, settings):
    given = SERVICES["grafana"]["environment"]
    mounted = [volume.split(":")[1] for volume in SERVICES["grafana"]["volumes"]]
    source = (server / "grafana/provisioning/datasources/windsock.yaml").read_text()
    (provider,) = yaml.safe_load(
        (server / "grafana/provisioning/dashboards/windsock.yaml").read_text()
    )["providers"]

    assert set(re.findall(r"^[^#]*\$\{(\w+)\}", source, re.MULTILINE)) <= set(given)
    assert given["INFLUX_URL"] == settings.influx.url
    assert (
        yaml.safe_load(source)["datasources"][0]["jsonData"]["dbName"] == settings.influx.database
    )
    assert provider["options"]["path"] in mounted
    assert list((server / "grafana/dashboards").glob("*.json"))


def test_the_image_gets_what_the_package_is_built_from():
    kept = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    needed = {"agent", "collector", "config", "firmware_sim", "protocol"}
    assert kept == needed | {"pyproject.toml", "README.md", "LICENSE"}
