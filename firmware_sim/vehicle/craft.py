"""What the drone does and its autopilot counts: armed, airborne, flights, flight time, boots."""

from dataclasses import dataclass

from windsock.firmware_sim.vehicle.enums import Landed, Mode, Status
from windsock.firmware_sim.vehicle.model import SECOND_US, Model


@dataclass
class Craft:
    """The state of one drone. The counters outlive a reboot."""

    boots: int
    flights: int
    flown_us: int
    armed: bool = False
    took_off_us: int | None = None
    booted_us: int = 0

    @classmethod
    def of(cls, model: Model) -> "Craft":
        """As it is before its first boot."""
        return cls(model.boots, model.flights, round(model.airborne_s * SECOND_US))

    @property
    def airborne(self) -> bool:
        """Whether it is off the ground."""
        return self.took_off_us is not None

    @property
    def landed_state(self) -> Landed:
        """As EXTENDED_SYS_STATE says it."""
        return Landed.IN_AIR if self.airborne else Landed.ON_GROUND

    def boot(self, now_us: int) -> None:
        """Begin anew, with the counters kept."""
        self.land(now_us)
        self.armed = False
        self.booted_us = now_us
        self.boots += 1

    def arm(self) -> None:
        """Let the motors turn."""
        self.armed = True

    def take_off(self, now_us: int) -> None:
        """Leave the ground; that needs motors."""
        if self.armed and not self.airborne:
            self.took_off_us = now_us

    def land(self, now_us: int) -> None:
        """Come down, and count the time in the air."""
        if self.took_off_us is not None:
            self.flown_us += now_us - self.took_off_us
        self.took_off_us = None

    def disarm(self, now_us: int) -> None:
        """Stop the motors. In the air that is a fall."""
        self.land(now_us)
        self.flights += self.armed
        self.armed = False

    def heartbeat_mode(self, resting: Mode) -> Mode:
        """`base_mode`."""
        return resting | Mode.SAFETY_ARMED if self.armed else resting

    def status(self, *, px4: bool) -> Status:
        """`system_status`: PX4 says active while armed, ArduCopter while in the air."""
        return Status.ACTIVE if (self.armed if px4 else self.airborne) else Status.STANDBY
