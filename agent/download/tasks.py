"""Conversations with an autopilot as generators: say something, wait for an answer or a time-out.

A task yields a `Wait` and is resumed with a `Got`: the next message of the drone that it may care
for, or none once the time is over. So a protocol reads from top to bottom, and needs neither
clock nor socket.
"""

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple, TypeVar

from windsock.agent.link.dialect import Message

T = TypeVar("T")
SECOND_US = 1_000_000


class Wait(NamedTuple):
    """Send these, then wait so long for a message. The time begins when they have left."""

    timeout_us: int
    send: Sequence[Message] = ()


class Got(NamedTuple):
    """What came, and when; no message where the time was over first."""

    message: Message | None
    now_us: int


Task = Generator[Wait, Got, T]


class NoAnswerError(Exception):
    """The drone doesn't answer; tried again later."""


class MethodFailedError(Exception):
    """One way of downloading gets no further; another may."""


class LogGoneError(Exception):
    """The drone has this log no more: rotated away."""


def answered(wait: Wait, accept: Callable[[Message], T | None]) -> Task[T | None]:
    """What *accept* makes of the first message that it takes; None if none comes in time."""
    got = yield wait
    limit_us = got.now_us + wait.timeout_us
    while got.message is not None and got.now_us < limit_us:
        found = accept(got.message)
        if found is not None:
            return found
        got = yield Wait(limit_us - got.now_us)
    return None


def pause(duration_us: int) -> Task[int]:
    """Let time pass, whatever comes; the time afterwards."""
    got = yield Wait(duration_us)
    end_us = got.now_us + (duration_us if got.message is not None else 0)
    while got.now_us < end_us and duration_us > 0:
        got = yield Wait(end_us - got.now_us)
    return got.now_us


def clock() -> Task[int]:
    """What time it is."""
    got = yield Wait(0)
    return got.now_us
