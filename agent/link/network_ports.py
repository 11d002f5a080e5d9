"""MAVLink over TCP and UDP: beside a ground station that forwards, or a router."""

import contextlib
import select
import socket
import time

from windsock.agent.link.ports import LinkLostError

_CONNECT_LIMIT_S = 5.0
_LARGEST_READ = 65536
_PEER_SILENT_S = 5.0
"""A forwarder that was restarted sends from another port."""


class TcpPort:
    """A connection to a router or an autopilot that listens."""

    baud: int | None = None
    line_bytes_s: float | None = None

    def __init__(self, host: str, port: int) -> None:
        self.name = f"tcp:{host}:{port}"
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Connect. Raises LinkLostError."""
        try:
            self._socket = socket.create_connection(self._address, timeout=_CONNECT_LIMIT_S)
        except OSError as error:
            raise LinkLostError(f"{self.name}: {error}") from error

    def read(self, wait_s: float) -> bytes:
        """What came, waiting at most so long for the first byte."""
        if not _readable(self._socket, wait_s, self.name):
            return b""
        try:
            data = _opened(self._socket, self.name).recv(_LARGEST_READ)
        except OSError as error:
            raise LinkLostError(f"{self.name}: {error}") from error
        if not data:
            raise LinkLostError(f"{self.name}: closed by the other side")
        return data

    def write(self, data: bytes) -> None:
        """Send."""
        try:
            _opened(self._socket, self.name).sendall(data)
        except OSError as error:
            raise LinkLostError(f"{self.name}: {error}") from error

    def close(self) -> None:
        """Let go of it."""
        _close(self._socket)
        self._socket = None


class UdpPort:
    """A local UDP port that somebody forwards to; answers go to whoever forwards."""

    baud: int | None = None
    line_bytes_s: float | None = None

    def __init__(self, host: str, port: int) -> None:
        self.name = f"udp:{host}:{port}"
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self._peer: tuple[str, int] | None = None
        self._heard_s = 0.0

    def open(self) -> None:
        """Bind. Raises LinkLostError."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        made = socket.socket(family, socket.SOCK_DGRAM)
        try:
            made.bind(self._address)
        except OSError as error:
            made.close()
            raise LinkLostError(f"{self.name}: {error}") from error
        self._socket, self._peer = made, None

    def read(self, wait_s: float) -> bytes:
        """What came, waiting at most so long for the first byte."""
        if not _readable(self._socket, wait_s, self.name):
            return b""
        try:
            data, sender = _opened(self._socket, self.name).recvfrom(_LARGEST_READ)
        except ConnectionError:
            self._peer = None  # nobody there any more: whoever sends next is the peer
            return b""
        except OSError as error:
            raise LinkLostError(f"{self.name}: {error}") from error
        now_s = time.monotonic()
        if self._peer is None or now_s - self._heard_s > _PEER_SILENT_S:
            self._peer = sender
        if sender != self._peer:
            return b""
        self._heard_s = now_s
        return data

    def write(self, data: bytes) -> None:
        """Send to whoever forwards to us; to nobody while that isn't known."""
        if self._peer is None:
            return
        with contextlib.suppress(OSError):
            _opened(self._socket, self.name).sendto(data, self._peer)

    def close(self) -> None:
        """Let go of it."""
        _close(self._socket)
        self._socket, self._peer = None, None


def _opened(sock: socket.socket | None, name: str) -> socket.socket:
    if sock is None:
        raise LinkLostError(f"{name} is not open")
    return sock


def _readable(sock: socket.socket | None, wait_s: float, name: str) -> bool:
    ready, _, _ = select.select([_opened(sock, name)], [], [], wait_s)
    return bool(ready)


def _close(sock: socket.socket | None) -> None:
    if sock is not None:
        sock.close()
