"""COMMAND_LONG and its COMMAND_ACK."""

from typing import Final

from windsock.firmware_sim.vehicle.craft import Craft
from windsock.firmware_sim.vehicle.enums import Command, Result
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.model import Model
from windsock.firmware_sim.vehicle.telemetry import attitude, extended_state, own_heartbeat
from windsock.firmware_sim.vehicle.texts import banner
from windsock.firmware_sim.vehicle.version import autopilot_version

_MESSAGE_IDS: Final = {
    0: "HEARTBEAT",
    30: "ATTITUDE",
    148: "AUTOPILOT_VERSION",
    245: "EXTENDED_SYS_STATE",
}


def ack(command: int, result: Result, peer: tuple[int, int]) -> Message:
    """COMMAND_ACK."""
    fields = {
        "command": command,
        "result": result,
        "target_system": peer[0],
        "target_component": peer[1],
    }
    return Message("COMMAND_ACK", fields)


def requested(command: Message, model: Model, craft: Craft, now_us: int) -> list[Message]:
    """Answers to all but arming. PX4 sends the message asked for before its COMMAND_ACK."""
    number = command.fields["command"]
    peer = (command.system, command.component)
    wanted = _wanted(number, command.fields["param1"])
    if number == Command.SET_MESSAGE_INTERVAL:
        return [ack(number, Result.ACCEPTED, peer)]
    if number == Command.DO_SEND_BANNER and not model.px4:
        return [ack(number, Result.ACCEPTED, peer), banner(model)]
    message = _made(wanted, model, craft, now_us)
    if message is None:
        return [ack(number, Result.UNSUPPORTED, peer)]
    both = [message, ack(number, Result.ACCEPTED, peer)]
    return both if model.px4 else both[::-1]


def _made(wanted: str | None, model: Model, craft: Craft, now_us: int) -> Message | None:
    if wanted == "HEARTBEAT":
        return own_heartbeat(model, craft)
    if wanted == "ATTITUDE":
        return attitude(craft, now_us)
    if wanted == "AUTOPILOT_VERSION":
        return autopilot_version(model)
    return extended_state(craft) if wanted == "EXTENDED_SYS_STATE" else None


def _wanted(number: int, param1: float) -> str | None:
    if number == Command.REQUEST_AUTOPILOT_CAPABILITIES:
        return "AUTOPILOT_VERSION"
    return _MESSAGE_IDS.get(int(param1)) if number == Command.REQUEST_MESSAGE else None
