"""Parameters, as each firmware puts them into the float of PARAM_VALUE."""

import struct
from typing import Final, NamedTuple

from windsock.firmware_sim.vehicle.craft import Craft
from windsock.firmware_sim.vehicle.enums import ParamType
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.model import SECOND_US, Model

_LOW_32: Final = 0xFFFFFFFF
_NO_INDEX: Final = 65535


class Parameter(NamedTuple):
    """Name, type and value."""

    name: str
    type: ParamType
    value: float


def parameters(model: Model, craft: Craft) -> list[Parameter]:
    """All that there are, in the order of their indices."""
    return _px4(model, craft) if model.px4 else _ardupilot(model, craft)


def _px4(model: Model, craft: Craft) -> list[Parameter]:
    """LND_FLIGHT_T_HI and _LO are the microseconds in the air, each half as a signed number."""
    high, low = struct.unpack(
        "<ii", struct.pack("<II", craft.flown_us >> 32, craft.flown_us & _LOW_32)
    )
    return [
        Parameter("BAT1_V_EMPTY", ParamType.REAL32, 3.6),
        Parameter("COM_FLIGHT_UUID", ParamType.INT32, craft.flights),
        Parameter("LND_FLIGHT_T_HI", ParamType.INT32, high),
        Parameter("LND_FLIGHT_T_LO", ParamType.INT32, low),
        Parameter("MAV_SYS_ID", ParamType.INT32, model.system),
        Parameter("SYS_AUTOSTART", ParamType.INT32, 4001),
        Parameter("SYS_HITL", ParamType.INT32, 0),
    ]


def _ardupilot(model: Model, craft: Craft) -> list[Parameter]:
    return [
        Parameter("SYSID_THISMAV", ParamType.INT16, model.system),
        Parameter("FRAME_CLASS", ParamType.INT8, 1),
        Parameter("LOG_DISARMED", ParamType.INT8, 0),
        Parameter("BATT_LOW_VOLT", ParamType.REAL32, 10.5),
        Parameter("STAT_BOOTCNT", ParamType.INT16, craft.boots),
        Parameter("STAT_FLTTIME", ParamType.INT32, craft.flown_us // SECOND_US),
        Parameter("STAT_RUNTIME", ParamType.INT32, 3 * craft.flown_us // SECOND_US),
    ]


def _asked(request: Message, known: list[Parameter]) -> int | None:
    """Which one a PARAM_REQUEST_READ wants, by index or by name; None if there is no such."""
    index: int = request.fields["param_index"]
    if index >= 0:
        return index if index < len(known) else None
    names = [parameter.name for parameter in known]
    name = request.fields["param_id"]
    return names.index(name) if name in names else None


def answers(request: Message, model: Model, craft: Craft) -> list[Message]:
    """PARAM_VALUEs for PARAM_REQUEST_READ and PARAM_REQUEST_LIST, none for anything else."""
    known = parameters(model, craft)
    if request.name == "PARAM_REQUEST_READ":
        return _read(request, known, px4=model.px4)
    wanted = range(len(known)) if request.name == "PARAM_REQUEST_LIST" else ()
    return [_param_value(index, known, px4=model.px4) for index in wanted]


def _read(request: Message, known: list[Parameter], *, px4: bool) -> list[Message]:
    """ArduPilot does not tell the index of one asked for by name."""
    index = _asked(request, known)
    if index is None:
        return []
    named = not px4 and request.fields["param_index"] < 0
    value = _param_value(index, known, px4=px4)
    return [value._replace(fields={**value.fields, "param_index": _NO_INDEX}) if named else value]


def _param_value(index: int, known: list[Parameter], *, px4: bool) -> Message:
    """PARAM_VALUE. PX4 puts an integer's bytes where the float belongs, ArduPilot its value.

    `param_value` is those four bytes.
    """
    parameter = known[index]
    bytewise = px4 and parameter.type != ParamType.REAL32
    value = int(parameter.value) if bytewise else parameter.value
    fields = {
        "param_id": parameter.name.encode(),
        "param_value": struct.pack("<i" if bytewise else "<f", value),
        "param_type": parameter.type,
        "param_count": len(known),
        "param_index": index,
    }
    return Message("PARAM_VALUE", fields)
