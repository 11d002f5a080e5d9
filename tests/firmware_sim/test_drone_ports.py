"""Simulated drones as processes: on ptys, TCP and UDP, with orders on standard input."""

import json
import os
import select
import socket
import termios

import pytest

from tests.firmware_sim.vehicle.station import TARGET, made_log
from tests.servers.drone import SimulatedDrone
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.identity import counters, drone_uid
from windsock.firmware_sim.vehicle.frames import Codec, Message

pytestmark = pytest.mark.e2e
PATIENCE_S = 30


class Terminal:
    """A station at a pty."""

    def __init__(self, path):
        self.file = os.open(path, os.O_RDWR | os.O_NOCTTY)
        self.codec = Codec()

    def read(self):
        assert select.select([self.file], [], [], PATIENCE_S)[0], "nothing comes"
        return os.read(self.file, 4096)

    def until(self, name, **fields):
        """The first message of this name that has these values."""
        while True:
            for message in self.codec.decode(self.read()):
                if message.name == name and fields.items() <= message.fields.items():
                    return message

    def say(self, name, **fields):
        os.write(self.file, self.codec.encode(Message(name, {**TARGET, **fields}), 250, 1))

    def close(self):
        os.close(self.file)


@pytest.fixture
def logs(tmp_path):
    """A folder with one log."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.bin").write_bytes(made_log("a", 5000).data)
    return folder


def test_a_pty_is_raw_and_its_link_goes_with_the_process(logs, tmp_path):
    link = tmp_path / "drone"
    drone = SimulatedDrone("px4", logs, "--link", link).start()
    assert drone.address == str(link)
    terminal = Terminal(link)
    _, output, _, local, *_ = termios.tcgetattr(terminal.file)

    assert terminal.until("HEARTBEAT", autopilot=12)
    assert not local & (termios.ECHO | termios.ICANON)
    assert not output & termios.OPOST
    assert drone.stop() == 0
    assert not link.is_symlink()
    terminal.close()


def test_orders_are_taken_from_standard_input(logs):
    with SimulatedDrone("ardupilot", logs) as drone:
        terminal = Terminal(drone.address)
        drone.order("dance")
        drone.order("arm stick")
        assert terminal.until("STATUSTEXT", text="Arming motors")
        assert terminal.until("HEARTBEAT", autopilot=3).fields["base_mode"] & 128
        terminal.close()
        drone.order("quit")
        assert drone.wait() == 0
        assert "no such order: dance" in drone.complaints


def test_it_is_unplugged_and_found_again_at_its_link(logs, tmp_path):
    link = tmp_path / "drone"
    with SimulatedDrone("px4", logs, "--link", link) as drone:
        before = Terminal(link)
        before.until("HEARTBEAT")
        drone.order("unplug")
        while before.read():
            pass  # until it hangs up
        assert not link.exists()
        drone.order("plug")
        while not link.exists():
            assert drone.process.poll() is None
        after = Terminal(link)
        assert after.until("HEARTBEAT")
        before.close()
        after.close()


def test_another_station_can_open_the_pty_after_the_first(logs):
    with SimulatedDrone("ardupilot", logs) as drone:
        for _ in range(2):
            terminal = Terminal(drone.address)
            terminal.say("LOG_REQUEST_LIST", start=0, end=0xFFFF)
            assert terminal.until("LOG_ENTRY").fields["size"] == 5000
            terminal.close()


@pytest.mark.parametrize(
    ("kind", "uid"),
    [("px4", "000600000000383638393239510d0035002d"), ("ardupilot", "3938470d35353135003a0027")],
)
def test_a_flight_it_flew_becomes_a_log_that_names_it(kind, uid, tmp_path):
    with SimulatedDrone(kind, tmp_path, "--uid", uid, "--flight-time", 4321) as drone:
        terminal = Terminal(drone.address)
        drone.order("log from-a-small-hop")
        drone.order("log no-such")
        drone.order("arm")
        terminal.until("COMMAND_ACK", command=400)  # by then it is written
        terminal.close()
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    log = read_flight_log(path.read_bytes())

    assert "no such flight: no-such" in drone.complaints
    assert drone_uid(log, "", None) == f"{'px4' if kind == 'px4' else 'ap'}:{uid}"
    assert counters(log).flight_time_s == pytest.approx(4321, abs=60)


def test_a_script_and_a_note_of_what_was_heard(logs, tmp_path):
    script, heard = tmp_path / "script", tmp_path / "heard"
    script.write_text("0.2 arm\n")
    with SimulatedDrone("px4", logs, "--script", script, "--heard", heard) as drone:
        terminal = Terminal(drone.address)
        terminal.until("COMMAND_ACK", command=400)
        terminal.say("LOG_REQUEST_LIST", start=0, end=0xFFFF)
        terminal.until("LOG_ENTRY")
        terminal.close()

    (note,) = map(json.loads, heard.read_text().splitlines())
    assert (note["name"], note["system"], note["armed"]) == ("LOG_REQUEST_LIST", 250, True)


@pytest.mark.parametrize("script", ["arm\n", "soon arm\n"])
def test_a_wrong_script_is_named(logs, tmp_path, script):
    path = tmp_path / "script"
    path.write_text(script)
    with pytest.raises(RuntimeError, match=f"{path}: not `SECONDS ORDER`"):
        SimulatedDrone("px4", logs, "--script", path).start()


def test_many_drones_have_systems_and_uids_of_their_own(logs):
    drones = SimulatedDrone("px4", logs, "--count", 3).start(3)
    systems, uids = set(), set()
    for address in drones.addresses:
        terminal = Terminal(address)
        system = terminal.until("HEARTBEAT", autopilot=12).system
        rest = {f"param{place}": 0.0 for place in range(2, 8)}
        terminal.say(
            "COMMAND_LONG", command=512, confirmation=0, param1=148.0, target_system=system, **rest
        )
        systems.add(system)
        uids.add(terminal.until("AUTOPILOT_VERSION").fields["uid"])
        terminal.close()
    drones.stop()

    assert systems == {1, 2, 3}
    assert len(uids) == 3


def test_one_of_many_takes_an_order(logs):
    drones = SimulatedDrone("px4", logs, "--count", 2, "--alone").start(2)
    first, second = map(Terminal, drones.addresses)
    drones.order("2: arm")
    assert second.until("COMMAND_ACK", command=400)
    assert second.until("HEARTBEAT").fields["base_mode"] & 128
    assert not first.until("HEARTBEAT").fields["base_mode"] & 128
    first.close()
    second.close()
    drones.stop()


def test_tcp_takes_one_station_after_the_other(logs):
    with SimulatedDrone("ardupilot", logs, "--tcp", "127.0.0.1:0") as drone:
        _, host, port = drone.address.split(":")
        for _ in range(2):
            with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as station:
                data = b""
                while not Codec().decode(data):
                    data += station.recv(4096)


def test_udp_sends_a_frame_a_datagram_and_hears_the_answer(logs):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as station:
        station.bind(("127.0.0.1", 0))
        station.settimeout(PATIENCE_S)
        at = f"127.0.0.1:{station.getsockname()[1]}"
        codec = Codec()
        with SimulatedDrone("px4", logs, "--udp", at):
            data, drone = station.recvfrom(4096)
            assert len(Codec().decode(data)) == 1
            request = Message("LOG_REQUEST_LIST", {**TARGET, "start": 0, "end": 0xFFFF})
            station.sendto(codec.encode(request, 250, 1), drone)
            while all(m.name != "LOG_ENTRY" for m in codec.decode(data)):
                data = station.recv(4096)
