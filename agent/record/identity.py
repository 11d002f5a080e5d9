"""Who wrote this log: the autopilot's identity, firmware, counters, and whether it was real.

Sources: CONTRACTS section 1 (docs/wire-format.md); PX4 `sys_uuid` (px4_guid as hex) and
`ver_sw_release`; ArduPilot's start-up messages (AP_HAL Util::get_system_id) and VER.
"""

import re
from typing import Final

from windsock.agent.logs.flightlog import FlightLog
from windsock.agent.record import ardupilot, px4
from windsock.protocol.messages import Counters, Firmware

_GROUPS: Final = re.compile(r"^\S{1,23} ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{8})$")
"""Board name and 12 bytes of the chip's id, as `CUAVv5Nano 001A002F 30395113 33333539`."""
_HEX: Final = re.compile(r"^[0-9A-Fa-f]{16,64}$")
_TYPES: Final = {"dev": 0, "alpha": 64, "beta": 128, "rc": 192}
_OFFICIAL: Final = 255
"""FIRMWARE_VERSION_TYPE of MAVLink."""
_SERIAL: Final = re.compile(r"[!-~]{1,93}")
_TICKS_PER_S: Final = 1e6
_LONGEST_S: Final = 1e12


def drone_uid(log: FlightLog, log_id: str, serial: str | None) -> str:
    """`px4:` or `ap:` and the hardware id, else `as:` and the serial, else `unidentified:`.

    Simulators print the id of the computer they run on, which is no drone's.
    """
    found = None if simulated(log) else _hardware_id(log)
    if found:
        return found
    if serial and _SERIAL.fullmatch(serial):
        return f"as:{serial}"
    return f"unidentified:{log_id}"


def _hardware_id(log: FlightLog) -> str | None:
    if log.format == "ulog":
        uuid = str(log.info.get("sys_uuid", ""))
        digits = _trimmed(uuid) if _HEX.fullmatch(uuid) else ""
        return f"px4:{digits}" if digits else None
    groups = next((hit for one in log.messages if (hit := _GROUPS.match(one.text))), None)
    digits = _trimmed("".join(_reversed(group) for group in groups.groups())) if groups else ""
    return f"ap:{digits}" if digits else None


def _reversed(group: str) -> str:
    """Bytes of a group the other way round: it is printed as a number, uid2 is memory."""
    return bytes.fromhex(group)[::-1].hex()


def _trimmed(digits: str) -> str:
    """Lower case, without trailing zero bytes: uid2 is padded to 18."""
    return bytes.fromhex(digits if len(digits) % 2 == 0 else digits + "0").rstrip(b"\0").hex()


def simulated(log: FlightLog) -> bool:
    """True for SITL hardware, HITL, simulator messages or simulator parameters."""
    if "SITL" in str(log.info.get("ver_hw", "")).upper():
        return True
    return (
        log.parameters.get("SYS_HITL", 0) > 0
        or "SIM" in log.tables
        or any(name.startswith("SIM_") for name in log.parameters if log.format == "dataflash")
    )


def firmware(log: FlightLog) -> Firmware:
    """What the autopilot runs, as far as the log says."""
    return _px4(log) if log.format == "ulog" else _ardupilot(log)


def _px4(log: FlightLog) -> Firmware:
    info = log.info
    code, vendor = (
        _integer(info.get("ver_sw_release")),
        _integer(info.get("ver_vendor_sw_release")),
    )
    known = str(info.get("sys_name", "PX4")).upper() == "PX4"
    return Firmware(
        autopilot="px4" if known else None,
        vehicle=px4.vehicle(log),
        version=version_text(code) if code is not None else None,
        version_code=code,
        vendor_version=_numbers(vendor) if vendor is not None and vendor >> 8 else None,
        git_hash=_short(info.get("ver_sw")),
        hardware=_short(info.get("ver_hw")),
    )


def version_text(code: int) -> str:
    """`1.16.0`, or with its type as `1.15.0-beta`, of a packed version."""
    kind = code & 0xFF
    names = [name for name, least in _TYPES.items() if least <= kind < _OFFICIAL]
    return _numbers(code) + (f"-{names[-1]}" if names else "")


def _numbers(code: int) -> str:
    return f"{code >> 24}.{code >> 16 & 0xFF}.{code >> 8 & 0xFF}"


def _ardupilot(log: FlightLog) -> Firmware:
    line = ardupilot.banner(log)
    board = next((one.text for one in log.messages if _GROUPS.match(one.text)), None)
    code = _packed(log, line)
    rest = line["rest"] if line else ""
    return Firmware(
        autopilot="ardupilot",
        vehicle=ardupilot.vehicle(log),
        version=_numbers(code) + rest[:32] if code is not None else None,
        version_code=code,
        git_hash=line["hash"].lower() if line and line["hash"] else None,
        hardware=board.split()[0] if board else None,
        banner=line.string.strip()[:1024] if line else None,
    )


def _packed(log: FlightLog, line: re.Match[str] | None) -> int | None:
    """AUTOPILOT_VERSION.flight_sw_version from VER, else from the banner."""
    parts = [_integer(log.info.get(name)) for name in ("Maj", "Min", "Pat", "FWT")]
    if any(part is None for part in parts):
        if line is None:
            return None
        rest = line["rest"].lstrip("-").lower()
        kinds = [code for name, code in _TYPES.items() if rest.startswith(name)]
        parts = [int(line["major"]), int(line["minor"]), int(line["patch"] or 0)]
        parts.append(kinds[0] if kinds else _OFFICIAL)
    packed = 0
    for part in parts:
        packed = packed << 8 | min(max(part or 0, 0), 255)
    return packed


def counters(log: FlightLog) -> Counters:
    """The autopilot's own counters, as the log's parameters hold them."""
    params = log.parameters
    if log.format == "ulog":
        high, low = (_integer(params.get(f"LND_FLIGHT_T_{half}")) for half in ("HI", "LO"))
        time_s = None
        if high is not None and low is not None:  # two halves of an unsigned 64-bit number
            time_s = ((high & 0xFFFFFFFF) << 32 | low & 0xFFFFFFFF) / _TICKS_PER_S
        return Counters(
            flight_time_s=time_s if time_s is None or time_s <= _LONGEST_S else None,
            flight_uuid=_natural(params.get("COM_FLIGHT_UUID")),
        )
    time = params.get("STAT_FLTTIME")
    return Counters(
        flight_time_s=time if time is not None and 0 <= time <= _LONGEST_S else None,
        boot_count=_natural(params.get("STAT_BOOTCNT")),
    )


def _integer(value: object) -> int | None:
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _natural(value: object) -> int | None:
    number = _integer(value)
    return number if number is not None and number >= 0 else None


def _short(value: object) -> str | None:
    text = str(value).strip()[:128] if value is not None else ""
    return text or None
