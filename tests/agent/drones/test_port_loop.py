"""One port from its opening to its loss: what is told of a drone, and what isn't."""

import numpy as np
import pytest
from pymavlink.dialects.v20 import common

from windsock.agent.clock import Clock
from windsock.agent.drones.downloads import Budget, Downloads
from windsock.agent.drones.met import Drones
from windsock.agent.drones.port_loop import Desk, PortLoop
from windsock.agent.link.ports import LinkLostError, PortBusyError
from windsock.agent.settings import Link
from windsock.agent.spool import Identity
from windsock.agent.spool_file import open_spool
from windsock.agent.timekeeper import Timekeeper
from windsock.firmware_sim.vehicle.drone import Drone
from windsock.firmware_sim.vehicle.model import Model
from windsock.firmware_sim.vehicle.storage import MemoryLog, MemoryStorage
from windsock.firmware_sim.vehicle.wire import Faults
from windsock.protocol.envelope import FLIGHTS, decode
from windsock.protocol.messages import Sighting

S = 1_000_000
WALL_US = 1_795_000_000_000_000
UID = bytes.fromhex("3938470d35353135")
DATA = np.random.default_rng(1).bytes(50_000)


class SimulatedPort:
    """A drone in virtual time: waiting is what makes it pass."""

    name, baud, line_bytes_s = "sim", None, None

    def __init__(self, model):
        storage = MemoryStorage([MemoryLog("a.ulg", DATA, 1_795_000_000)])
        self.drone = Drone(model, storage, Faults(), np.random.default_rng(0))
        self.now_us, self.lost_us = 0, None
        self.refusal = None
        self.closed = False

    def open(self):
        if self.refusal:
            raise self.refusal

    def read(self, wait_s):
        if self.lost_us is not None and self.now_us >= self.lost_us:
            raise LinkLostError("sim is gone")
        until = self.now_us + max(1, int(wait_s * S))
        while self.now_us < until:
            frames = self.drone.poll(self.now_us)
            if frames:
                return b"".join(frames)
            self.now_us = min(until, max(self.now_us + 1, self.drone.due_us(self.now_us)))
        return b""

    def write(self, data):
        self.drone.receive(data, self.now_us)

    def close(self):
        self.closed = True


class Station:
    def __init__(self, folder, *allow, model=None):
        self.folder = folder
        self.port = SimulatedPort(model or Model(kind="px4", uid=UID))
        self.clock = Clock(lambda: WALL_US + self.port.now_us, lambda: self.port.now_us, "boot")
        self.spool = open_spool(folder / "spool.sqlite", Identity("s", "0"), self.clock)
        self.drones = Drones(folder, allow)
        self.downloads = Downloads(folder, Budget(100, 0), self.clock)
        self.states = []
        self.until_us = 100 * S

    def run(self, **settings):
        desk = Desk(self.spool, self.drones, self.downloads)
        PortLoop(
            self.port, Link(port="usb", **settings), desk, self.clock,
            lambda: self.port.now_us >= self.until_us, self.states.append, lambda _: None,
        ).run()  # fmt: skip

    def queued(self):
        return [decode(self.spool.payload(batch)) for batch in self.spool.head(100)]


def test_an_allowed_drone_is_told_of_and_its_log_is_kept(tmp_path):
    station = Station(tmp_path, "*")
    station.run()

    (batch,) = station.queued()
    sighting = batch.message
    assert isinstance(sighting, Sighting)
    assert batch.header.lane == FLIGHTS
    assert (sighting.drone_uid, sighting.source, sighting.armed) == (
        "px4:3938470d35353135", "serial", False
    )  # fmt: skip
    assert sighting.seen.us >= WALL_US + 60 * S
    assert sighting.counters.flight_time_s == 5400
    (whole,) = station.downloads.whole()
    assert whole.file.read_bytes() == DATA
    assert station.port.closed

    words = [state.state for state in station.states]
    assert any("at rest for" in word for word in words)
    last = station.states[-1]
    assert last.drone_uid == sighting.drone_uid
    assert (last.state, last.armed) == ("disarmed and landed", False)
    assert last.frames > 100


def test_of_a_strange_drone_nothing_leaves_but_that_there_is_one(tmp_path):
    station = Station(tmp_path)
    station.run()

    assert station.queued() == []
    assert station.downloads.whole() == []
    assert {state.drone_uid for state in station.states} == {None}
    assert {state.armed for state in station.states} == {None}
    assert station.states[-1].state == "a drone that is neither allowed nor claimed"
    assert [one.met for one in station.drones.strangers()] == [1]


def test_a_claim_is_heard_while_the_drone_is_plugged_in(tmp_path):
    station = Station(tmp_path)
    station.run()
    Drones(tmp_path).claim("px4:3938470d35353135", "SN-7")
    station.until_us += 100 * S
    station.run()

    (batch,) = station.queued()
    assert batch.message.serial == "SN-7"
    assert len(station.downloads.whole()) == 1


@pytest.mark.parametrize("refusal", [LinkLostError("no port x"), PortBusyError("x is held by y")])
def test_a_port_that_does_not_open_is_said(tmp_path, refusal):
    station = Station(tmp_path)
    station.port.refusal = refusal
    station.run()

    assert [state.state for state in station.states] == [str(refusal)]


def test_a_lost_port_is_closed_and_what_was_received_is_noted(tmp_path):
    station = Station(
        tmp_path, "*", model=Model(kind="px4", uid=UID, log_data_b_s=2000, ftp_b_s=2000)
    )
    station.port.lost_us = 75 * S
    station.run()

    assert station.port.closed
    assert station.states[-1].state == "sim is gone"
    (row,) = station.downloads.rows("px4:3938470d35353135")
    assert row["state"] == "part"
    assert row["ranges"] != "[]"


def test_a_full_disk_lets_go_of_the_port(tmp_path, monkeypatch):
    station = Station(tmp_path, "*")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("windsock.agent.drones.partfile.PartFile.write", full)
    with pytest.raises(OSError, match="No space left"):  # `Links` waits, says so, tries again
        station.run()
    assert station.port.closed


class PortWithTime(SimulatedPort):
    """A drone that says what UTC is, as an autopilot with GPS does; others say less."""

    utc_us, component = WALL_US, 1

    def read(self, wait_s):
        data = super().read(wait_s)
        encoder = common.MAVLink(None, srcSystem=1, srcComponent=self.component)
        said = common.MAVLink_system_time_message(self.utc_us + self.now_us, 0)
        return data + said.pack(encoder) if data else data


@pytest.mark.parametrize(
    ("utc_us", "component", "believed"),
    [(WALL_US, 1, True), (0, 1, False), (WALL_US, 191, False)],
    ids=["GPS", "no GPS", "some companion"],
)
def test_a_station_in_1970_learns_the_time_from_a_drone(tmp_path, utc_us, component, believed):
    station = Station(tmp_path, "*")
    station.port = PortWithTime(Model(kind="px4", uid=UID))
    station.port.utc_us, station.port.component = utc_us, component
    keeper = Timekeeper(lambda: station.port.now_us, lambda: station.port.now_us)
    station.clock = Clock(keeper.wall_us, lambda: station.port.now_us, "boot", keeper.told)

    station.run()

    (batch,) = station.queued()
    seen = batch.message.seen
    assert (seen.quality == "station") == believed
    if believed:
        assert WALL_US + 60 * S <= seen.us <= WALL_US + 100 * S
