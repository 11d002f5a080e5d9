"""The MAVLink numbers that the simulated autopilots use (https://mavlink.io/en/messages/common.html)."""

from enum import IntEnum, IntFlag


class Autopilot(IntEnum):
    """MAV_AUTOPILOT."""

    ARDUPILOTMEGA = 3
    INVALID = 8
    PX4 = 12


class Kind(IntEnum):
    """MAV_TYPE."""

    QUADROTOR = 2
    GCS = 6
    GIMBAL = 26
    CAMERA = 30


class Mode(IntFlag):
    """MAV_MODE_FLAG."""

    CUSTOM_MODE_ENABLED = 1
    STABILIZE_ENABLED = 16
    MANUAL_INPUT_ENABLED = 64
    SAFETY_ARMED = 128


class Status(IntEnum):
    """MAV_STATE."""

    UNINIT = 0
    STANDBY = 3
    ACTIVE = 4


class Landed(IntEnum):
    """MAV_LANDED_STATE."""

    ON_GROUND = 1
    IN_AIR = 2


class Result(IntEnum):
    """MAV_RESULT."""

    ACCEPTED = 0
    TEMPORARILY_REJECTED = 1
    UNSUPPORTED = 3
    FAILED = 4


class Command(IntEnum):
    """MAV_CMD."""

    COMPONENT_ARM_DISARM = 400
    SET_MESSAGE_INTERVAL = 511
    REQUEST_MESSAGE = 512
    REQUEST_AUTOPILOT_CAPABILITIES = 520
    DO_SEND_BANNER = 42428


class Severity(IntEnum):
    """MAV_SEVERITY."""

    CRITICAL = 2
    ERROR = 3
    INFO = 6


class ParamType(IntEnum):
    """MAV_PARAM_TYPE."""

    INT8 = 2
    INT16 = 4
    INT32 = 6
    REAL32 = 9


class Opcode(IntEnum):
    """MAV_FTP_OPCODE."""

    NONE = 0
    TERMINATE_SESSION = 1
    RESET_SESSIONS = 2
    LIST_DIRECTORY = 3
    OPEN_FILE_RO = 4
    READ_FILE = 5
    CALC_FILE_CRC32 = 14
    BURST_READ_FILE = 15
    ACK = 128
    NAK = 129


class Nak(IntEnum):
    """MAV_FTP_ERR."""

    FAIL = 1
    FAIL_ERRNO = 2
    INVALID_DATA_SIZE = 3
    INVALID_SESSION = 4
    NO_SESSIONS_AVAILABLE = 5
    EOF = 6
    UNKNOWN_COMMAND = 7
    FILE_PROTECTED = 9
    FILE_NOT_FOUND = 10
