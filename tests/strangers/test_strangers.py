"""Other people's programs fetch logs from a simulated drone, byte for byte."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.servers.drone import SimulatedDrone
from tests.servers.process import WITH_US, free_port

pytestmark = pytest.mark.e2e

HERE = Path(__file__).parent
FIRMWARES = ("px4", "ardupilot")
FTP_PATHS = {"px4": "/fs/microsd/log/{}/b.ulg", "ardupilot": "/APM/LOGS/00000002.BIN"}
FAULTS = ("--loss", 0.05, "--reorder", 0.05, "--duplicate", 0.05, "--corrupt", 0.02, "--seed", 3)
each = pytest.mark.parametrize("kind", FIRMWARES)
lines = pytest.mark.parametrize(
    ("size", "line"), [(100_000, ()), (10_000, FAULTS)], ids=["clean", "bad"]
)


@pytest.fixture
def logs(tmp_path):
    """Three logs of sizes that fill no packet, and the one to fetch."""

    def make(kind, size):
        folder = tmp_path / "logs"
        for number, name in enumerate("abc", 1):
            day = folder / "2026-11-20"
            day.mkdir(parents=True, exist_ok=True)
            path = day / (f"{name}.ulg" if kind == "px4" else f"{number:08}.BIN")
            path.write_bytes(np.random.default_rng(number).bytes(size + number))
        return folder, sorted(day.iterdir())[1]

    return make


def run(script, *arguments):
    """What a stranger prints."""
    command = [*WITH_US, sys.executable, HERE / f"{script}.py", *arguments]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@lines
@each
def test_pymavlinks_ftp_client(kind, size, line, logs, tmp_path):
    folder, log = logs(kind, size // 5)  # FTP is slow
    remote = FTP_PATHS[kind].format("2026-11-20")
    with SimulatedDrone(kind, folder, *line) as drone:
        result = run("by_ftp", drone.address, remote, tmp_path / "got")

    assert result["code"] == 0
    assert (tmp_path / "got").read_bytes() == log.read_bytes()


def test_pymavlinks_ftp_client_gives_up_where_px4_cuts_the_session(logs, tmp_path):
    folder, _ = logs("px4", 90_000)
    with SimulatedDrone("px4", folder, "--version", "1.16.0") as drone:
        result = run(
            "by_ftp", drone.address, FTP_PATHS["px4"].format("2026-11-20"), tmp_path / "x"
        )

    assert result["code"] != 0


@lines
@each
def test_a_log_data_loop_as_mavproxy_has_it(kind, size, line, logs, tmp_path):
    folder, log = logs(kind, size)
    with SimulatedDrone(kind, folder, *line) as drone:
        run("by_log_data", drone.address, log.stat().st_size, tmp_path / "got")

    assert (tmp_path / "got").read_bytes() == log.read_bytes()


@lines
@each
@pytest.mark.skipif(
    not importlib.util.find_spec("mavsdk"), reason="no mavsdk: pip install 'mavsdk<4'"
)
def test_mavsdk(kind, size, line, logs, tmp_path):
    if not importlib.util.find_spec("mavsdk"):
        pytest.skip("no mavsdk: pip install 'mavsdk<4'")
    folder, log = logs(kind, size)
    port = free_port()
    with SimulatedDrone(kind, folder, "--udp", f"127.0.0.1:{port}", *line):
        run("by_mavsdk", f"udpin://127.0.0.1:{port}", log.stat().st_size, tmp_path / "got")

    assert (tmp_path / "got").read_bytes() == log.read_bytes()
