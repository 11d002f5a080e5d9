"""News for the judging thread: flights that nobody has judged yet."""

import threading
from collections.abc import Callable
from typing import Final

TOGETHER_S: Final = 1.0
"""What comes within it is judged in one round: under load a round costs more than its flights."""


class News:
    """Told by one thread, awaited by another, which judges all that was told before."""

    def __init__(self) -> None:
        self._told = threading.Event()

    def tell(self) -> None:
        """There is something to judge."""
        self._told.set()

    def wait(self, rest_s: float, gather: Callable[[], object]) -> None:
        """Return after *rest_s*, or once there is news, which *gather* lets more of come.

        What is told from now on is news again.
        """
        if self._told.wait(rest_s):
            gather()
        self._told.clear()
