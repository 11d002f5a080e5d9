"""20 downloads by a real agent process, each with a plug pulled, a reboot and a kill -9.

The minute of rest takes a second here (tests/end_to_end/quick_agent.py), else nobody would wait.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from figure import Figure

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.servers.drone import SimulatedDrone  # noqa: E402 - behind the path it needs

RUNS, SIZE = 20, 400_000
LIMIT_S = 120
FAULTS = ("--loss", 0.03, "--corrupt", 0.01, "--ftp-rate", 100_000, "--log-rate", 100_000)


def figures():
    rng = random.Random(1)  # noqa: S311 - dice that a seed can throw again
    right = sum(run(rng, number) for number in range(RUNS))
    yield Figure("downloads with an unplug, a reboot and a kill -9: byte-identical", right, "runs",
                 RUNS, "runs", right / RUNS)  # fmt: skip


def run(rng, number):
    """Whether the log on the station is the drone's."""
    kind, name = (("px4", "a.ulg"), ("ardupilot", "00000001.BIN"))[number % 2]
    with tempfile.TemporaryDirectory() as name_of_folder:
        folder = Path(name_of_folder)
        (folder / "card").mkdir()
        data = np.random.default_rng(number).bytes(SIZE)
        (folder / "card" / name).write_bytes(data)
        arguments = ("--link", folder / "port", "--seed", number, *FAULTS)
        with SimulatedDrone(kind, folder / "card", *arguments) as drone:
            return survived(folder, drone, rng, data)


def survived(folder, drone, rng, data):
    settings = folder / "agent.toml"
    settings.write_text(
        f'agent = "bench"\nstate = "{folder}/state"\nallow = ["*"]\n[broker]\nport = 1\n'
        f'[[link]]\nport = "{folder}/port"\n'
    )
    agent = start(settings)
    try:
        for what in rng.sample(["unplug 1", "reboot", "kill"], 3):
            wait_for(folder, rng.uniform(0.1, 0.3) * len(data))
            if what == "kill":
                agent.kill()
                agent.wait()
                agent = start(settings)
            else:
                drone.order(what)
                time.sleep(1.5)
        return finished(folder, data)
    finally:
        agent.kill()
        agent.wait()


def start(settings):
    command = [sys.executable, "-m", "tests.end_to_end.quick_agent", "run", "-c", settings]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)


def wait_for(folder, count):
    """Until the agent has that much more than now, or all."""
    target, until = size(folder) + count, time.monotonic() + LIMIT_S
    while size(folder) < target and not whole(folder) and time.monotonic() < until:
        time.sleep(0.02)


def finished(folder, data):
    until = time.monotonic() + LIMIT_S
    while not whole(folder) and time.monotonic() < until:
        time.sleep(0.05)
    return [file.read_bytes() for file in whole(folder)] == [data]


def size(folder):
    return sum(file.stat().st_size for file in (folder / "state").rglob("*.part"))


def whole(folder):
    files = (folder / "state" / "downloads").rglob("*.*")
    return [file for file in files if file.suffix in (".ulg", ".BIN")]
