"""The collector's clock. ``--now UTC`` sets it for tests, replays and the demo."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

NowUs = Callable[[], int]
"""Microseconds UTC."""


def system_now_us() -> int:
    """The real time."""
    return time.time_ns() // 1000


def running_from(start: datetime) -> NowUs:
    """A clock that shows *start* now and goes on from there; a naive *start* is UTC."""
    aware = start if start.tzinfo else start.replace(tzinfo=UTC)
    offset_us = int(aware.timestamp() * 1e6) - time.monotonic_ns() // 1000
    return lambda: offset_us + time.monotonic_ns() // 1000
