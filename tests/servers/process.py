"""A server program in a child process: start, kill, start again on the same port."""

import random
import shutil
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Self

import pytest

BIN = Path(__file__).parents[2] / ".servers/bin"
TRIES = 1200
BETWEEN_TRIES_S = 0.05
HOST = "127.0.0.1"

# However pytest ends, the kernel ends its servers too. (Started by a thread, they end with it.)
WITH_US = ("setpriv", "--pdeathsig", "KILL", "--") if shutil.which("setpriv") else ()


def free_port() -> int:
    """A loopback port that nothing listens on and no client is given: they get 32768 and up.

    So while a server is down nobody takes its port by chance, and no client meets itself there.
    """
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise RuntimeError("100 ports in use")


class ServerProcess(ABC):
    """One server with its own *folder* and port. Use it in a `with`, so that it is stopped."""

    program: ClassVar[str]
    remedy: ClassVar[str] = "run `make servers`"

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def configure(self) -> list[str]:
        """Write what the program needs into the folder; return its arguments."""

    def answers(self) -> bool:
        """Whether it takes requests by now."""
        try:
            socket.create_connection((HOST, self.port), timeout=5).close()
        except OSError:
            return False
        return True

    @property
    def log(self) -> Path:
        return self.folder / f"{self.program}.log"

    @property
    def pid(self) -> int:
        """Of the running program."""
        assert self._process
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Start it and return when it answers; skip the test where the program is absent."""
        if not (BIN / self.program).exists():
            pytest.skip(f"no {self.program}: {self.remedy}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        arguments = self.configure()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*WITH_US, BIN / self.program, *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._wait_until_it_answers()
        return self

    def _wait_until_it_answers(self) -> None:
        for _ in range(TRIES):
            if not self.running:
                break
            if self.answers():
                return
            time.sleep(BETWEEN_TRIES_S)
        self.kill()
        raise RuntimeError(f"{self.program} did not start:\n{self.log.read_text('utf-8')}")

    def kill(self) -> None:
        """End it as a power cut would: no chance to write anything."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        if not self._process:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def restart(self) -> Self:
        """Start it again on the same port and folder, after a `kill` or by stopping it first."""
        self.stop()
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
