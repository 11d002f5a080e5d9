"""Flight safety on the whole of a visit: nothing stands in a pilot's way. Virtual time."""

import pytest

from windsock.agent.drones.visit import Manners
from windsock.agent.link.gate import State
from windsock.firmware_sim.vehicle.model import Model
from windsock.firmware_sim.vehicle.orders import Agenda, obey
from windsock.firmware_sim.vehicle.telemetry import STATION
from windsock.firmware_sim.vehicle.wire import Faults

from .test_download import card
from .world import S, World

SERVICE = Manners(service_mode=True)


def downloading(kind, method=None, faults=None):
    """In the middle of a log, by *method*."""
    model = Model(kind=kind, ftp_b_s=2000 if method == "LOG_DATA" else None)
    world = World(
        card(kind, 500_000), model=model, faults=faults or Faults(baud=115_200), manners=SERVICE
    )
    world.run(lambda: world.visit.progress.done > 100_000)
    world.run(lambda: method is None or world.visit.progress.method == method)
    world.run_s(5)
    return world


@pytest.mark.parametrize("peer", [STATION, None])
def test_a_pilot_who_arms_during_log_data_is_let_through_at_once(peer):
    world = downloading("ardupilot", "LOG_DATA")
    vehicle, tried_us = world.drone.vehicle, world.now_us
    assert vehicle.logs.blocks_arming(tried_us)
    vehicle.arm(tried_us, peer=peer)
    assert not vehicle.craft.armed
    world.run(lambda: not vehicle.logs.blocks_arming(world.now_us))

    assert world.now_us - tried_us < 2.1 * S, "END, and the second that ArduPilot lingers"
    vehicle.arm(world.now_us)
    assert vehicle.craft.armed
    world.run_s(200)
    after = [(now, m.name) for now, m, _ in world.sent if now > tried_us]
    assert {name for _, name in after} == {"LOG_REQUEST_END"}
    assert max(now for now, _ in after) - tried_us < S


@pytest.mark.parametrize("kind", ["px4", "ardupilot"])
def test_an_attempt_to_arm_silences_us_within_a_second(kind):
    world = downloading(kind)
    tried_us = world.now_us
    world.drone.vehicle.arm(tried_us)
    world.run_s(120)
    world.drone.vehicle.disarm(world.now_us)
    world.run_s(59)

    late = [m.name for now, m, _ in world.sent if now > tried_us + S]
    assert late == []
    assert not any(armed for now, m, armed in world.sent if now > tried_us + S)
    world.run(world.fetched)


def test_while_a_pilot_keeps_trying_we_keep_silent():
    world = downloading("ardupilot")
    began_us = world.now_us
    for _ in range(10):
        world.drone.vehicle.arm(world.now_us, peer=None)
        world.drone.vehicle.disarm(world.now_us)
        world.run_s(100)

    assert [m.name for now, m, _ in world.sent if now > began_us + S] == []


def test_a_flight_is_never_disturbed():
    world = downloading("px4")
    vehicle = world.drone.vehicle
    vehicle.arm(world.now_us, peer=None)
    vehicle.craft.take_off(world.now_us)
    began_us = world.now_us
    world.run_s(600)
    vehicle.craft.land(world.now_us)
    landed_us = world.now_us
    world.run_s(20)
    vehicle.disarm(world.now_us)
    disarmed_us = world.now_us
    world.run(lambda: world.sent[-1][0] > disarmed_us)

    assert [m.name for now, m, _ in world.sent if began_us + S < now < landed_us] == []
    assert world.sent[-1][0] >= disarmed_us + 60 * S


def test_a_foreign_vehicle_that_is_armed_keeps_us_silent():
    world = World(card("px4", 50_000), model=Model(kind="px4", foreign=(7,)))
    world.drone.vehicle.telemetry.foreign_armed.add(7)
    world.run_s(300)
    assert world.sent == []
    world.drone.vehicle.telemetry.foreign_armed.clear()
    world.run(world.fetched)
    assert min(now for now, _, _ in world.sent) >= 360 * S


def test_transfer_cut_by_arming_is_ended_before_anything_is_listed():
    """Forced arming goes through, and afterwards ArduPilot would go on where it was."""
    world = downloading("ardupilot", "LOG_DATA")
    vehicle = world.drone.vehicle
    world.visit._signs.attempt = lambda *_: False  # the link lost every sign of it
    vehicle.arm(world.now_us, peer=None, force=True)
    began_us = world.now_us
    world.run_s(30)
    vehicle.disarm(world.now_us)
    world.run(world.fetched)

    names = [m.name for now, m, _ in world.sent if now > began_us and "LOG" in m.name]
    assert names[0] == "LOG_REQUEST_END"


@pytest.mark.parametrize(
    ("kind", "order"),
    [
        ("px4", "station data 0"),
        ("ardupilot", "station data 1"),
        ("px4", "station open /fs/microsd/log/2026-11-18/l1.ulg"),
        ("ardupilot", "station open /APM/LOGS/00000001.BIN"),
        ("ardupilot", "station list"),
    ],
)
def test_while_a_ground_station_downloads_we_wait(kind, order):
    world = downloading(kind, "LOG_DATA" if kind == "px4" else "FTP")
    began_us = world.now_us
    obey(world.drone, Agenda(), order, began_us)
    world.run_s(10)
    ours = [m for now, m, _ in world.sent if m.system == 243 and now > began_us + S]
    assert [m.name for m in ours] == []
    world.run(world.fetched)


def test_leaving_ends_a_transfer_of_ours_and_no_other():
    world = downloading("ardupilot", "LOG_DATA")
    world.run(lambda: world.visit.outlet.transferring)
    assert world.visit.farewell(world.now_us)
    assert not world.visit.farewell(world.now_us), "once"

    calm = downloading("ardupilot", "FTP")
    assert calm.visit.farewell(calm.now_us) == b""


def test_a_dead_agents_transfer_ends_by_itself_within_two_seconds():
    world = downloading("ardupilot", "LOG_DATA")
    world.run(lambda: world.drone.vehicle.logs.blocks_arming(world.now_us))
    died_us = world.now_us
    world.visit.step = lambda _: b""
    world.run(lambda: not world.drone.vehicle.logs.blocks_arming(world.now_us))

    assert world.now_us - died_us <= 3.1 * S, "2 s of range, and the second that ArduPilot lingers"


def test_a_lost_heartbeat_holds_us_and_a_lost_drone_drops_us():
    world = downloading("px4")
    world.drone.stall(world.now_us, 8)
    sent = len(world.sent)
    world.run_s(5)
    assert world.visit.gate.state(world.now_us) is State.HELD
    world.run_s(8)
    assert world.visit.gate.state(world.now_us) is State.OPEN
    assert len(world.sent) > sent
    world.drone.stall(world.now_us, 30)
    world.run_s(29)
    assert world.visit.gate.state(world.now_us) is State.SHUT
    assert world.visit._runner is None
