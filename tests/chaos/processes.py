"""Agents and collectors that are killed and started again, by the dozen."""

import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.servers.process import WITH_US


class Zygote:
    """The process that the others are forked off."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [*WITH_US, sys.executable, "-m", "tests.chaos.zygote"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def fork(self, **order: object) -> int:
        """A new process; see `tests/chaos/zygote`."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@dataclass
class Mortal:
    """One of our programs. Its handle is of the process, not of its number, which comes again."""

    zygote: Zygote
    program: str
    args: list[str]
    log: Path
    boot: str = ""
    """The id of another boot than this machine's."""
    peak_kb: int = 0
    started: int = 0
    _handle: int = field(default=-1)
    _pid: int = 0

    def start(self, kill_at: str = "") -> None:
        """Start it, unless it runs; *kill_at* has it die at a named point."""
        if self.running:
            return
        self._close()
        self._pid = self.zygote.fork(
            program=self.program, args=self.args, log=str(self.log), kill_at=kill_at,
            boot=self.boot,
        )  # fmt: skip
        try:
            self._handle = os.pidfd_open(self._pid)
        except ProcessLookupError:  # dead already
            self._handle = -1
        self.started += 1

    @property
    def running(self) -> bool:
        return self._handle >= 0 and not self._ended(0)

    def kill(self) -> bool:
        """SIGKILL, and it is dead; whether it was alive."""
        self.look()
        alive = self._signal(signal.SIGKILL)
        return self.died(10) and alive

    def stop(self) -> bool:
        """Ask it to end; whether it did within half a minute."""
        self.look()
        self._signal(signal.SIGTERM)
        return self.died(30)

    def died(self, within_s: float) -> bool:
        """Whether it is dead *within_s*."""
        return self._handle < 0 or self._ended(within_s)

    def look(self) -> None:
        """Note how much memory it has taken so far."""
        try:
            status = Path(f"/proc/{self._pid}/status").read_text("ascii")
        except (FileNotFoundError, ProcessLookupError):
            return
        for line in status.splitlines():
            if line.startswith("VmHWM:") and self.running:
                self.peak_kb = max(self.peak_kb, int(line.split()[1]))

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""

    def _signal(self, number: signal.Signals) -> bool:
        try:
            signal.pidfd_send_signal(self._handle, number)
        except (ProcessLookupError, OSError):
            return False
        return True

    def _ended(self, within_s: float) -> bool:
        ready, _, _ = select.select([self._handle], [], [], within_s)
        return bool(ready)

    def _close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
