"""Serial ports. Sole owner of pyserial in the agent."""

import contextlib
import errno
import fcntl
import termios
from pathlib import Path

import serial
from serial.tools import list_ports

from windsock.agent.link.locks import PortLock, holders
from windsock.agent.link.ports import (
    BAUD_RATES,
    LinkLostError,
    PortBusyError,
    PortDeniedError,
    UsbPort,
)

_WRITE_LIMIT_S = 1.0
_BITS_A_BYTE = 10  # start and stop bit included
_LARGEST_READ = 65536


class SerialPort:
    """One serial port, held by nobody else while it is open."""

    def __init__(self, device: str, baud: int) -> None:
        self.name = device
        self.baud: int | None = baud
        self._lock = PortLock(device)
        self._port: serial.Serial | None = None

    @property
    def line_bytes_s(self) -> float | None:
        """By the baud rate, which means nothing on a board that is itself on USB (CDC ACM)."""
        on_usb = Path(self.name).resolve().name.startswith("ttyACM")
        return None if on_usb or self.baud is None else self.baud / _BITS_A_BYTE

    def open(self) -> None:
        """Lock and open it. Raises PortBusyError, PortDeniedError or LinkLostError."""
        if not Path(self.name).exists():
            raise LinkLostError(f"no port {self.name}")
        self._lock.take()
        try:
            self._port = self._opened()
            _shut_out_others(self._port.fileno(), shut=True)
        except BaseException:
            self._lock.give_back()
            raise

    def set_baud(self, baud: int) -> None:
        """Try another rate on an open port."""
        self.baud = baud
        with _named(self.name):
            self._serial.baudrate = baud
            self._serial.reset_input_buffer()

    def read(self, wait_s: float) -> bytes:
        """What came, waiting at most so long for the first byte."""
        with _named(self.name):
            self._serial.timeout = wait_s
            first: bytes = self._serial.read(1)
            waiting = min(self._serial.in_waiting, _LARGEST_READ) if first else 0
            return first + self._serial.read(waiting) if waiting else first

    def write(self, data: bytes) -> None:
        """Send; what can't be sent within a second is lost, like anything on a wire."""
        with _named(self.name), contextlib.suppress(serial.SerialTimeoutException):
            self._serial.write(data)

    def close(self) -> None:
        """Let go of port and lock."""
        if self._port is not None:
            with contextlib.suppress(OSError, serial.SerialException):
                _shut_out_others(self._port.fileno(), shut=False)
                self._port.close()
            self._port = None
        self._lock.give_back()

    @property
    def _serial(self) -> serial.Serial:
        if self._port is None:
            raise LinkLostError(f"{self.name} is not open")
        return self._port

    def _opened(self) -> serial.Serial:
        others = holders(self.name)
        if others:
            raise PortBusyError(f"{self.name} is held by {', '.join(others)}")
        try:
            return serial.Serial(
                self.name,
                self.baud or BAUD_RATES[0],
                timeout=0,
                write_timeout=_WRITE_LIMIT_S,
                exclusive=True,
            )
        except (serial.SerialException, OSError, ValueError) as error:
            raise _translated(error, self.name) from error


def _shut_out_others(descriptor: int, *, shut: bool) -> None:
    """The kernel refuses the port to everybody else but root, also to who asks for no lock."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(descriptor, termios.TIOCEXCL if shut else termios.TIOCNXCL)


def usb_ports() -> list[UsbPort]:
    """The serial ports on USB."""
    return [
        UsbPort(
            port.device, port.vid, port.pid or 0, port.serial_number or "", port.location or ""
        )
        for port in list_ports.comports()
        if port.vid is not None
    ]


def _translated(error: Exception, name: str) -> LinkLostError:
    code = getattr(error, "errno", None)
    if code in (errno.EACCES, errno.EPERM):
        return PortDeniedError(f"no permission to open {name}")
    if code in (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK) or "exclusive" in str(error):
        return PortBusyError(f"{name} is held by another program")
    return LinkLostError(f"{name}: {error}")


class _named(contextlib.AbstractContextManager["_named"]):  # noqa: N801 - reads as a phrase
    """Turns whatever a port raises when it is pulled out into LinkLostError."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        # termios.error is no OSError; a closed descriptor makes pyserial raise TypeError.
        if isinstance(error, LinkLostError) or error is None:
            return
        if isinstance(error, Exception) and not isinstance(error, serial.SerialTimeoutException):
            raise LinkLostError(f"{self._name}: {error}") from error
