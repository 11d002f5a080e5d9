"""Where a simulated drone is plugged in: a pty, a TCP port for one station, UDP to a station."""

import errno
import os
import select
import socket
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

_CHUNK_B: Final = 65536
_GONE: Final = (errno.EIO, errno.EBADF)


@contextmanager
def _named(at: tuple[str, int]) -> Iterator[None]:
    """What goes wrong names the address."""
    where = f"{at[0]}:{at[1]}"
    try:
        yield
    except OverflowError as error:
        raise OSError(errno.EADDRNOTAVAIL, "no such port", where) from error
    except OSError as error:
        error.filename = where
        raise


class Port(Protocol):
    """One end of a link. Nothing blocks."""

    address: str

    def open(self) -> None:
        """Come into being."""

    def close(self) -> None:
        """Be gone, as if unplugged."""

    def sockets(self) -> list[int]:
        """What to wait for bytes on."""

    def present(self) -> bool:
        """Whether anybody is there to listen."""

    def read(self) -> bytes:
        """What came in."""

    def write(self, frames: list[bytes]) -> None:
        """Send; what can't be sent yet waits."""

    def waiting(self) -> bool:
        """Whether something waits to be sent."""


class PtyPort:
    """A pseudo terminal, and a link to it that stays when it is plugged in again."""

    def __init__(self, link: Path | None) -> None:
        self._link = link
        self._master = -1
        self._unsent = b""
        self.address = ""

    def open(self) -> None:
        """A new pty, raw. Its other end is closed here, to see whether the station has it open."""
        self._master, station = os.openpty()
        tty.setraw(station)
        name = os.ttyname(station)
        os.close(station)
        os.set_blocking(self._master, False)
        self.address = str(self._link or name)
        if self._link:
            new = self._link.with_name(f".{self._link.name}.new")
            new.unlink(missing_ok=True)
            new.symlink_to(name)
            new.replace(self._link)

    def close(self) -> None:
        """The station's reads and writes fail from now on."""
        if self._master < 0:
            return
        if self._link:
            self._link.unlink(missing_ok=True)
        os.close(self._master)
        self._master = -1
        self._unsent = b""

    def sockets(self) -> list[int]:
        """The pty, while the station has it open: it would report its absence without end."""
        return [self._master] if self._master >= 0 and self.present() else []

    def present(self) -> bool:
        """Whether a station has it open."""
        if self._master < 0:
            return False
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        return not any(events & select.POLLHUP for _, events in poll.poll(0))

    def read(self) -> bytes:
        """What the station wrote."""
        try:
            return os.read(self._master, _CHUNK_B)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno in _GONE:
                return b""
            raise

    def write(self, frames: list[bytes]) -> None:
        """Nobody there: lost, as on a wire."""
        if not self.present():
            self._unsent = b""
            return
        self._unsent += b"".join(frames)
        try:
            self._unsent = self._unsent[os.write(self._master, self._unsent) :]
        except BlockingIOError:
            return

    def waiting(self) -> bool:
        """Whether the pty is full."""
        return bool(self._unsent)


class TcpPort:
    """Listens; the newest station to connect is the one."""

    def __init__(self, host: str, port: int) -> None:
        self._at = (host, port)
        self._listener: socket.socket | None = None
        self._station: socket.socket | None = None
        self._unsent = b""
        self.address = ""

    def open(self) -> None:
        """Listen; port 0 takes a free one, and keeps it."""
        with _named(self._at):
            self._listener = socket.create_server(self._at)
        self._listener.setblocking(False)
        self._at = self._listener.getsockname()[:2]
        self.address = f"tcp:{self._at[0]}:{self._at[1]}"

    def close(self) -> None:
        """Hang up and listen no more."""
        self._hang_up()
        if self._listener:
            self._listener.close()
        self._listener = None

    def sockets(self) -> list[int]:
        """Listener and station."""
        return [one.fileno() for one in (self._listener, self._station) if one]

    def present(self) -> bool:
        """Whether a station is connected."""
        return self._station is not None

    def read(self) -> bytes:
        """What the station sent."""
        self._accept()
        if not self._station:
            return b""
        try:
            data = self._station.recv(_CHUNK_B)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return data

    def write(self, frames: list[bytes]) -> None:
        """Nobody there: lost."""
        if not self._station:
            return
        self._unsent += b"".join(frames)
        try:
            self._unsent = self._unsent[self._station.send(self._unsent) :]
        except BlockingIOError:
            return
        except OSError:
            self._hang_up()

    def waiting(self) -> bool:
        """Whether the station does not keep up."""
        return bool(self._unsent)

    def _accept(self) -> None:
        if not self._listener:
            return
        try:
            station, _ = self._listener.accept()
        except BlockingIOError:
            return
        self._hang_up()
        station.setblocking(False)
        self._station = station

    def _hang_up(self) -> None:
        if self._station:
            self._station.close()
        self._station = None
        self._unsent = b""


class UdpPort:
    """Sends to a station, one frame a datagram, and hears what it answers."""

    def __init__(self, host: str, port: int) -> None:
        self._at = (host, port)
        self._socket: socket.socket | None = None
        self.address = f"udp:{host}:{port}"

    def open(self) -> None:
        """Take a port of its own."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        with _named(self._at):
            self._socket.connect(self._at)

    def close(self) -> None:
        """Send and hear no more."""
        if self._socket:
            self._socket.close()
        self._socket = None

    def sockets(self) -> list[int]:
        """The socket."""
        return [self._socket.fileno()] if self._socket else []

    def present(self) -> bool:
        """Nobody can know."""
        return self._socket is not None

    def read(self) -> bytes:
        """All datagrams that came."""
        data = b""
        while self._socket:
            try:
                data += self._socket.recv(_CHUNK_B)
            except OSError:  # nothing more, or nobody listens there
                break
        return data

    def write(self, frames: list[bytes]) -> None:
        """What the network doesn't take is lost."""
        for frame in frames:
            try:
                if self._socket:
                    self._socket.send(frame)
            except OSError:
                continue

    def waiting(self) -> bool:
        """Never."""
        return False
