"""ArduPilot's messages, made of a trajectory: names, fields, units and rates of version 4.5.

Sources: ArduPilot libraries/AP_Logger/LogStructure.h, ArduCopter/Log.cpp, ArduPlane/Log.cpp.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.firmware_sim.boards import Board, Logger
from windsock.firmware_sim.flights import rotation
from windsock.firmware_sim.flights.rotation import Floats
from windsock.firmware_sim.flights.trajectory import MODES, Mode, Trajectory
from windsock.firmware_sim.flights.wings import LYING
from windsock.firmware_sim.sensors import Rows, Sensors, degrees, low_passed

_FILTER_HZ: Final = 20.0
"""Default of INS_ACCEL_FILTER."""
_TRANSITION_RAD: Final = np.radians(45.0)
"""Default of Q_TAILSIT_ANGLE."""
_GPS_EPOCH_S: Final = 315_964_800
_LEAP_S: Final = 18
_WEEK_S: Final = 604_800
PWM_OFF: Final = 1000.0
_PWM_ARMED: Final = 1100.0
"""MOT_SPIN_ARM 0.1 of 1000 to 2000."""

COPTER_MODES: Final[dict[Mode, int]] = {
    "manual": 0,
    "acro": 1,
    "flip": 14,
    "altitude": 2,
    "position": 5,
    "mission": 3,
    "return": 6,
    "land": 9,
    "takeoff": 4,
    "hover": 5,
}
PLANE_MODES: Final[dict[Mode, int]] = {
    "manual": 2,
    "acro": 4,
    "flip": 4,
    "altitude": 6,
    "position": 7,
    "mission": 10,
    "return": 11,
    "land": 10,
    "takeoff": 13,
    "hover": 19,
}
VTOL_MODES: Final = PLANE_MODES | {"land": 20, "takeoff": 19}


Values = Mapping[str, Any]


class Message(NamedTuple):
    """Messages of one type: the rows of the trajectory they show, and fields that are not 0."""

    name: str
    rows: Rows
    values: Values


def messages(flight: Trajectory, board: Board, log: Logger) -> Iterator[Message]:
    """Everything that is logged regularly, at the rates of the default LOG_BITMASK."""
    sensors = Sensors(flight)
    yield from _attitude(flight, sensors, log)
    yield from _imus(flight, sensors, log)
    yield from _heights(flight, sensors, log)
    yield from _control(flight, log)
    yield from _estimates(flight, sensors, board, log)
    battery, rows = sensors.battery(), log.every(10)
    values = {
        "Volt": battery.voltage_v[rows],
        "VoltR": battery.voltage_v[rows],
        "Curr": battery.current_a[rows],
        "CurrTot": battery.used_mah[rows],
        "RemPct": np.rint(100 * battery.left[rows]),
        "H": 1,
    }
    yield Message("BAT", rows, values)
    if flight.craft.kind != "multicopter":
        rows = log.every(5)
        values = {"isFlying": ~flight.landed[rows], "Armed": flight.armed[rows], "Safety": 2}
        yield Message("STAT", rows, values)


def shown(flight: Trajectory, attitude: Floats) -> Floats:
    """Attitudes in the view of the phase: a tailsitter on its wings is shown as a plane.

    Tailsitter_Transition::show_vtol_view() changes the view half-way through a transition, at
    Q_TAILSIT_ANGLE.
    """
    if flight.craft.kind != "tailsitter":
        return attitude
    turned = rotation.multiply(attitude, rotation.inverse(LYING))
    leaning = rotation.tilt(flight.attitude) > _TRANSITION_RAD
    winged = np.where(flight.in_transition, leaning, flight.on_wings)
    return np.where(winged[:, None], turned, attitude)


def _euler_deg(q: Floats) -> Floats:
    """Roll, pitch and heading in degrees, (3, n)."""
    roll, pitch, yaw = np.degrees(rotation.to_euler(q))
    return np.stack((roll, pitch, np.mod(yaw, 360.0)))


def _attitude(flight: Trajectory, sensors: Sensors, log: Logger) -> Iterator[Message]:
    rows = log.every(10 if flight.craft.kind == "multicopter" else 25)
    noise = rotation.from_euler(*sensors.attitude_noise(rows).T)
    roll, pitch, yaw = _euler_deg(rotation.multiply(shown(flight, flight.attitude)[rows], noise))
    wanted = _euler_deg(shown(flight, flight.wanted)[rows])
    values = {"Roll": roll, "Pitch": pitch, "Yaw": yaw, "AEKF": 3}
    values |= dict(zip(("DesRoll", "DesPitch", "DesYaw"), wanted, strict=True))
    yield Message("ATT", rows, values)


def _imus(flight: Trajectory, sensors: Sensors, log: Logger) -> Iterator[Message]:
    """Two accelerometers, filtered; a tailsitter's board is mounted as in a plane."""
    rows = log.every(25)
    turning = sensors.turning()
    for number in range(2):
        felt = low_passed(sensors.acceleration(number), _FILTER_HZ)[rows]
        if flight.craft.kind == "tailsitter":
            felt = rotation.to_world(LYING, felt)
        values: dict[str, Any] = {"I": number, "T": 38.5, "GH": 1, "AH": 1}
        values |= dict(zip(("AccX", "AccY", "AccZ"), felt.T, strict=True))
        values |= dict(zip(("GyrX", "GyrY", "GyrZ"), turning[rows].T, strict=True))
        yield Message("IMU", rows, values | {"GHz": 1000, "AHz": 1000})
    slow = log.every(10)
    for number in range(2):
        vibration = sensors.vibration(slow)
        values = {"IMU": number, "Clip": sensors.clips(number).sum(axis=1)[slow]}
        names = ("VibeX", "VibeY", "VibeZ")
        yield Message("VIBE", slow, values | dict.fromkeys(names, vibration))


def _heights(flight: Trajectory, sensors: Sensors, log: Logger) -> Iterator[Message]:
    rows = log.every(10)
    height = sensors.barometer(rows)
    position, velocity = sensors.estimate(rows)
    values: Values = {
        "Alt": height,
        "Press": 101_325.0 * np.exp(-height / 8_430.0),
        "Temp": 31.0,
        "CRt": -velocity[:, 2],
        "SMS": log.boot_us(rows) // 1000,
        "GndTemp": 29.0,
        "Health": 1,
    }
    yield Message("BARO", rows, values)
    lift = {"ThH": flight.craft.hover_throttle, "ThI": flight.throttle[rows]}
    lift |= {"ThO": flight.throttle[rows], "DAlt": position[:, 2] * -1, "Alt": -position[:, 2]}
    lift |= {"BAlt": height, "CRt": -velocity[:, 2] * 100}
    if flight.craft.kind == "multicopter":
        yield Message("CTUN", rows, lift | {"DSAlt": np.nan})
        return
    yield Message("CTUN", rows, _plane_tuning(flight, rows))
    if flight.craft.kind != "plane":
        hovering = ~flight.on_wings[rows] & flight.armed[rows]
        tuning = {name: np.asarray(one) * np.ones(len(rows)) for name, one in lift.items()}
        kept = {name: one[hovering] for name, one in tuning.items()}
        yield Message("QTUN", rows[hovering], kept | {"CRt": kept["CRt"] / 100})


def _plane_tuning(flight: Trajectory, rows: Rows) -> Values:
    """Throttle is that of the propeller ahead: a quadplane's is off while it hovers."""
    roll, pitch, _ = _euler_deg(shown(flight, flight.attitude)[rows])
    ahead = flight.on_wings[rows] | (flight.craft.kind != "vtol")
    speed = np.linalg.norm(flight.velocity_m_s[rows], axis=1)
    throttle = 100 * flight.throttle[rows] * ahead
    return {
        "Roll": roll,
        "Pitch": pitch,
        "ThO": throttle,
        "ThD": throttle,
        "As": speed,
        "E2T": 1.0,
    }


def _control(flight: Trajectory, log: Logger) -> Iterator[Message]:
    rows = log.every(10)
    pwm = np.where(flight.armed[rows, None], _PWM_ARMED + 900 * flight.motors[rows], PWM_OFF)
    if flight.craft.kind == "plane":
        pwm = PWM_OFF + 1000 * flight.motors[rows]
    names = [f"C{number}" for number in range(1, 1 + flight.craft.motors)]
    yield Message("RCOU", rows, dict(zip(names, np.rint(pwm).T, strict=True)))


def _estimates(
    flight: Trajectory, sensors: Sensors, board: Board, log: Logger
) -> Iterator[Message]:
    rows = log.every(10)
    position, velocity = sensors.estimate(rows)
    roll, pitch, yaw = _euler_deg(shown(flight, flight.attitude)[rows])
    values: dict[str, Any] = {"Roll": roll, "Pitch": pitch, "Yaw": yaw}
    values |= dict(zip(("VN", "VE", "VD"), velocity.T, strict=True))
    values |= dict(zip(("PN", "PE", "PD"), position.T, strict=True))
    yield Message("XKF1", rows, values | {"OH": board.alt_m})
    ratios = dict(zip(("SV", "SP", "SH", "SM"), sensors.ratios(rows).T, strict=True))
    yield Message("XKF4", rows, ratios)
    yield Message("GPS", log.every(5), _gps(sensors, board, log, log.every(5)))


def _gps(sensors: Sensors, board: Board, log: Logger, rows: Rows) -> Values:
    if board.boot_utc_us is None:
        return {"Status": 1, "HDop": 99.0}
    position, velocity = sensors.gps(rows)
    lat, lon = degrees(position, board.lat_deg, board.lon_deg)
    gps_ms = (board.boot_utc_us + log.boot_us(rows)) // 1000 + (_LEAP_S - _GPS_EPOCH_S) * 1000
    return {
        "Status": 3,
        "GMS": gps_ms % (_WEEK_S * 1000),
        "GWk": gps_ms // (_WEEK_S * 1000),
        "NSats": 17,
        "HDop": 0.8,
        "Lat": lat,
        "Lng": lon,
        "Alt": board.alt_m - position[:, 2],
        "Spd": np.hypot(velocity[:, 0], velocity[:, 1]),
        "GCrs": np.mod(np.degrees(np.arctan2(velocity[:, 1], velocity[:, 0])), 360.0),
        "VZ": velocity[:, 2],
        "U": 1,
    }


def mode_numbers(flight: Trajectory) -> npt.NDArray[np.int64]:
    """The firmware's numbers of `MODES`."""
    kind = flight.craft.kind
    table = COPTER_MODES if kind == "multicopter" else PLANE_MODES
    if kind in ("vtol", "tailsitter"):
        table = VTOL_MODES
    return np.array([table[mode] for mode in MODES])
