"""What is wrong with a port: it is opened, listened to for some seconds and let go."""

import getpass
import grp
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from windsock.agent.clock import Clock
from windsock.agent.drones.links import names_of, port_for
from windsock.agent.drones.met import Drones, noted_at
from windsock.agent.install.check import Finding
from windsock.agent.link import dialect
from windsock.agent.link.frames import Splitter
from windsock.agent.link.gate import Gate
from windsock.agent.link.ports import (
    BAUD_RATES,
    LinkLostError,
    Port,
    PortBusyError,
    PortDeniedError,
    parse,
)
from windsock.agent.link.serial_port import SerialPort, usb_ports
from windsock.agent.link.vehicles import Vehicle, Vehicles
from windsock.agent.settings import Link, Settings

LISTEN_US: Final = 2_500_000
_READ_S: Final = 0.1
_NOISE: Final = 100
_OURS: Final = "windsock-agent"
_AUTOPILOTS: Final = {dialect.PX4: "PX4", dialect.ARDUPILOT: "ArduPilot"}


def ports(link: Link, settings: Settings, clock: Clock) -> Iterator[Finding]:
    """What there is to say of one link of the settings."""
    address = parse(link.port)
    names = names_of(address)
    if not names:
        others = ", ".join(f"{p.device} ({p.vendor:04x}:{p.product:04x})" for p in usb_ports())
        seen = f"on USB there is {others}" if others else "there is no serial port on USB"
        yield Finding("FAIL", link.port, f"no such port; {seen}")
    for name in names:
        yield check_port(port_for(name, link, address), link, settings, clock)


def check_port(port: Port, link: Link, settings: Settings, clock: Clock) -> Finding:
    """Open, listen, let go."""
    try:
        port.open()
    except PortBusyError as error:
        ours = _OURS in str(error)
        words = f"{error}{': the service serves it' if ours else ''}"
        return Finding("note" if ours else "FAIL", port.name, words)
    except PortDeniedError as error:
        return Finding("FAIL", port.name, f"{error}: {_permission(port.name)}")
    except LinkLostError as error:
        return Finding("FAIL", port.name, str(error))
    try:
        return _listened(port, link, settings, clock)
    except LinkLostError as error:
        return Finding("FAIL", port.name, f"lost while listening: {error}")
    finally:
        port.close()


def _listened(port: Port, link: Link, settings: Settings, clock: Clock) -> Finding:
    foreign = 0
    for baud in _rates(port, link):
        if isinstance(port, SerialPort):
            port.set_baud(baud)
        splitter, vehicles = _heard(port, clock)
        at = f" at {port.baud} baud" if port.baud else ""
        if vehicles.drone:
            return _drone(port.name, vehicles.drone, at, settings)
        if splitter.counts.frames:
            who = ", ".join(f"{n.system}/{n.component}" for n in sorted(vehicles.nodes))
            words = f"MAVLink{at}, but no autopilot among {who or 'nobody'}: is the drone on?"
            return Finding("FAIL", port.name, words)
        foreign = max(foreign, splitter.counts.bytes)
    if foreign > _NOISE:
        words = "bytes come, but no MAVLink: wrong baud rate, or something else is plugged in"
        return Finding("FAIL", port.name, words)
    return Finding("FAIL", port.name, "opened, but nothing comes: is the drone on?")


def _rates(port: Port, link: Link) -> tuple[int, ...]:
    if link.baud != "detect":
        return (link.baud,)
    return BAUD_RATES if isinstance(port, SerialPort) else (0,)


def _heard(port: Port, clock: Clock) -> tuple[Splitter, Vehicles]:
    """What comes within some seconds, or until there is a drone."""
    splitter = Splitter(dialect.crc_extra, dialect.checksum)
    vehicles = Vehicles(Gate())
    until_us = clock.monotonic_us() + LISTEN_US
    while vehicles.drone is None and clock.monotonic_us() < until_us:
        for frame in splitter.feed(port.read(_READ_S)):
            message = dialect.decode(frame)
            if message is not None:
                vehicles.hear(frame, message, clock.monotonic_us())
    return splitter, vehicles


def _drone(name: str, drone: Vehicle, at: str, settings: Settings) -> Finding:
    kind = _AUTOPILOTS.get(drone.autopilot, f"autopilot {drone.autopilot}")
    vehicle = dialect.VEHICLES.get(drone.kind, "vehicle")
    armed = "armed: nothing is sent" if drone.armed else "disarmed"
    words = f"{kind} {vehicle}, system {drone.node.system}{at}, {armed}"
    if drone.autopilot not in _AUTOPILOTS:
        return Finding("FAIL", name, f"{words}; only PX4 and ArduPilot are read")
    if not settings.allow and not _any_claimed(settings):
        return Finding("note", name, f"{words}; no drone is allowed or claimed yet")
    return Finding("ok", name, words)


def _any_claimed(settings: Settings) -> bool:
    if not noted_at(settings.state):
        return False
    book = Drones(settings.state, settings.allow)
    claimed = any(one.serial for one in book.met())
    book.close()
    return claimed


def _permission(device: str) -> str:
    try:
        group = grp.getgrgid(Path(device).stat().st_gid).gr_name
    except (OSError, KeyError):
        group = "dialout"
    user = getpass.getuser() if os.geteuid() else "root"
    return f"`sudo usermod -aG {group} {user}`, then log in again"
