"""Where the README's commands can be typed: settings, logs, a broker, a drone plugged in."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from tests.docs.readme import ROOT
from tests.end_to_end.drones import Agent, drone
from tests.end_to_end.line import CRASH, NORMAL, Line
from tests.servers import MailServer, Mosquitto
from windsock.firmware_sim.flights.scenarios import SCENARIOS
from windsock.firmware_sim.ulog import write_ulog

UID = "3938470d0002"
NOT_LINKED = {".demo", ".git", "build", "dist"}


@contextmanager
def stage(folder: Path) -> Iterator[Path]:
    """Where the commands find what they name; a station has met a drone and sent its flight."""
    with Mosquitto(folder / "mosquitto") as broker, MailServer() as mail:
        line = Line(folder, broker.port, mail.port)
        roster = folder / "roster.csv"
        roster.write_text(roster.read_text().replace("as:SN-1", f"ap:{UID}"))
        agent = Agent(folder, broker.port, folder / "usb")
        with drone(folder / "usb", "ardupilot", CRASH, uid=UID, ftp_rate=500_000):
            with line.collector(), agent.running():
                while not any(one["flights"] for one in line.table("fleet")):
                    pass
            write_files(folder)
            yield folder


def write_files(folder: Path) -> None:
    """Logs and rules."""
    (folder / "flight.ulg").write_bytes(write_ulog(SCENARIOS["normal"](np.random.default_rng(1))))
    shutil.copy(CRASH, folder / "flight.bin")
    (folder / "sdcard").mkdir()
    shutil.copy(NORMAL, folder / "sdcard")
    (folder / "new.toml").write_text("[judge]\ninactive_days = 20.0\n")
    shims = folder / "bin"
    shims.mkdir()
    shim(shims / "sudo", 'exec "$@"')
    for installer in ("pip", "pipx"):  # of what is installed: fetches nothing, knows the extras
        shim(
            shims / installer,
            f'[ "$1" = install ] && "{sys.executable}" -m pip install --dry-run --no-index "$2"'
            ' 2>&1 | tee /dev/stderr | grep -q "does not provide the extra" && exit 1; exit 0',
        )


def shim(path: Path, body: str) -> None:
    """A program of ours in the place of another."""
    path.write_text(f"#!/bin/bash\n{body}\n")
    path.chmod(0o755)


def checkout(folder: Path) -> Path:
    """A folder that is this checkout by links, so that a demo has its .demo for itself."""
    folder.mkdir()
    for entry in ROOT.iterdir():
        if entry.name not in NOT_LINKED:
            (folder / entry.name).symlink_to(entry)
    return folder
