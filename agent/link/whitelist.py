"""Everything that may ever be sent to a drone. What isn't here can't leave. Pure.

No write, no removal, no parameter set, no erase, no heartbeat: not forbidden but absent.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from windsock.agent.link import dialect
from windsock.agent.link.dialect import (
    AutopilotVersion,
    CommandLong,
    FileTransfer,
    LogRequestData,
    LogRequestEnd,
    LogRequestList,
    Message,
    ParamRequestRead,
)

LOG_FOLDERS: Final = ("/APM/LOGS", "/logs", "/fs/microsd/log", "/log")
"""Where autopilots keep logs: ArduPilot on boards and in simulation, PX4 likewise."""
COUNTERS: Final = {
    dialect.PX4: ("LND_FLIGHT_T_HI", "LND_FLIGHT_T_LO", "COM_FLIGHT_UUID"),
    dialect.ARDUPILOT: ("STAT_FLTTIME", "STAT_BOOTCNT"),
}
"""The parameters that are read."""
PILOTS_SYSTEM: Final = 255
"""What ArduPilot takes for the pilot's ground station (SYSID_MYGCS)."""

# Opcodes of the MAVLink File Transfer Protocol that only read.
TERMINATE: Final = 1
LIST: Final = 3
OPEN: Final = 4
READ: Final = 5
CHECK: Final = 14
BURST: Final = 15

_PARAMETERS: Final = frozenset(name for names in COUNTERS.values() for name in names)
_HEADER: Final = 12
_SIZE_AT, _OPCODE_AT = 4, 3


class ForbiddenError(Exception):
    """Something was about to be sent that is not on the list: a bug, and nothing was sent."""


class Permit(NamedTuple):
    """One line of the list; None where that column says nothing."""

    message: type[Message]
    command: int | None = None
    opcode: int | None = None
    only: Callable[[Any], bool] | None = None


def _asks_version(message: CommandLong) -> bool:
    return message.param1 == AutopilotVersion.id


def _reads_counter(message: ParamRequestRead) -> bool:
    return message.param_index == -1 and message.param_id in _PARAMETERS


def _names_log(message: FileTransfer) -> bool:
    """True where the path is one of the folders of logs or lies in it."""
    payload = bytes(message.payload)
    raw = payload[_HEADER : _HEADER + payload[_SIZE_AT]]
    try:
        path = raw.rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError:
        return False
    if not path.isprintable() or ".." in path.split("/"):
        return False
    return any(path == folder or path.startswith(f"{folder}/") for folder in LOG_FOLDERS)


PERMITS: Final = (
    Permit(CommandLong, command=dialect.REQUEST_MESSAGE, only=_asks_version),
    Permit(CommandLong, command=dialect.REQUEST_CAPABILITIES),
    Permit(ParamRequestRead, only=_reads_counter),
    Permit(LogRequestList),
    Permit(LogRequestData),
    Permit(LogRequestEnd),
    Permit(FileTransfer, opcode=TERMINATE),
    Permit(FileTransfer, opcode=LIST, only=_names_log),
    Permit(FileTransfer, opcode=OPEN, only=_names_log),
    Permit(FileTransfer, opcode=READ),
    Permit(FileTransfer, opcode=CHECK, only=_names_log),
    Permit(FileTransfer, opcode=BURST),
)


def permit(raw: bytes) -> Permit:
    """The line of the list that lets this frame out. Raises ForbiddenError where none does.

    The frame's bytes are judged, not what somebody meant to put into it.
    """
    message = dialect.decode_any(raw)
    if message is None:
        raise ForbiddenError("no frame of the dialect")
    if message.get_srcSystem() in (0, PILOTS_SYSTEM):
        raise ForbiddenError(f"system id {message.get_srcSystem()}")
    found = next((one for one in PERMITS if _matches(one, message)), None)
    if found is None or not getattr(message, "target_system", 0):
        raise ForbiddenError(f"{message.get_type()} {message.to_dict()}"[:200])
    return found


def _matches(one: Permit, message: Message) -> bool:
    if type(message) is not one.message:
        return False
    if one.command is not None and getattr(message, "command", None) != one.command:
        return False
    if one.opcode is not None:
        payload = getattr(message, "payload", ())
        if len(payload) <= _HEADER or payload[_OPCODE_AT] != one.opcode:
            return False
    return one.only is None or one.only(message)
