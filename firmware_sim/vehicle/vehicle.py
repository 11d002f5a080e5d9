"""A PX4 or an ArduPilot: hears messages, says messages, flies when told to."""

from collections import deque
from typing import Final

from windsock.firmware_sim.vehicle import commands, parameters
from windsock.firmware_sim.vehicle.card import Card
from windsock.firmware_sim.vehicle.craft import Craft
from windsock.firmware_sim.vehicle.enums import Command, Result, Severity
from windsock.firmware_sim.vehicle.frames import Message, Unknown
from windsock.firmware_sim.vehicle.ftp_ardupilot import ArduPilotFtp
from windsock.firmware_sim.vehicle.ftp_px4 import Px4Ftp
from windsock.firmware_sim.vehicle.logs_ardupilot import ArduPilotLogs
from windsock.firmware_sim.vehicle.logs_px4 import Px4Logs
from windsock.firmware_sim.vehicle.model import SECOND_US, Model
from windsock.firmware_sim.vehicle.storage import Storage
from windsock.firmware_sim.vehicle.telemetry import STATION, Telemetry
from windsock.firmware_sim.vehicle.texts import banner, text

_LOG_REQUESTS: Final = {"LOG_REQUEST_LIST", "LOG_REQUEST_DATA", "LOG_REQUEST_END"}
_EVERYBODY: Final = 0
_AUTOPILOT: Final = 1
_FORCE: Final = (2989, 21196)
Peer = tuple[int, int]


class Vehicle:
    """One drone. `due_us` says when `emit` has something to say."""

    def __init__(self, model: Model, storage: Storage, now_us: int) -> None:
        self.model = model
        self.card = Card(model, storage)
        self.craft = Craft.of(model)
        self._says: deque[Message] = deque()
        self._start(now_us)

    def _start(self, now_us: int) -> None:
        """Boot: nothing is left of what went on before but the card and the counters."""
        model = self.model
        self.craft.boot(now_us)
        self._says.clear()
        self.ftp: ArduPilotFtp | Px4Ftp
        self.logs: ArduPilotLogs | Px4Logs
        if model.px4:
            self.ftp = Px4Ftp(self.card, model.ftp_rate, model.session_limit_us)
            self.logs = Px4Logs(self.card, model.log_data_rate)
        else:
            self.ftp = ArduPilotFtp(self.card, model.ftp_rate)
            self.logs = ArduPilotLogs(self.card, model.log_data_rate)
        self.telemetry = Telemetry(model, self.craft, now_us)
        self._says.append(banner(model))
        self._dead_until_us = now_us

    def due_us(self) -> int:
        """When there is something to say."""
        if self._says:
            return self._dead_until_us
        dues = [self.telemetry.due_us(), self.ftp.due_us(), self.logs.due_us()]
        return max(self._dead_until_us, min(due for due in dues if due is not None))

    def emit(self, now_us: int) -> Message | Unknown | None:
        """The next message, if there is one: answers first, then telemetry, then logs."""
        if now_us < self._dead_until_us:
            return None
        if self._says:
            return self._says.popleft()
        if self.telemetry.due_us() <= now_us:
            return self.telemetry.emit(now_us)
        for service in (self.ftp, self.logs):
            due_us = service.due_us()
            if due_us is not None and due_us <= now_us:
                said = service.emit(now_us)
                if said:
                    return said
        return None

    def hear(self, message: Message, now_us: int) -> None:
        """Take a message that reached it."""
        if now_us < self._dead_until_us or not self._is_meant(message):
            return
        if message.name in _LOG_REQUESTS:
            self.logs.hear(message, now_us)
        elif message.name == "FILE_TRANSFER_PROTOCOL":
            self.ftp.hear(message, now_us)
        elif message.name == "LOG_ERASE" and not self.craft.armed:
            self.card.erase()
        elif message.name == "COMMAND_LONG":
            self._command(message, now_us)
        else:
            self._says.extend(parameters.answers(message, self.model, self.craft))

    def _is_meant(self, message: Message) -> bool:
        system = message.fields.get("target_system", _EVERYBODY)
        component = message.fields.get("target_component", _EVERYBODY)
        own = (self.model.system, _AUTOPILOT)
        return all(
            one in (_EVERYBODY, mine) for one, mine in zip((system, component), own, strict=True)
        )

    def arm(self, now_us: int, *, peer: Peer | None = STATION, force: bool = False) -> None:
        """A pilot arms: by a command, which is acknowledged to *peer*, or by stick (None)."""
        blocked = not force and self.logs.blocks_arming(now_us)
        if blocked:
            self._says.append(text("PreArm: Downloading logs", Severity.CRITICAL))
        else:
            self.craft.arm()
            self.logs.arm(True)
            self._tell("Arming motors", "Armed by external command\t")
        if peer:
            result = Result.FAILED if blocked else Result.ACCEPTED
            self._says.append(commands.ack(Command.COMPONENT_ARM_DISARM, result, peer))

    def disarm(self, now_us: int, *, peer: Peer | None = STATION) -> None:
        """The motors stop."""
        self.craft.disarm(now_us)
        self.logs.arm(False)
        self._tell("Disarming motors", "Disarmed by external command\t")
        if peer:
            accepted = commands.ack(Command.COMPONENT_ARM_DISARM, Result.ACCEPTED, peer)
            self._says.append(accepted)

    def reboot(self, now_us: int) -> None:
        """Power off and on: silence for the time of a boot."""
        self._start(now_us)
        self._dead_until_us = now_us + round(self.model.boot_s * SECOND_US)

    def _tell(self, ardupilot: str, px4: str) -> None:
        self._says.append(text(px4 if self.model.px4 else ardupilot, Severity.INFO))

    def _command(self, message: Message, now_us: int) -> None:
        peer = (message.system, message.component)
        if message.fields["command"] != Command.COMPONENT_ARM_DISARM:
            self._says.extend(commands.requested(message, self.model, self.craft, now_us))
        elif message.fields["param1"]:
            self.arm(now_us, peer=peer, force=message.fields["param2"] in _FORCE)
        else:
            self.disarm(now_us, peer=peer)
