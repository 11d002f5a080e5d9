"""Who is on the link, which of them is the drone, and what tells that it is at rest. Pure.

Heartbeats of ground stations, gimbals, cameras and other systems come over our link too, often
more of them than the drone's own. The drone is component 1 of a system whose heartbeat names an
autopilot; the first one heard is kept as long as it is heard.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from windsock.agent.link import dialect
from windsock.agent.link.dialect import ExtendedSysState, Heartbeat, Message
from windsock.agent.link.frames import Frame
from windsock.agent.link.gate import LOST_US, SECOND_US, Gate

_EXTENDED_FRESH_US: Final = 30 * SECOND_US
"""PX4 sends it every 10 s at the rarest (its mode `minimal`)."""


class Node(NamedTuple):
    """A sender: system and component."""

    system: int
    component: int


@dataclass
class Vehicle:
    """One autopilot as last heard."""

    node: Node
    autopilot: int = dialect.INVALID
    kind: int = 0
    """MAV_TYPE."""
    armed: bool = False
    status: int = 0
    """MAV_STATE."""
    mavlink1: bool = False
    first_us: int = 0
    heard_us: int = 0
    _landed_state: int = 0
    _landed_us: int | None = None

    def landed(self, now_us: int) -> bool | None:
        """Whether it stands on the ground; None where nothing tells.

        EXTENDED_SYS_STATE where it comes, else ArduPilot's MAV_STATE_STANDBY, which means landed
        there (`vehicle_system_status` of ArduCopter and ArduPlane) but only disarmed for PX4.
        """
        if self.kind in dialect.NEVER_FLY:
            return True
        if self._landed_us is not None and now_us - self._landed_us <= _EXTENDED_FRESH_US:
            return self._landed_state == dialect.ON_GROUND
        if self.autopilot == dialect.ARDUPILOT:
            return self.status == dialect.STANDBY or None
        return None

    def heard(self, beat: Heartbeat, *, mavlink1: bool, now_us: int) -> None:
        """Take in a heartbeat."""
        self.autopilot, self.kind, self.status = beat.autopilot, beat.type, beat.system_status
        self.armed = bool(beat.base_mode & dialect.ARMED)
        self.mavlink1, self.heard_us = mavlink1, now_us

    def stands(self, state: ExtendedSysState, now_us: int) -> bool:
        """Take in where it says it is; True where that is the ground."""
        self._landed_state, self._landed_us = state.landed_state, now_us
        return bool(state.landed_state == dialect.ON_GROUND)


@dataclass
class Vehicles:
    """All senders on one link. Tells the gate of every vehicle among them."""

    gate: Gate
    nodes: set[Node] = field(default_factory=set)
    ground_stations: set[Node] = field(default_factory=set)
    drone: Vehicle | None = None
    _vehicles: dict[Node, Vehicle] = field(default_factory=dict)

    def hear(self, frame: Frame, message: Message, now_us: int) -> None:
        """Take in what *frame* said."""
        node = Node(frame.system, frame.component)
        self.nodes.add(node)
        if isinstance(message, Heartbeat):
            self._beat(node, message, mavlink1=frame.mavlink1, now_us=now_us)
        elif isinstance(message, ExtendedSysState):
            vehicle = self._vehicles.get(node)
            if vehicle is not None and not vehicle.stands(message, now_us):
                self.gate.disturbed(node)

    def armed(self) -> bool:
        """True where any vehicle last said that it is."""
        return any(vehicle.armed for vehicle in self._vehicles.values())

    def _beat(self, node: Node, beat: Heartbeat, *, mavlink1: bool, now_us: int) -> None:
        if beat.autopilot == dialect.INVALID or beat.type in dialect.NO_VEHICLES:
            if beat.type == dialect.GCS:
                self.ground_stations.add(node)
            return
        vehicle = self._vehicles.setdefault(node, Vehicle(node, first_us=now_us))
        vehicle.heard(beat, mavlink1=mavlink1, now_us=now_us)
        self.gate.heard(node, armed=vehicle.armed, landed=vehicle.landed(now_us), now_us=now_us)
        self._pin(vehicle, now_us)

    def _pin(self, vehicle: Vehicle, now_us: int) -> None:
        if vehicle.node.component != dialect.AUTOPILOT or vehicle is self.drone:
            return
        if self.drone is None or now_us - self.drone.heard_us > LOST_US:
            self.drone = vehicle
