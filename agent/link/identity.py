"""Who the drone is and what it runs, from AUTOPILOT_VERSION and its counters. Pure.

Sources: CONTRACTS 1 (docs/wire-format.md), MAVLink common.xml, and how both firmwares fill it:
PX4 (mavlink_main.cpp) leaves the first three bytes of `middleware_custom_version` zero and puts a
vendor's version there in `flight_custom_version`, least significant byte first; the other five
are git's hash the wrong way round. ArduPilot writes eight characters of the hash.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from windsock.agent.link import dialect
from windsock.agent.link.dialect import AutopilotVersion, ParamValue
from windsock.agent.link.frames import V1
from windsock.agent.link.vehicles import Vehicle
from windsock.agent.record.identity import version_text
from windsock.protocol.messages import Counters, Firmware

_VENDOR_BYTES: Final = 3
_TICKS_PER_S: Final = 1e6
_LONGEST_S: Final = 1e12
_WORD: Final = 1 << 32
_NAMES: Final = {dialect.PX4: "px4", dialect.ARDUPILOT: "ap"}
_HEADER_V1, _HEADER_V2, _INTEGER_BYTES = 6, 10, 4
_APJ_BOARD_SHIFT: Final = 16


class Identity(NamedTuple):
    """One autopilot as it introduces itself."""

    drone_uid: str | None
    """None where it has no id, or is neither PX4 nor ArduPilot."""
    vendor: str
    """USB vendor and product, as ``2dae:1016``."""
    firmware: Firmware


def identity(said: AutopilotVersion, vehicle: Vehicle) -> Identity:
    """What *said* tells of *vehicle*."""
    px4 = vehicle.autopilot == dialect.PX4
    known = vehicle.autopilot in _NAMES
    vendor = f"{said.vendor_id:04x}:{said.product_id:04x}"
    custom, middle = bytes(said.flight_custom_version), bytes(said.middleware_custom_version)
    firmware = Firmware(
        autopilot=("px4" if px4 else "ardupilot") if known else None,
        vehicle=dialect.VEHICLES.get(vehicle.kind),
        version=version_text(said.flight_sw_version),
        version_code=said.flight_sw_version,
        vendor_version=_vendor_version(custom, middle) if px4 else None,
        git_hash=(_px4_hash(custom, middle) if px4 else _characters(custom)) or None,
        hardware=f"board {said.board_version >> _APJ_BOARD_SHIFT}, USB {vendor}",
    )
    uid = _uid(said)
    name = _NAMES.get(vehicle.autopilot)
    return Identity(f"{name}:{uid}" if name and uid else None, vendor, firmware)


def _uid(said: AutopilotVersion) -> str:
    """Hex of uid2 as it lies in memory, without trailing zeros; else of the number uid."""
    longer = bytes(said.uid2).rstrip(b"\0").hex()
    return longer or (f"{said.uid:016x}" if said.uid else "")


def _vendor_version(custom: bytes, middle: bytes) -> str | None:
    """As ``1.2.3``; None where these bytes are the hash's."""
    own = custom[:_VENDOR_BYTES]
    if not any(own) or middle[:_VENDOR_BYTES] == own:
        return None
    return ".".join(str(byte) for byte in reversed(own))


def _px4_hash(custom: bytes, middle: bytes) -> str:
    """The hexadecimal digits that are known of git's hash, most significant first."""
    whole = any(custom[:_VENDOR_BYTES]) and middle[:_VENDOR_BYTES] == custom[:_VENDOR_BYTES]
    digits = custom if whole else custom[_VENDOR_BYTES:]
    return digits[::-1].hex() if any(digits) else ""


def _characters(custom: bytes) -> str:
    text = custom.rstrip(b"\0").decode("ascii", "replace").lower()
    return text if text.isalnum() else ""


def parameter(said: ParamValue, autopilot: int) -> float:
    """The number in a PARAM_VALUE: PX4 puts the bytes of an integer into the float.

    They are read from the frame: on the way through a float some, as signalling NaNs, change.
    """
    if autopilot == dialect.PX4 and said.param_type == dialect.INT32:
        return int.from_bytes(_first_bytes(bytes(said.get_msgbuf())), "little", signed=True)
    return float(said.param_value)


def _first_bytes(raw: bytes) -> bytes:
    """The first four of a frame's payload; MAVLink 2 leaves out zeros at its end."""
    header = _HEADER_V1 if raw[0] == V1 else _HEADER_V2
    return raw[header : header + raw[1]].ljust(_INTEGER_BYTES, b"\0")[:_INTEGER_BYTES]


def counters(values: Mapping[str, float]) -> Counters:
    """What these parameters count, as far as they are there."""
    high, low = values.get("LND_FLIGHT_T_HI"), values.get("LND_FLIGHT_T_LO")
    time_s = values.get("STAT_FLTTIME")
    if high is not None and low is not None:  # two halves of an unsigned number
        time_s = (int(high) % _WORD * _WORD + int(low) % _WORD) / _TICKS_PER_S
    return Counters(
        flight_time_s=time_s if time_s is not None and 0 <= time_s <= _LONGEST_S else None,
        flight_uuid=_natural(values.get("COM_FLIGHT_UUID")),
        boot_count=_natural(values.get("STAT_BOOTCNT")),
    )


def _natural(value: float | None) -> int | None:
    whole = value is not None and value >= 0 and float(value).is_integer()
    return int(value) if whole and value is not None else None
