"""Real processes: drones on ptys, an agent and its servers; plugs pulled and agents killed."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.end_to_end.drones import Agent, drone
from tests.end_to_end.line import CRASH, NORMAL, Line, run
from tests.servers.process import free_port
from windsock.collector.ledger import open_ledger
from windsock.firmware_sim.flights.scenarios import SCENARIOS
from windsock.firmware_sim.ulog import write_ulog

pytestmark = pytest.mark.e2e

FAST = {"ftp_rate": 500_000}


@pytest.fixture
def line(tmp_path, mosquitto, mail_server):
    return Line(tmp_path / "line", mosquitto.port, mail_server.port)


@pytest.fixture
def ulog(tmp_path):
    """A PX4 flight."""
    path = tmp_path / "px4.ulg"
    path.write_bytes(write_ulog(SCENARIOS["normal"](np.random.default_rng(1))))
    return path


def stored(line, count):
    """Wait until the collector knows *count* flights and has judged them; the fleet by uid."""
    while True:
        fleet = {one["drone_uid"]: one for one in line.table("fleet") if one["drone_uid"]}
        flown = [one for one in fleet.values() if one["flights"]]
        if sum(one["flights"] for one in flown) >= count and all(one["verdict"] for one in flown):
            return fleet


def sightings(line):
    """By uid: version and counters read over the link."""
    rows = open_ledger(line.folder / "ledger").execute(
        "SELECT drone_uid, firmware, flight_time_s, flight_uuid, boot_count FROM sightings"
        " WHERE source = 'serial'"
    )
    return {uid: (json.loads(firmware)["version"], *counters) for uid, firmware, *counters in rows}


def links(line):
    """What the station's status says of its ports."""
    (row,) = open_ledger(line.folder / "ledger").execute("SELECT report FROM stations")
    return json.loads(row[0]).get("links", [])


def test_three_drones_their_versions_counters_and_flights_reach_the_fleet(line, tmp_path, ulog):
    ports = [tmp_path / name for name in ("one", "two", "three")]
    agent = Agent(tmp_path, line.broker_port, *ports)
    with (
        line.collector(),
        drone(ports[0], "ardupilot", NORMAL, uid="3938470d0002", version="4.5.5", boots=6, **FAST),
        drone(ports[1], "ardupilot", CRASH, uid="3938470d0003", flight_time=777, **FAST),
        drone(ports[2], "px4", ulog, uid="3531353500474739", version="1.16.0", flights=5),
        agent.running(),
    ):
        fleet = stored(line, 3)
        while any(link["state"] != "disarmed and landed" for link in links(line)):
            pass
        ports_told = {link["port"]: link["drone_uid"] for link in links(line)}

    assert ports_told[str(ports[0])] == "ap:3938470d0002"
    assert len(set(ports_told.values())) == 3
    assert fleet["ap:3938470d0002"]["flights"] == 1
    assert fleet["ap:3938470d0003"]["verdict"] == "crash"
    assert sum(drone["flights"] for drone in fleet.values()) == 3
    seen = sightings(line)
    assert seen["ap:3938470d0002"] == ("4.5.5", 5400, None, 7)
    assert seen["ap:3938470d0003"] == ("4.7.0-dev", 777, None, 42)
    assert seen["px4:3531353500474739"] == ("1.16.0", 5400, 5, None)


def downloaded(agent):
    return sorted(file.read_bytes() for file in (agent.state / "downloads").rglob("*.BIN"))


@pytest.mark.parametrize("what", ["unplug 1", "reboot", "kill"])
def test_a_log_arrives_whole_though_the_plug_is_pulled(tmp_path, what):
    port = tmp_path / "port"
    agent = Agent(tmp_path, free_port(), port)
    with drone(port, "ardupilot", CRASH, ftp_rate=300_000) as simulated:
        agent.start()
        while not any(agent.state.rglob("*.part")):
            pass
        if what == "kill":
            agent.kill()
            agent.start()
        else:
            simulated.order(what)
        agent.wait_for("queued, 1 flight")
        agent.kill()

    assert downloaded(agent) == [CRASH.read_bytes()]


def test_a_released_port_is_free_and_taken_back(tmp_path):
    port = tmp_path / "port"
    agent = Agent(tmp_path, free_port(), port)
    with drone(port, "px4"), agent.running():
        agent.wait_for("listening")
        run("windsock.agent", "release", "30m", "-c", agent.settings)
        agent.wait_for("released")
        said = run_check(agent)
        assert "PX4 multicopter" in said, "anybody can open it now"
        run("windsock.agent", "release", "0", "-c", agent.settings)
        agent.wait_for("listening")
        assert "is held by" in run_check(agent) or "is locked by" in run_check(agent)


def run_check(agent):
    """What `windsock-agent check` prints."""
    command = [sys.executable, "-m", "windsock.agent", "check", "-c", agent.settings]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
