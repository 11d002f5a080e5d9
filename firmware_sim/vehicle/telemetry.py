"""What comes unasked: the drone's heartbeat and state, and heartbeats of others on the link."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from windsock.firmware_sim.vehicle.craft import Craft
from windsock.firmware_sim.vehicle.enums import Autopilot, Kind, Mode, Status
from windsock.firmware_sim.vehicle.frames import Message, Unknown
from windsock.firmware_sim.vehicle.model import SECOND_US, Model

_PX4_MANUAL: Final = 1 << 16
_NO_DIALECT_KNOWS: Final = 52_999
STATION: Final = (255, 190)
_GIMBAL: Final = 154
_CAMERA: Final = 100
Heartbeat = tuple[Kind, Autopilot, Mode, int, Status]


def heartbeat(said: Heartbeat, system: int = 0, component: int = 0) -> Message:
    """HEARTBEAT."""
    kind, autopilot, mode, custom, status = said
    fields = {
        "type": kind,
        "autopilot": autopilot,
        "base_mode": mode,
        "custom_mode": custom,
        "system_status": status,
        "mavlink_version": 3,
    }
    return Message("HEARTBEAT", fields, system, component)


def own_heartbeat(model: Model, craft: Craft) -> Message:
    """The drone's."""
    mode = craft.heartbeat_mode(Mode.CUSTOM_MODE_ENABLED | Mode.MANUAL_INPUT_ENABLED)
    autopilot = Autopilot.PX4 if model.px4 else Autopilot.ARDUPILOTMEGA
    custom = _PX4_MANUAL if model.px4 else 0
    return heartbeat((Kind.QUADROTOR, autopilot, mode, custom, craft.status(px4=model.px4)))


def extended_state(craft: Craft) -> Message:
    """EXTENDED_SYS_STATE."""
    return Message("EXTENDED_SYS_STATE", {"vtol_state": 0, "landed_state": craft.landed_state})


def attitude(craft: Craft, now_us: int) -> Message:
    """ATTITUDE, of a craft that sways a little in the air."""
    boot_ms = (now_us - craft.booted_us) // 1000
    sway = 0.05 * math.sin(now_us / SECOND_US) if craft.airborne else 0.0
    fields = dict.fromkeys(("yaw", "rollspeed", "pitchspeed", "yawspeed"), 0.0)
    return Message("ATTITUDE", {"time_boot_ms": boot_ms, "roll": sway, "pitch": -sway, **fields})


def _bystander(kind: Kind, system: int, component: int) -> Message:
    said = (kind, Autopilot.INVALID, Mode(0), 0, Status.ACTIVE)
    return heartbeat(said, system, component)


@dataclass
class Stream:
    """One message, over and over."""

    period_us: int
    make: Callable[[int], Message | Unknown]
    next_us: int


@dataclass
class Telemetry:
    """All streams of one boot."""

    model: Model
    craft: Craft
    from_us: int
    foreign_armed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._streams = [*self._own(), *self._others()]

    def due_us(self) -> int:
        """When the next of them is due."""
        return min(stream.next_us for stream in self._streams)

    def emit(self, now_us: int) -> Message | Unknown:
        """What has been due for longest. One that is late is not made up for."""
        stream = min(self._streams, key=lambda one: one.next_us)
        stream.next_us = max(stream.next_us + stream.period_us, now_us)
        return stream.make(now_us)

    def _every(self, seconds: float, make: Callable[[int], Message | Unknown]) -> Stream:
        return Stream(round(seconds * SECOND_US), make, self.from_us)

    def _own(self) -> Iterator[Stream]:
        yield self._every(1.0, lambda _: own_heartbeat(self.model, self.craft))
        if self.model.px4:
            yield self._every(1.0, lambda _: extended_state(self.craft))
        if self.model.attitude_hz:
            yield self._every(
                1.0 / self.model.attitude_hz, lambda now_us: attitude(self.craft, now_us)
            )

    def _others(self) -> Iterator[Stream]:
        for system in self.model.foreign:
            yield self._every(0.5, partial(self._foreign, system))
        if self.model.alone:
            return
        own = self.model.system
        yield self._every(0.5, lambda _: _bystander(Kind.GCS, *STATION))
        yield self._every(0.5, lambda _: _bystander(Kind.GIMBAL, own, _GIMBAL))
        yield self._every(1.0, lambda _: _bystander(Kind.CAMERA, own, _CAMERA))
        yield self._every(5.0, lambda _: Unknown(_NO_DIALECT_KNOWS, bytes(range(1, 10))))

    def _foreign(self, system: int, _now_us: int) -> Message:
        armed = Mode.SAFETY_ARMED if system in self.foreign_armed else Mode(0)
        said = (Kind.QUADROTOR, Autopilot.ARDUPILOTMEGA, armed, 0, Status.STANDBY)
        return heartbeat(said, system, 1)
