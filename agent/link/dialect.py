"""MAVLink messages by pymavlink's generated dialect. Sole owner of pymavlink in the agent.

Loading it costs 11 MB, so nothing imports this unless a link is configured.
"""

from typing import Final

from pymavlink.dialects.v20 import common

from windsock.agent.link.frames import Frame

Message = common.MAVLink_message
Heartbeat = common.MAVLink_heartbeat_message
ExtendedSysState = common.MAVLink_extended_sys_state_message
StatusText = common.MAVLink_statustext_message
CommandLong = common.MAVLink_command_long_message
CommandInt = common.MAVLink_command_int_message
CommandAck = common.MAVLink_command_ack_message
AutopilotVersion = common.MAVLink_autopilot_version_message
ParamRequestRead = common.MAVLink_param_request_read_message
ParamValue = common.MAVLink_param_value_message
LogRequestList = common.MAVLink_log_request_list_message
LogRequestData = common.MAVLink_log_request_data_message
LogRequestEnd = common.MAVLink_log_request_end_message
LogEntry = common.MAVLink_log_entry_message
LogData = common.MAVLink_log_data_message
FileTransfer = common.MAVLink_file_transfer_protocol_message
SystemTime = common.MAVLink_system_time_message

HEARD: Final = {
    kind.id: kind
    for kind in (
        Heartbeat, ExtendedSysState, StatusText, CommandLong, CommandInt, CommandAck,
        AutopilotVersion, ParamValue, LogRequestList, LogRequestData, LogRequestEnd, LogEntry,
        LogData, FileTransfer, SystemTime,
    )
}  # fmt: skip
"""What we listen to, by message id. All else is counted and let go undecoded."""

_DECODER: Final = common.MAVLink(None)


def crc_extra(message_id: int) -> int | None:
    """The byte that a message's checksum ends with; None for an id the dialect doesn't know."""
    kind = common.mavlink_map.get(message_id)
    return None if kind is None else kind.crc_extra


def checksum(content: bytes) -> int:
    """CRC-16/MCRF4XX of a frame's bytes between its start and its checksum, and `crc_extra`."""
    return int(common.x25crc(content).crc)


def decode(frame: Frame) -> Message | None:
    """The message in a frame, if it is one that we listen to and its payload makes sense."""
    return decode_any(frame.raw) if frame.message_id in HEARD else None


def decode_any(raw: bytes) -> Message | None:
    """The message in one frame of any kind; None where the dialect can't make sense of it."""
    try:
        return _DECODER.decode(bytearray(raw))
    except (common.MAVError, ValueError, IndexError):
        return None


def encode(message: Message, system: int, sequence: int, *, mavlink1: bool = False) -> bytes:
    """One frame, signed with our *system* and `COMPONENT`."""
    encoder = common.MAVLink(None, srcSystem=system, srcComponent=COMPONENT)
    encoder.seq = sequence
    return message.pack(encoder, force_mavlink1=mavlink1)


COMPONENT: Final = common.MAV_COMP_ID_LOG
"""What our frames come from: the logging component."""
AUTOPILOT: Final = common.MAV_COMP_ID_AUTOPILOT1
GCS: Final = common.MAV_TYPE_GCS
INVALID: Final = common.MAV_AUTOPILOT_INVALID
PX4: Final = common.MAV_AUTOPILOT_PX4
ARDUPILOT: Final = common.MAV_AUTOPILOT_ARDUPILOTMEGA
ARMED: Final = common.MAV_MODE_FLAG_SAFETY_ARMED
STANDBY: Final = common.MAV_STATE_STANDBY
ON_GROUND: Final = common.MAV_LANDED_STATE_ON_GROUND
INT32: Final = common.MAV_PARAM_TYPE_INT32

REQUEST_MESSAGE: Final = common.MAV_CMD_REQUEST_MESSAGE
REQUEST_CAPABILITIES: Final = common.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES
ARMING_COMMANDS: Final = frozenset(
    {
        common.MAV_CMD_COMPONENT_ARM_DISARM,
        common.MAV_CMD_NAV_TAKEOFF,
        common.MAV_CMD_NAV_VTOL_TAKEOFF,
        common.MAV_CMD_MISSION_START,
    }
)

NO_VEHICLES: Final = frozenset(
    {
        common.MAV_TYPE_GCS,
        common.MAV_TYPE_ANTENNA_TRACKER,
        common.MAV_TYPE_ONBOARD_CONTROLLER,
        common.MAV_TYPE_GIMBAL,
        common.MAV_TYPE_ADSB,
        common.MAV_TYPE_CAMERA,
        common.MAV_TYPE_CHARGING_STATION,
        common.MAV_TYPE_FLARM,
        common.MAV_TYPE_SERVO,
        common.MAV_TYPE_ODID,
        common.MAV_TYPE_BATTERY,
        common.MAV_TYPE_LOG,
        common.MAV_TYPE_OSD,
        common.MAV_TYPE_IMU,
        common.MAV_TYPE_GPS,
        common.MAV_TYPE_WINCH,
    }
)
"""Types of what sends heartbeats and can't fly, whatever their flags say."""
NEVER_FLY: Final = frozenset(
    {common.MAV_TYPE_GROUND_ROVER, common.MAV_TYPE_SURFACE_BOAT, common.MAV_TYPE_SUBMARINE}
)
VEHICLES: Final = {
    common.MAV_TYPE_FIXED_WING: "plane",
    common.MAV_TYPE_QUADROTOR: "multicopter",
    common.MAV_TYPE_COAXIAL: "multicopter",
    common.MAV_TYPE_HELICOPTER: "helicopter",
    common.MAV_TYPE_GROUND_ROVER: "rover",
    common.MAV_TYPE_HEXAROTOR: "multicopter",
    common.MAV_TYPE_OCTOROTOR: "multicopter",
    common.MAV_TYPE_TRICOPTER: "multicopter",
    # MAV_TYPE_VTOL_*, whose names differ between editions of the dialect:
    19: "tailsitter",
    20: "tailsitter",
    21: "vtol",
    22: "vtol",
    23: "tailsitter",
    24: "vtol",
    common.MAV_TYPE_DODECAROTOR: "multicopter",
    common.MAV_TYPE_DECAROTOR: "multicopter",
}
"""Our names of what MAV_TYPE says, as the records of logs have them."""
