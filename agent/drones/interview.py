"""Asks a drone who it is, what it runs and how much it has flown. Pure."""

from typing import Final

from windsock.agent.download.tasks import SECOND_US, NoAnswerError, Task, Wait, answered
from windsock.agent.link import dialect
from windsock.agent.link.dialect import (
    AutopilotVersion,
    CommandLong,
    Message,
    ParamRequestRead,
    ParamValue,
)
from windsock.agent.link.identity import Identity, counters, identity, parameter
from windsock.agent.link.vehicles import Vehicle
from windsock.agent.link.whitelist import COUNTERS
from windsock.protocol.messages import Counters

_PATIENCE_US: Final = SECOND_US
_TRIES: Final = 8
_BY_INDEX: Final = -1


def introduction(vehicle: Vehicle) -> Task[Identity]:
    """Ask who it is and what it runs. Raises NoAnswerError."""
    return identity((yield from _version(vehicle)), vehicle)


def flown(vehicle: Vehicle) -> Task[Counters]:
    """Ask for its counters of flights; what doesn't answer is missing."""
    values: dict[str, float] = {}
    for name in COUNTERS.get(vehicle.autopilot, ()):
        value = yield from _parameter(vehicle, name)
        if value is not None:
            values[name] = value
    return counters(values)


def _version(vehicle: Vehicle) -> Task[AutopilotVersion]:
    """The newer way to ask and, for old firmware, the older one in turn.

    PX4 sends the version before it acknowledges the command, so only the version counts.
    """
    for attempt in range(_TRIES):
        request = _version_request(vehicle, old=attempt % 2 == 1)
        said = yield from answered(Wait(_PATIENCE_US, [request]), _if_version)
        if said is not None:
            return said
    raise NoAnswerError("the drone does not say who it is")


def _version_request(vehicle: Vehicle, *, old: bool) -> CommandLong:
    node = vehicle.node
    command = dialect.REQUEST_CAPABILITIES if old else dialect.REQUEST_MESSAGE
    first = 1 if old else AutopilotVersion.id
    return CommandLong(node.system, node.component, command, 0, first, 0, 0, 0, 0, 0, 0)


def _parameter(vehicle: Vehicle, name: str) -> Task[float | None]:
    node = vehicle.node
    request = ParamRequestRead(node.system, node.component, name.encode(), _BY_INDEX)
    for _ in range(_TRIES // 2):
        said = yield from answered(
            Wait(_PATIENCE_US, [request]), lambda message: _if_parameter(message, name)
        )
        if said is not None:
            return parameter(said, vehicle.autopilot)
    return None


def _if_version(message: Message) -> AutopilotVersion | None:
    return message if isinstance(message, AutopilotVersion) else None


def _if_parameter(message: Message, name: str) -> ParamValue | None:
    return message if isinstance(message, ParamValue) and message.param_id == name else None
