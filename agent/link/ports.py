"""What a port is to us, and which one a setting means. Pure."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol

GROUND_STATIONS_UDP: Final = 14550
"""Where QGroundControl and Mission Planner listen: never ours to bind."""
BAUD_RATES: Final = (115_200, 57_600, 921_600, 460_800, 230_400, 500_000, 38_400, 9_600)
"""Tried in turn where the rate isn't set: USB adapters and radios first."""
AUTOPILOT_VENDORS: Final = {
    0x26AC: "3D Robotics / PX4",
    0x1209: "ArduPilot (pid.codes)",
    0x2DAE: "CubePilot",
    0x3162: "Holybro",
    0x3185: "Auterion",
    0x35A7: "CUAV",
    0x27AC: "VRBrain",
    0x1B8C: "Airmind",
    0x3643: "ARK",
}
"""USB vendor ids of boards (PX4: CONFIG_CDCACM_VENDORID, ArduPilot: USB_VENDOR)."""


class LinkLostError(Exception):
    """The port is gone or was never there: tried again later."""


class PortBusyError(LinkLostError):
    """Another program has the port."""


class PortDeniedError(LinkLostError):
    """We aren't allowed to open the port."""


class Port(Protocol):
    """Bytes to and from a link, opened first; all methods raise LinkLostError once it is gone."""

    name: str

    @property
    def baud(self) -> int | None:
        """None where there is no such thing."""

    @property
    def line_bytes_s(self) -> float | None:
        """What the line carries at most, None where nobody knows."""

    def open(self) -> None:
        """Get hold of it."""

    def read(self, wait_s: float) -> bytes:
        """What came, waiting at most so long for the first byte."""

    def write(self, data: bytes) -> None:
        """Send."""

    def close(self) -> None:
        """Let go of it."""


class UsbPort(NamedTuple):
    """A serial port on USB."""

    device: str
    vendor: int
    product: int
    serial: str
    interface: str
    """Bus address and interface, as ``1-1.2:1.0``."""


class Address(NamedTuple):
    """What a setting names: ``serial``, ``usb``, ``tcp`` or ``udp``, and the rest of it."""

    kind: str
    host: str = ""
    """Host, device, or what identifies a USB device."""
    port: int = 0


_NETWORK: Final = re.compile(r"(tcp|udp):([^:\s]+|\[[0-9a-f:]+\]):(\d{1,5})")
_USB: Final = re.compile(r"usb(:[0-9a-fA-F]{4}(:[0-9a-fA-F]{4})?|:serial=[!-~]+)?")
_PORTS: Final = range(1, 65536)


def parse(text: str) -> Address:
    """The address in a setting. Raises ValueError with what was expected."""
    network = _NETWORK.fullmatch(text)
    if network:
        kind, host, port = network[1], network[2].strip("[]"), int(network[3])
        if port not in _PORTS:
            raise ValueError(f"port {port}, expected 1 to 65535")
        if kind == "udp" and port == GROUND_STATIONS_UDP:
            raise ValueError("UDP port 14550 is the ground station's: let it forward to another")
        return Address(kind, host, port)
    if _USB.fullmatch(text):
        return Address("usb", text.partition(":")[2].lower())
    if text.startswith(("/", "COM")):
        return Address("serial", text)
    raise ValueError(
        "expected `usb`, `usb:VENDOR[:PRODUCT]`, `usb:serial=...`, a device as /dev/ttyUSB0,"
        " `tcp:HOST:PORT` or `udp:ADDRESS:PORT`"
    )


def matching(wanted: str, ports: Iterable[UsbPort]) -> list[str]:
    """The devices that *wanted* (the rest of a ``usb`` address) means, one for each board.

    Boards show two ports, and MAVLink is on the first of them (ArduPilot: the other is SLCAN).
    """
    first: dict[str, UsbPort] = {}
    for port in sorted(ports, key=lambda port: port.interface):
        if _means(wanted, port):
            first.setdefault(port.interface.partition(":")[0] or port.device, port)
    return sorted(port.device for port in first.values())


def _means(wanted: str, port: UsbPort) -> bool:
    if not wanted:
        return port.vendor in AUTOPILOT_VENDORS
    if wanted.startswith("serial="):
        return port.serial.lower() == wanted.removeprefix("serial=")
    vendor, _, product = wanted.partition(":")
    return port.vendor == int(vendor, 16) and product in ("", f"{port.product:04x}")
