"""Who is on the link, and what tells that it stands on the ground."""

import pytest
from pymavlink.dialects.v20 import common

from windsock.agent.link import dialect
from windsock.agent.link.arming import ArmingSigns
from windsock.agent.link.frames import Splitter
from windsock.agent.link.gate import Gate, State
from windsock.agent.link.vehicles import Node, Vehicles

S = 1_000_000
PX4, ARDUPILOT, INVALID = 12, 3, 8
GROUND, AIR = 1, 2


class Link:
    def __init__(self):
        self.gate = Gate()
        self.vehicles = Vehicles(self.gate)
        self._splitter = Splitter(dialect.crc_extra, dialect.checksum)

    def hear(self, message, second, system=1, component=1):
        raw = message.pack(common.MAVLink(None, srcSystem=system, srcComponent=component))
        (frame,) = self._splitter.feed(raw)
        self.vehicles.hear(frame, dialect.decode(frame), second * S)


def beat(autopilot=PX4, kind=2, mode=0, status=3):
    return common.MAVLink_heartbeat_message(kind, autopilot, mode, 0, status, 3)


def stands(state=GROUND):
    return common.MAVLink_extended_sys_state_message(0, state)


def rested(link, message, extra=None, seconds=70):
    for second in range(seconds + 1):
        link.hear(message, second)
        if extra is not None:
            link.hear(extra, second)
    return link.gate.state(seconds * S)


@pytest.mark.parametrize(
    ("message", "extra", "state"),
    [
        (beat(PX4), None, State.SHUT),  # PX4's STANDBY says only that it is disarmed
        (beat(PX4), stands(GROUND), State.OPEN),
        (beat(PX4), stands(AIR), State.SHUT),
        (beat(PX4), stands(0), State.SHUT),
        (beat(PX4, mode=128), stands(GROUND), State.SHUT),
        (beat(ARDUPILOT), None, State.OPEN),
        (beat(ARDUPILOT, status=4), None, State.SHUT),
        (beat(ARDUPILOT, status=5), None, State.SHUT),
        (beat(ARDUPILOT, status=5), stands(GROUND), State.OPEN),
        (beat(ARDUPILOT, mode=81 | 128), None, State.SHUT),
        (beat(ARDUPILOT), stands(AIR), State.SHUT),
        (beat(ARDUPILOT, kind=10, status=4), None, State.OPEN),  # a rover never flies
        (beat(0), None, State.SHUT),
    ],
)
def test_what_tells_rest(message, extra, state):
    assert rested(Link(), message, extra) is state


def test_the_drone_is_the_autopilot_and_not_whoever_beats_most():
    link = Link()
    for second in range(70):
        link.hear(beat(INVALID, kind=6, mode=192), second, 255, 190)  # a ground station
        link.hear(beat(INVALID, kind=26), second, 1, 154)
        link.hear(beat(0, kind=30, mode=128), second, 1, 100)
        link.hear(beat(ARDUPILOT), second, 1, 1)

    assert link.vehicles.drone.node == Node(1, 1)
    assert link.vehicles.ground_stations == {Node(255, 190)}
    assert link.gate.state(69 * S) is State.OPEN


def test_a_second_vehicle_on_the_link_keeps_us_silent():
    link = Link()
    for second in range(70):
        link.hear(beat(ARDUPILOT), second, 1)
        link.hear(beat(PX4, mode=128), second, 2)

    assert link.vehicles.drone.node == Node(1, 1)
    assert link.gate.state(69 * S) is State.SHUT


def test_another_drone_is_taken_once_the_first_has_gone():
    link = Link()
    link.hear(beat(ARDUPILOT), 0, 1)
    link.hear(beat(ARDUPILOT), 9, 2)
    assert link.vehicles.drone.node.system == 1
    link.hear(beat(ARDUPILOT), 11, 2)

    assert link.vehicles.drone.node.system == 2


def ack(number, result=0):
    return common.MAVLink_command_ack_message(number, result)


def said(text):
    return common.MAVLink_statustext_message(3, text.encode())


ARM = common.MAV_CMD_COMPONENT_ARM_DISARM


@pytest.mark.parametrize(
    ("message", "attempt"),
    [
        (ack(ARM, 4), True),
        (ack(common.MAV_CMD_NAV_TAKEOFF), True),
        (ack(common.MAV_CMD_REQUEST_MESSAGE), False),
        (common.MAVLink_command_long_message(1, 1, ARM, 0, 1, 0, 0, 0, 0, 0, 0), True),
        (common.MAVLink_command_int_message(1, 1, 0, ARM, 0, 0, 1, 0, 0, 0, 0, 0, 0), True),
        (said("PreArm: Downloading logs\t"), True),
        (said("Arm: Throttle too high"), True),
        (said("Arming motors"), True),
        (said("Arming denied: not ready"), True),
        (said("Preflight Fail: no GPS"), True),
        (said("Disarmed by landing"), False),
        (said("EKF3 IMU0 is using GPS"), False),
    ],
)
def test_signs_of_somebody_who_wants_to_fly(message, attempt):
    assert ArmingSigns().attempt(message, 0) is attempt


def test_a_check_repeated_at_ardupilots_beat_is_no_attempt():
    signs, text = ArmingSigns(), said("PreArm: RC not found")
    heard = [signs.attempt(text, int(second * S)) for second in (0, 30, 60.5, 120, 132, 162)]

    assert heard == [True, False, False, False, True, False]
    voltages = [signs.attempt(said(f"PreArm: Battery 1 at {v}V"), t * S) for v, t in
                ((14.1, 0), (14.0, 30), (13.9, 60))]  # fmt: skip
    assert voltages == [True, False, False]
    assert signs.attempt(said("PreArm: Downloading logs"), 162 * S)
    assert signs.attempt(said("PreArm: Downloading logs"), 192 * S)
