"""Names and numbers of flight modes, error and event codes.

Sources: PX4-Autopilot msg/VehicleStatus.msg; ArduPilot mode.h of each vehicle, AP_Logger.h
(LogEvent, LogErrorSubsystem). Numbers that changed their meaning keep their old name in brackets.
"""

from typing import Final

PX4_ACRO: Final = 10
PX4_MODES: Final = {
    0: "manual",
    1: "altitude",
    2: "position",
    3: "mission",
    4: "hold",
    5: "return",
    6: "position slow",
    8: "altitude cruise",
    10: "acro",
    12: "descend",
    13: "termination",
    14: "offboard",
    15: "stabilized",
    16: "rattitude",
    17: "takeoff",
    18: "land",
    19: "follow target",
    20: "precision land",
    21: "orbit",
    22: "VTOL takeoff",
}

COPTER_MODES: Final = {
    0: "STABILIZE",
    1: "ACRO",
    2: "ALT_HOLD",
    3: "AUTO",
    4: "GUIDED",
    5: "LOITER",
    6: "RTL",
    7: "CIRCLE",
    9: "LAND",
    11: "DRIFT",
    13: "SPORT",
    14: "FLIP",
    15: "AUTOTUNE",
    16: "POSHOLD",
    17: "BRAKE",
    18: "THROW",
    19: "AVOID_ADSB",
    20: "GUIDED_NOGPS",
    21: "SMART_RTL",
    22: "FLOWHOLD",
    23: "FOLLOW",
    24: "ZIGZAG",
    25: "SYSTEMID",
    26: "AUTOROTATE",
    27: "AUTO_RTL",
    28: "TURTLE",
}
COPTER_AEROBATIC: Final = frozenset({1, 14, 18, 26, 28})
"""Acro, flip, throw, autorotation, turtle: modes that ArduCopter's crash check leaves out."""

PLANE_MODES: Final = {
    0: "MANUAL",
    1: "CIRCLE",
    2: "STABILIZE",
    3: "TRAINING",
    4: "ACRO",
    5: "FBWA",
    6: "FBWB",
    7: "CRUISE",
    8: "AUTOTUNE",
    10: "AUTO",
    11: "RTL",
    12: "LOITER",
    13: "TAKEOFF",
    14: "AVOID_ADSB",
    15: "GUIDED",
    17: "QSTABILIZE",
    18: "QHOVER",
    19: "QLOITER",
    20: "QLAND",
    21: "QRTL",
    22: "QAUTOTUNE",
    23: "QACRO",
    24: "THERMAL",
    25: "LOITER_ALT_QLAND",
    26: "AUTOLAND",
}
PLANE_AEROBATIC: Final = frozenset({0, 4, 23})
PLANE_HOVER: Final = frozenset({17, 18, 19, 20, 21, 22, 23})
VTOL_HOVER: Final = PLANE_HOVER | {10, 11, 13, 15, 25}
"""Modes in which a VTOL hovers or may: in AUTO, RTL, TAKEOFF and GUIDED it lands on its rotors."""

ROVER_MODES: Final = {
    0: "MANUAL",
    1: "ACRO",
    3: "STEERING",
    4: "HOLD",
    5: "LOITER",
    6: "FOLLOW",
    7: "SIMPLE",
    10: "AUTO",
    11: "RTL",
    12: "SMART_RTL",
    15: "GUIDED",
}

ERRORS: Final = {
    1: "main",
    2: "radio",
    3: "compass",
    5: "radio failsafe",
    6: "battery failsafe",
    7: "GPS failsafe",
    8: "ground station failsafe",
    9: "fence",
    10: "flight mode",
    11: "GPS",
    12: "crash check",
    13: "flip",
    14: "autotune",
    15: "parachute",
    16: "EKF check",
    17: "EKF failsafe",
    18: "barometer",
    19: "CPU load watchdog",
    20: "ADS-B failsafe",
    21: "terrain data",
    22: "navigation",
    23: "terrain failsafe",
    24: "EKF primary changed",
    25: "thrust loss check",
    26: "sensor failsafe",
    27: "leak failsafe",
    28: "pilot input failsafe",
    29: "vibration failsafe",
    30: "internal error",
    31: "dead reckoning failsafe",
}
ERR_CRASH: Final = 12
ERR_FAILURES: Final = frozenset({25})
ERR_FAILSAFES: Final = frozenset({5, 6, 7, 8, 9, 17, 23, 26, 27, 29, 31})

EVENTS: Final = {
    10: "armed",
    11: "disarmed",
    15: "auto armed",
    16: "take-off",
    17: "maybe landed",
    18: "landed",
    19: "lost GPS",
    21: "flip start",
    22: "flip end",
    25: "home set",
    28: "not landed",
    49: "parachute disabled",
    50: "parachute enabled",
    51: "parachute released",
    54: "motors emergency stopped",
    55: "motors emergency stop cleared",
    56: "motors interlock disabled",
    57: "motors interlock enabled",
    62: "EKF yaw reset",
}
EV_ARMED: Final = 10
EV_DISARMED: Final = 11
EV_LANDED: Final = 18
EV_NOT_LANDED: Final = 28
EV_PARACHUTE: Final = 51
EV_MOTORS_STOPPED: Final = 54
EVENTS_WORTH: Final = frozenset({10, 11, 18, 19, 28, 51, 54, 56})
