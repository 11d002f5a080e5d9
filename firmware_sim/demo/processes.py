"""Agent, collector and drones, as the processes that a user would start."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from windsock.firmware_sim.demo.cast import PLUGGED

_FAST_B_S: Final = "300000"
"""As quick as USB: a log of a megabyte takes some seconds."""


class DemoFailed(Exception):  # noqa: N818 - the demo did, not we
    """A process of the demo ended before it should; the message has what it said."""


def run(
    folder: Path, command: Sequence[str], *, check: bool = True, width: int = 80
) -> "subprocess.CompletedProcess[str]":
    """One of our commands, as its own process; its complaints are kept."""
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": str(width)},
    )
    (folder / "commands.log").open("a").write(done.stderr)
    if check and done.returncode:
        raise DemoFailed(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done


@contextmanager
def collector(folder: Path, clock: Sequence[str]) -> "Iterator[subprocess.Popen[bytes]]":
    """The collector; told to stop, it judges and sends what is waiting first."""
    command = ["windsock.collector", *clock, "run", "-c", str(folder / "collector.toml")]
    with service(command, folder / "collector.log") as process:
        yield process
        process.terminate()
        if process.wait():
            said = (folder / "collector.log").read_text("utf-8")
            Console(stderr=True).print(said, markup=False, highlight=False)


@contextmanager
def agent(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The agent as a service: watched folders and ports."""
    command = ["windsock.agent", "run", "-c", str(folder / "agent.toml")]
    with service(command, folder / "agent.log") as process:
        yield process


@contextmanager
def drones(folder: Path) -> Iterator[None]:
    """The drones that are plugged in, each on a pty."""
    processes = []
    try:
        for drone in PLUGGED:
            cards, link = folder / "drones" / drone.serial, port_of(folder, drone.serial)
            cards.mkdir(parents=True, exist_ok=True)
            command = ["windsock.firmware_sim", "drone", "--autopilot", drone.autopilot]
            command += ["--uid", drone.uid_hex, "--logs", str(cards), "--link", str(link)]
            command += ["--ftp-rate", _FAST_B_S]
            processes.append(
                subprocess.Popen(  # noqa: S603 - our own command
                    [sys.executable, "-m", *command],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
        for process in processes:
            if process.stdout and not process.stdout.readline().startswith(b"ready "):
                raise DemoFailed("a simulated drone did not start")
        yield
    finally:
        for process in processes:
            process.terminate()
            process.communicate()


def port_of(folder: Path, serial: str) -> Path:
    """Where a drone is plugged in."""
    return (folder / f"usb-{serial}").absolute()


@contextmanager
def service(command: Sequence[str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process for the time of the block; what it says is in *log*."""
    with log.open("ab") as file:
        process = subprocess.Popen([sys.executable, "-m", *command], stdout=file, stderr=file)  # noqa: S603 - our own programs
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
