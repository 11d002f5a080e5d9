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


def asked(request: Message, known: list[Parameter]) -> int | None:
    """Which one a PARAM_REQUEST_READ wants, by index or by name; None if there is no such."""
    index: int = request.fields["param_index"]
    if index >= 0:
        return index if index < len(known) else None
    names = [parameter.name for parameter in known]
    name = request.fields["param_id"]
    return names.index(name) if name in names else None


def param_value(index: int, known: list[Parameter], *, px4: bool) -> Message:
    """PARAM_VALUE. PX4 puts the bytes of an integer where the float belongs, ArduPilot its value."""
    parameter = known[index]
    value = parameter.value
    if px4 and parameter.type != ParamType.REAL32:
        (value,) = struct.unpack("<f", struct.pack("<i", int(value)))
    fields = {
        "param_id": parameter.name.encode(),
        "param_value": value,
        "param_type": parameter.type,
        "param_count": len(known),
        "param_index": index if index >= 0 else _NO_INDEX,
    }
    return Message("PARAM_VALUE", fields)
