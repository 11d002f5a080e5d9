"""check, claim, release and setup, as a technician types them."""

import grp
import importlib.resources
import os
import pty
import stat
import threading
import time
import tomllib
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import common

from tests.servers.process import free_port
from windsock.agent.__main__ import main
from windsock.agent.drones.met import Drones
from windsock.agent.drones.release import released
from windsock.agent.install import setup as install
from windsock.agent.install.check_ports import LISTEN_US
from windsock.agent.link.locks import PortLock
from windsock.agent.link.ports import AUTOPILOT_VENDORS
from windsock.agent.settings import Broker, Settings
from windsock.config.loader import load

NOBODY = free_port()


class Station:
    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "agent.toml"

    def settings(self, *links, allow="", port=NOBODY):
        text = f'agent = "s"\nstate = "{self.folder}/state"\nallow = [{allow}]\n'
        text += f"[broker]\nport = {port}\n"
        for link in links:
            text += f'[[link]]\nport = "{link}"\nbaud = 57600\n'
        self.config.write_text(text)

    def check(self, capsys):
        code = main(["check", "-c", str(self.config)])
        return code, capsys.readouterr().out


@pytest.fixture
def station(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "windsock.agent.link.serial_port.PortLock", lambda device: PortLock(device, tmp_path)
    )
    monkeypatch.setattr("windsock.agent.install.check_ports.LISTEN_US", LISTEN_US // 10)
    return Station(tmp_path)


@contextmanager
def plugged_in(*frames):
    """A pty on which these are said again and again."""
    far, near = pty.openpty()
    over = threading.Event()

    def say():
        while not over.wait(0.01):
            os.write(far, b"".join(frames))

    speaker = threading.Thread(target=say)
    speaker.start()
    try:
        yield os.ttyname(near)
    finally:
        over.set()
        speaker.join()
        os.close(far)
        os.close(near)


def beat(autopilot, kind=2, mode=0, component=1):
    sender = common.MAVLink(None, srcSystem=1, srcComponent=component)
    return common.MAVLink_heartbeat_message(kind, autopilot, mode, 0, 3, 3).pack(sender)


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ((beat(3),), "ok   {port}: ArduPilot multicopter, system 1 at 57600 baud, disarmed"),
        ((beat(12, mode=128),), "ok   {port}: PX4 multicopter, system 1 at 57600 baud, armed"),
        (
            (beat(8, kind=26, component=154),),
            "FAIL {port}: MAVLink at 57600 baud, but no autopilot",
        ),
        ((b"hello, this is a modem",), "FAIL {port}: bytes come, but no MAVLink: wrong baud rate"),
        ((b"",), "FAIL {port}: opened, but nothing comes"),
        ((beat(0),), "FAIL {port}: autopilot 0 multicopter"),
    ],
)
def test_check_says_what_is_on_a_port(station, capsys, frames, words):
    with plugged_in(*frames) as port:
        station.settings(port, allow='"*"')
        code, out = station.check(capsys)

    assert words.format(port=port) in out
    assert code == 1  # as no broker is there


@pytest.mark.e2e
def test_check_says_who_holds_a_port_and_that_there_is_none(station, capsys, tmp_path):
    with plugged_in(beat(3)) as port:
        (tmp_path / f"LCK..{Path(port).name}").write_text("         1\n")
        station.settings(port, "/dev/ttyNONE9")
        code, out = station.check(capsys)

    assert f"FAIL {port}: {port} is locked by" in out
    assert "process 1)" in out
    assert "FAIL /dev/ttyNONE9: no port /dev/ttyNONE9" in out
    assert code == 1


@pytest.mark.e2e
def test_check_says_what_is_wrong_with_the_broker(station, capsys, mosquitto):
    with plugged_in(beat(3)) as port:
        station.settings(port, allow='"*"')
        code, out = station.check(capsys)
        assert (code, "nothing listens there" in out) == (1, True)

        station.settings(port, allow='"*"', port=mosquitto.port)
        code, out = station.check(capsys)
    assert (code, f"ok   broker: localhost:{mosquitto.port}" in out) == (0, True), out


@pytest.mark.e2e
def test_check_says_when_there_is_no_room_and_nothing_to_read(station, capsys):
    station.settings()
    _, out = station.check(capsys)
    assert "FAIL sources: no [[link]] and no [[watch]]" in out

    station.settings("/dev/ttyNONE9")
    with station.config.open("a") as file:
        file.write("[downloads]\nfree_mb = 1e12\n")
    _, out = station.check(capsys)
    assert "FAIL disk" in out


def test_claim_takes_the_one_drone_that_was_met(station, capsys):
    station.settings()
    command = ["claim", "SN-1", "-c", str(station.config)]
    assert main(command) == 1
    assert "no drone was met" in capsys.readouterr().err
    (station.folder / "state").mkdir()
    drones = Drones(station.folder / "state")
    drones.meet("ap:11", "2dae:1016", 1)
    assert main(command) == 0
    assert drones.serial("ap:11") == "SN-1"

    drones.meet("ap:22", "2dae:1016", 2)
    drones.meet("ap:33", "2dae:1016", 3)
    assert main(["claim", "SN-2", "-c", str(station.config)]) == 1
    assert "--uid ap:33" in capsys.readouterr().err
    assert main(["claim", "SN-2", "-c", str(station.config), "--uid", "ap:33"]) == 0
    assert drones.serial("ap:33") == "SN-2"


def test_release_says_until_when(station, capsys):
    station.settings()
    assert main(["release", "30m", "-c", str(station.config)]) == 0
    assert "free until" in capsys.readouterr().out
    assert released(station.folder / "state", time.time_ns() // 1000)
    assert main(["release", "0", "-c", str(station.config)]) == 0
    assert not released(station.folder / "state", time.time_ns() // 1000)
    assert main(["release", "soon", "-c", str(station.config)]) == 1


@pytest.mark.e2e
def test_setup_writes_settings_unit_and_rule_and_checks(station, capsys, monkeypatch):
    root = station.folder / "root"
    monkeypatch.setattr(
        "windsock.agent.install.setup.shutil.which", lambda _: "/usr/bin/windsock-agent"
    )
    arguments = ["setup", "--root", str(root), "--agent", "hangar-2", "--broker", "mqtt.example",
                 "--state", str(station.folder / "state"), "--allow", "vendor:2dae",
                 "--link", "/dev/ttyNONE9", "--link", "udp:127.0.0.1:14551"]  # fmt: skip
    monkeypatch.setattr("windsock.agent.commands.station.check", lambda *_: iter(()))
    assert main(arguments) == 0

    config = root / "etc/windsock/agent.toml"
    settings = load(config, Settings)
    broker = settings.broker
    assert (broker.host, broker.port, broker.tls) == ("mqtt.example", 8883, True)
    assert settings.agent == "hangar-2"
    assert [link.port for link in settings.link] == ["/dev/ttyNONE9", "udp:127.0.0.1:14551"]
    assert settings.allow == ("vendor:2dae",)
    unit = (root / "etc/systemd/system/windsock-agent.service").read_text()
    assert "ExecStart=/usr/bin/windsock-agent run -c /etc/windsock/agent.toml\n" in unit
    assert "User=windsock\n" in unit
    assert "ID_MM_DEVICE_IGNORE" in (root / "etc/udev/rules.d/70-windsock-agent.rules").read_text()

    capsys.readouterr()
    assert main([*arguments, "--agent", "other"]) == 0
    assert "stays" in capsys.readouterr().out
    assert load(config, Settings).agent == "hangar-2"


def test_a_template_knows_every_vendor_that_is_looked_for():
    rules = (importlib.resources.files("windsock.config") / "windsock-agent.rules").read_text()
    assert "|".join(f"{vendor:04x}" for vendor in AUTOPILOT_VENDORS) in rules


def test_the_service_can_read_the_stations_password_and_others_cannot(tmp_path, monkeypatch):
    password = tmp_path / "mqtt-password"
    password.write_text("secret\n")
    password.chmod(0o600)
    monkeypatch.setattr(install, "USER", grp.getgrgid(os.getgid()).gr_name)

    install._let_read(Broker(password_file=password))

    assert stat.S_IMODE(password.stat().st_mode) == 0o640


def test_settings_that_setup_writes_are_toml_whatever_is_answered(tmp_path, monkeypatch):
    monkeypatch.setattr("windsock.agent.commands.station.check", lambda *_: iter(()))
    config = tmp_path / "agent.toml"
    code = main(["setup", "-c", str(config), "--no-service", "--agent", "a", "--state", 'x"\\y',
                 "--plain", "--broker", "other.host"])  # fmt: skip
    assert code == 0
    table = tomllib.loads(config.read_text())
    assert (table["state"], table["broker"]["allow_plain"]) == ('x"\\y', True)
