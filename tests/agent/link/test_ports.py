"""Ports: which one a setting means, who holds it, and what happens when it is pulled out."""

import os
import pty
import socket
import subprocess
import sys
from contextlib import closing, suppress

import pytest

from windsock.agent.link import serial_port
from windsock.agent.link.locks import PortLock, holders
from windsock.agent.link.network_ports import TcpPort, UdpPort
from windsock.agent.link.ports import (
    Address,
    LinkLostError,
    PortBusyError,
    UsbPort,
    matching,
    parse,
)
from windsock.agent.link.serial_port import SerialPort

CUBE = UsbPort("/dev/ttyACM0", 0x2DAE, 0x1016, "3C0045", "1-1:1.0")
SLCAN = UsbPort("/dev/ttyACM1", 0x2DAE, 0x1016, "3C0045", "1-1:1.2")
PIXHAWK = UsbPort("/dev/ttyACM2", 0x26AC, 0x0032, "0", "1-2:1.0")
MODEM = UsbPort("/dev/ttyACM3", 0x12D1, 0x1506, "X", "1-3:1.0")
ALL = [MODEM, SLCAN, PIXHAWK, CUBE]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/dev/ttyUSB0", Address("serial", "/dev/ttyUSB0")),
        ("COM3", Address("serial", "COM3")),
        ("usb", Address("usb")),
        ("usb:26ac:0032", Address("usb", "26ac:0032")),
        ("usb:serial=3C0045", Address("usb", "serial=3c0045")),
        ("tcp:127.0.0.1:5760", Address("tcp", "127.0.0.1", 5760)),
        ("udp:[::1]:14551", Address("udp", "::1", 14551)),
    ],
)
def test_addresses(text, address):
    assert parse(text) == address


@pytest.mark.parametrize("text", ["", "ttyUSB0", "udp:0.0.0.0:14550", "tcp:x:0", "tcp:x:99999"])
def test_what_is_no_address(text):
    with pytest.raises(ValueError, match=r"expected|ground station"):
        parse(text)


@pytest.mark.parametrize(
    ("wanted", "devices"),
    [
        ("", ["/dev/ttyACM0", "/dev/ttyACM2"]),
        ("2dae", ["/dev/ttyACM0"]),
        ("12d1:1506", ["/dev/ttyACM3"]),
        ("2dae:9999", []),
        ("serial=3c0045", ["/dev/ttyACM0"]),
    ],
)
def test_ports_by_usb_identity_the_first_of_each_board(wanted, devices):
    assert matching(wanted, ALL) == devices


@pytest.fixture
def wire(tmp_path, monkeypatch):
    """A serial port and its other end."""
    monkeypatch.setattr("windsock.agent.link.locks.FOLDER", tmp_path)
    monkeypatch.setattr(serial_port, "PortLock", lambda device: PortLock(device, tmp_path))
    far, near = pty.openpty()
    name = os.ttyname(near)
    os.close(near)
    yield name, far
    with suppress(OSError):
        os.close(far)


def test_bytes_go_both_ways(wire):
    name, far = wire
    port = SerialPort(name, 57600)
    port.open()
    with closing(port):
        os.write(far, bytes(range(256)))
        assert port.read(5) == bytes(range(256))
        port.write(b"\xfd\r\n\x00\x11")
        assert os.read(far, 100) == b"\xfd\r\n\x00\x11"
        port.set_baud(115200)
        assert port.read(0) == b""


def test_a_port_pulled_out_is_a_lost_link(wire):
    name, far = wire
    port = SerialPort(name, 57600)
    port.open()
    os.close(far)
    with pytest.raises(LinkLostError):
        port.read(1)
    port.close()
    with pytest.raises(LinkLostError, match="no port"):
        port.open()


def test_a_port_is_held_by_one_program_at_a_time(wire, tmp_path):
    name, _ = wire
    first, second = SerialPort(name, 57600), SerialPort(name, 57600)
    first.open()
    with pytest.raises(PortBusyError):
        second.open()
    first.close()
    second.open()
    second.close()
    assert list(tmp_path.glob("LCK..*")) == []


def test_lock_files_are_made_and_honoured(tmp_path):
    lock = PortLock("/dev/ttyUSB7", tmp_path)
    file = tmp_path / "LCK..ttyUSB7"
    lock.take()
    assert file.read_text() == f"{os.getpid():10d}\n"
    lock.give_back()
    assert not file.exists()

    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        file.write_text(f"{other.pid:10d}\n")
        with pytest.raises(PortBusyError, match=f"locked by .*process {other.pid}"):
            lock.take()
        lock.give_back()
        assert file.exists(), "not ours to remove"
        other.communicate(b"\n")
    lock.take()  # its holder is dead by now
    lock.give_back()

    for damaged in ("", "what?"):
        file.write_text(damaged)
        lock.take()
        lock.give_back()


def test_who_holds_a_device_is_looked_up(tmp_path):
    device = tmp_path / "tty"
    device.touch()
    program = f"f = open({str(device)!r}); print(flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as other:
        other.stdout.readline()
        (found,) = holders(str(device))
        assert str(other.pid) in found
        other.communicate(b"\n")
    assert holders(str(device)) == []


@pytest.mark.e2e
def test_tcp_and_its_end():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = TcpPort(*server.getsockname())
        port.open()
        far, _ = server.accept()
    far.sendall(b"abc")
    assert port.read(5) == b"abc"
    assert port.read(0) == b""
    port.write(b"xyz")
    assert far.recv(3) == b"xyz"
    far.close()
    with pytest.raises(LinkLostError):
        port.read(5)
    port.close()
    with pytest.raises(LinkLostError):
        port.open()


@pytest.mark.e2e
def test_udp_answers_whoever_forwards_and_nobody_else():
    port = UdpPort("127.0.0.1", 0)
    port.open()
    port.write(b"to nobody")
    address = port._socket.getsockname()
    with closing(port), socket.socket(type=socket.SOCK_DGRAM) as station:
        with socket.socket(type=socket.SOCK_DGRAM) as stranger:
            station.sendto(b"abc", address)
            assert port.read(5) == b"abc"
            stranger.sendto(b"!", address)
            assert port.read(5) == b""
        port.write(b"xyz")
        assert station.recv(10) == b"xyz"
