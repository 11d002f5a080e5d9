"""Tells systemd that we live (sd_notify(3)); nothing happens where it didn't start us."""

import os
import socket

_EVERY_US = 10_000_000


class Watchdog:
    """`alive` is called often and says so rarely."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "")
        self._next_us: int | None = None

    def alive(self, now_us: int) -> None:
        """Still here. Ready, too: a broker that is away is no reason to start us again."""
        if not self._address or (self._next_us is not None and now_us < self._next_us):
            return
        self._next_us = now_us + _EVERY_US
        address = self._address
        name = f"\0{address[1:]}" if address.startswith("@") else address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            link.sendto(b"READY=1\nWATCHDOG=1", name)
