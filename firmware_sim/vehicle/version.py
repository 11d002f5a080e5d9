"""AUTOPILOT_VERSION, as each firmware fills it."""

from typing import Final

from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.model import Model

_HASH_B: Final = 8
_VENDOR_B: Final = 3
_UID_B: Final = 8
_UID2_B: Final = 18
# MAV_PROTOCOL_CAPABILITY: MISSION_FLOAT, COMMAND_INT, FTP, MAVLINK2; and how integer parameters
# are encoded, as bytes (PX4) or by value (ArduPilot).
_CAPABILITIES: Final = 0x1 | 0x8 | 0x20 | 0x2000
_BYTEWISE: Final = 0x10
_BY_VALUE: Final = 0x20000


def autopilot_version(model: Model) -> Message:
    """PX4 sets `uid`, ArduPilot `uid2`; PX4's hash is binary, ArduPilot's is 8 characters."""
    characters = model.git_hash[:_HASH_B].encode()
    low = int.from_bytes(model.identity[-_UID_B:]) if model.px4 else 0
    fields = {
        "capabilities": _CAPABILITIES | (_BYTEWISE if model.px4 else _BY_VALUE),
        "flight_sw_version": model.sw_version.packed(),
        "middleware_sw_version": model.sw_version.packed() if model.px4 else 0,
        "os_sw_version": 0x0B0000FF if model.px4 else 0,
        "board_version": 0x32 << 16,
        "flight_custom_version": _px4_hash(model) if model.px4 else characters,
        "middleware_custom_version": _px4_middleware(model) if model.px4 else characters,
        "os_custom_version": bytes(_HASH_B),
        "vendor_id": 0x3162 if model.px4 else 0x1209,
        "product_id": 0x0050 if model.px4 else 0x5741,
        "uid": low,
        "uid2": _uid2(model),
    }
    return Message("AUTOPILOT_VERSION", fields)


def _px4_hash(model: Model) -> bytes:
    """Least significant byte first; a vendor's version takes the first three, likewise."""
    digits = bytes.fromhex(model.git_hash.ljust(2 * _HASH_B, "0")[: 2 * _HASH_B])[::-1]
    if model.vendor_version is None:
        return digits
    return bytes(reversed(model.vendor_version)) + digits[_VENDOR_B:]


def _px4_middleware(model: Model) -> bytes:
    """The hash alone, zero where a vendor's version stands in the other one (mavlink_main.cpp)."""
    taken = _VENDOR_B if model.vendor_version else 0
    return bytes(taken) + _px4_hash(model)[taken:]


def _uid2(model: Model) -> bytes:
    """PX4 boards fill it with all they have; simulations, which have 8 bytes, leave it zero."""
    shown = not model.px4 or len(model.identity) > _UID_B
    return model.identity.ljust(_UID2_B, b"\0") if shown else bytes(_UID2_B)
