"""Drives a task: sends what it says through the outlet, resumes it with what comes. Pure."""

from collections import deque
from typing import Final

from windsock.agent.download.ftp import RefusedError
from windsock.agent.download.tasks import (
    Got,
    LogGoneError,
    MethodFailedError,
    NoAnswerError,
    Task,
    Wait,
)
from windsock.agent.link.dialect import Message
from windsock.agent.link.outlet import Outlet

FAILURES: Final = (NoAnswerError, MethodFailedError, LogGoneError, RefusedError)
_STEPS: Final = 1000
"""In a row without time passing: a task that never waits is a bug."""


class Runner:
    """One task on one link."""

    def __init__(self, task: Task[None], outlet: Outlet) -> None:
        self._task = task
        self._outlet = outlet
        self._unsent: deque[Message] = deque()
        self._timeout_us = 0
        self._deadline_us: int | None = None
        self.finished = False
        self.failure: str | None = None
        """Why it ended, unless all is well."""
        self._take(None)

    def deliver(self, message: Message, now_us: int) -> None:
        """A message of the drone's came."""
        self._take(Got(message, now_us))

    def step(self, now_us: int) -> bytes:
        """What to write now."""
        data = b""
        for _ in range(_STEPS):
            data += self._sent(now_us)
            if self.finished or self._unsent:
                return data
            if self._deadline_us is None:
                self._deadline_us = now_us + self._timeout_us
            if now_us < self._deadline_us:
                return data
            self._take(Got(None, now_us))
        raise RuntimeError("a task never waits")

    def due_us(self) -> int | None:
        """When to step again, if nothing comes before; None while the gate holds us."""
        return self._deadline_us

    def stop(self) -> None:
        """Drop it where it is."""
        self._task.close()
        self.finished = True

    def _sent(self, now_us: int) -> bytes:
        data = b""
        while self._unsent:
            frame = self._outlet.frame(self._unsent[0], now_us)
            if frame is None:
                break
            self._unsent.popleft()
            data += frame
        return data

    def _take(self, got: Got | None) -> None:
        if self.finished:
            return
        try:
            wait: Wait = next(self._task) if got is None else self._task.send(got)
        except StopIteration:
            self.finished = True
            return
        except FAILURES as failure:
            self.finished, self.failure = True, str(failure)
            return
        self._unsent.extend(wait.send)
        self._timeout_us, self._deadline_us = max(0, wait.timeout_us), None
