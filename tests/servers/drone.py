"""A simulated drone in a process of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.servers.process import WITH_US


class SimulatedDrone:
    """`windsock-sim drone ARGUMENTS`. Use it in a `with`, so that it is stopped."""

    def __init__(self, autopilot: str, logs: Path, *arguments: object):
        command = ["drone", "--autopilot", autopilot, "--logs", logs, *arguments]
        self._command = [sys.executable, "-m", "windsock.firmware_sim", *map(str, command)]
        self.addresses: list[str] = []
        self.complaints = ""
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """The pty, `tcp:HOST:PORT` or `udp:HOST:PORT` of the first."""
        return self.addresses[0]

    def start(self, count: int = 1) -> Self:
        """Start it and return when it is plugged in."""
        self.process = subprocess.Popen(
            [*WITH_US, *self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count):
            line = self.process.stdout.readline()
            if not line.startswith("ready "):
                self.stop()
                raise RuntimeError(f"not ready: {line}{self.complaints}")
            self.addresses.append(line.split()[1])
        return self

    def order(self, order: str) -> None:
        """Tell it to do something."""
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self.process.stdin.closed:
            return self.process.returncode
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Its exit code, when it ends."""
        _, self.complaints = self.process.communicate(timeout=30)
        return self.process.returncode

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
