"""PX4's topics, made of a trajectory: names, fields and rates of versions 1.14 to 1.16.

Sources: PX4-Autopilot msg/*.msg and src/modules/logger/logged_topics.cpp (default profile).
Fields that nothing here simulates are left out: a ULog says itself what it holds.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from windsock.firmware_sim.boards import Board, Logger, lasting
from windsock.firmware_sim.flights import rotation
from windsock.firmware_sim.flights.rotation import Floats
from windsock.firmware_sim.flights.trajectory import MODES, RATE_HZ, Mask, Mode, Trajectory
from windsock.firmware_sim.flights.wings import LYING
from windsock.firmware_sim.sensors import Rows, Sensors, averaged, degrees

MAV_TYPES: Final = {"multicopter": 2, "plane": 1, "vtol": 22, "tailsitter": 20}
NAV_STATES: Final[dict[Mode, int]] = {
    "manual": 15,
    "acro": 10,
    "flip": 10,
    "altitude": 1,
    "position": 2,
    "mission": 3,
    "return": 5,
    "land": 18,
    "takeoff": 17,
    "hover": 4,
}
_SELF_LEVELLING: Final = np.array([NAV_STATES[mode] != NAV_STATES["acro"] for mode in MODES])
_FAIL_RAD: Final = np.radians(60.0)
"""FD_FAIL_R and FD_FAIL_P."""
_FAIL_S: Final = 0.3
_FREE_FALL_M_S2: Final = 2.0
"""LNDMC_FFALL_THR's default."""
_VIBRATION_METRIC: Final = 2.5
"""The metric, a leaky mean of high-passed norms, for each m/s² of standard deviation."""

FIELDS: Final = {
    "sensor_combined": "float[3] gyro_rad;uint32_t gyro_integral_dt;"
    "int32_t accelerometer_timestamp_relative;float[3] accelerometer_m_s2;"
    "uint32_t accelerometer_integral_dt;uint8_t accelerometer_clipping;",
    "vehicle_attitude": "uint64_t timestamp_sample;float[4] q;float[4] delta_q_reset;"
    "uint8_t quat_reset_counter;",
    "vehicle_attitude_setpoint": "float yaw_sp_move_rate;float[4] q_d;float[3] thrust_body;",
    "vehicle_local_position": "uint64_t timestamp_sample;uint64_t ref_timestamp;double ref_lat;"
    "double ref_lon;float x;float y;float z;float vx;float vy;float vz;float ref_alt;"
    "float heading;bool xy_valid;bool z_valid;bool v_xy_valid;bool v_z_valid;",
    "vehicle_air_data": "uint64_t timestamp_sample;uint32_t baro_device_id;float baro_alt_meter;",
    "vehicle_gps_position": "uint64_t timestamp_sample;double latitude_deg;double longitude_deg;"
    "double altitude_msl_m;uint64_t time_utc_usec;float vel_m_s;float vel_n_m_s;float vel_e_m_s;"
    "float vel_d_m_s;uint8_t fix_type;bool vel_ned_valid;uint8_t satellites_used;",
    "vehicle_imu_status": "uint32_t accel_device_id;uint32_t[3] accel_clipping;"
    "float accel_vibration_metric;",
    "vehicle_status": "uint64_t armed_time;uint64_t takeoff_time;uint16_t failure_detector_status;"
    "uint8_t arming_state;uint8_t nav_state;uint8_t hil_state;uint8_t vehicle_type;bool failsafe;"
    "bool is_vtol;bool is_vtol_tailsitter;bool in_transition_mode;bool in_transition_to_fw;"
    "uint8_t system_type;uint8_t system_id;uint8_t component_id;",
    "actuator_armed": "bool armed;bool prearmed;bool ready_to_arm;bool lockdown;"
    "bool force_failsafe;",
    "vehicle_land_detected": "bool freefall;bool ground_contact;bool maybe_landed;bool landed;"
    "bool at_rest;",
    "failure_detector_status": "float imbalanced_prop_metric;uint16_t motor_failure_mask;"
    "bool fd_roll;bool fd_pitch;bool fd_alt;bool fd_ext;bool fd_arm_escs;bool fd_battery;"
    "bool fd_imbalanced_prop;bool fd_motor;",
    "actuator_motors": "uint64_t timestamp_sample;float[12] control;uint16_t reversible_flags;",
    "actuator_outputs": "uint32_t noutputs;float[16] output;",
    "vehicle_thrust_setpoint": "uint64_t timestamp_sample;float[3] xyz;",
    "battery_status": "float voltage_v;float current_a;float discharged_mah;float remaining;"
    "bool connected;uint8_t cell_count;uint8_t id;",
    "estimator_status": "uint64_t timestamp_sample;float vel_test_ratio;float pos_test_ratio;"
    "float hgt_test_ratio;float mag_test_ratio;",
}
"""Each topic's fields after its `timestamp`, largest first as uORB lays them out."""

Values = Mapping[str, Any]


class Topic(NamedTuple):
    """Messages of one topic: the rows of the trajectory they show, and fields that are not 0."""

    name: str
    instance: int
    rows: Rows
    values: Values


def topics(flight: Trajectory, board: Board, log: Logger) -> Iterator[Topic]:
    """Everything that is logged, in the order of the default profile."""
    sensors = Sensors(flight)
    yield from _states(flight, board, log)
    yield from _actuators(flight, log)
    yield from _attitudes(flight, sensors, log)
    yield from _positions(flight, sensors, board, log)
    yield from _imu(sensors, log)
    rows = log.every(5)
    ratios = sensors.ratios(rows).T
    names = ("vel_test_ratio", "pos_test_ratio", "hgt_test_ratio", "mag_test_ratio")
    yield Topic("estimator_status", 0, rows, dict(zip(names, ratios, strict=True)))
    battery = sensors.battery()
    values = {
        "voltage_v": battery.voltage_v[rows],
        "current_a": battery.current_a[rows],
        "discharged_mah": battery.used_mah[rows],
        "remaining": battery.left[rows],
        "connected": True,
        "cell_count": flight.craft.cells,
        "id": 1,
    }
    yield Topic("battery_status", 0, rows, values)


def attitude_failure(flight: Trajectory) -> tuple[Mask, Mask]:
    """The failure detector's roll and pitch flags: 60 degrees for 0.3 s, not in acro."""
    roll, pitch, _ = rotation.to_euler(_own_frame(flight, flight.attitude))
    judged = (_SELF_LEVELLING[flight.mode]) & ~flight.in_transition
    return (
        lasting(judged & (np.abs(roll) > _FAIL_RAD), _FAIL_S),
        lasting(judged & (np.abs(pitch) > _FAIL_RAD), _FAIL_S),
    )


def _own_frame(flight: Trajectory, attitude: Floats) -> Floats:
    """Attitudes turned by 90 degrees while a tailsitter flies on its wings."""
    if flight.craft.kind != "tailsitter":
        return attitude
    turned = rotation.multiply(attitude, rotation.inverse(LYING))
    return np.where(flight.on_wings[:, None], turned, attitude)


def _states(flight: Trajectory, board: Board, log: Logger) -> Iterator[Topic]:
    kind = flight.craft.kind
    roll, pitch = attitude_failure(flight)
    failsafe = np.zeros(len(flight), bool)
    for t_s in flight.when("battery failsafe", "radio failsafe"):
        failsafe[round(t_s * RATE_HZ) :] = True
    rows = log.changes(
        2, flight.armed, flight.mode, failsafe, roll, pitch, flight.on_wings, flight.in_transition
    )
    nav_states = np.array([NAV_STATES[mode] for mode in MODES])
    winged = flight.on_wings & ~flight.in_transition
    status = {
        "failure_detector_status": (roll + 2 * pitch)[rows],
        "arming_state": 1 + flight.armed[rows],
        "nav_state": nav_states[flight.mode[rows]],
        "hil_state": int(board.in_the_loop),
        "vehicle_type": 1 + winged[rows],
        "failsafe": failsafe[rows],
        "is_vtol": kind in ("vtol", "tailsitter"),
        "is_vtol_tailsitter": kind == "tailsitter",
        "in_transition_mode": flight.in_transition[rows],
        "in_transition_to_fw": (flight.in_transition & ~flight.on_wings)[rows],
        "system_type": MAV_TYPES[kind],
        "system_id": 1,
        "component_id": 1,
    }
    yield Topic("vehicle_status", 0, rows, status)
    armed = {"armed": flight.armed[rows], "prearmed": flight.armed[rows], "ready_to_arm": True}
    yield Topic("actuator_armed", 0, rows, armed)
    yield Topic(
        "failure_detector_status", 0, rows, {"fd_roll": roll[rows], "fd_pitch": pitch[rows]}
    )
    light = np.linalg.norm(flight.force_m_s2, axis=1) < _FREE_FALL_M_S2
    free = lasting(light & flight.armed & ~flight.landed, 0.3)
    rows = log.changes(1, flight.landed, free)
    landed = flight.landed[rows]
    land = {"freefall": free[rows], "ground_contact": landed, "maybe_landed": landed}
    yield Topic("vehicle_land_detected", 0, rows, land | {"landed": landed})


def _actuators(flight: Trajectory, log: Logger) -> Iterator[Topic]:
    rows, count = log.every(10), flight.craft.motors
    control = np.full((len(rows), 12), np.nan)
    control[:, :count] = np.where(flight.armed[rows, None], flight.motors[rows], np.nan)
    yield Topic(
        "actuator_motors", 0, rows, {"timestamp_sample": log.boot_us(rows), "control": control}
    )
    output = np.zeros((len(rows), 16))
    output[:, :count] = np.where(
        flight.armed[rows, None], 1100 + 800 * flight.motors[rows], 1000.0
    )
    yield Topic("actuator_outputs", 0, rows, {"noutputs": count, "output": output})
    rows = log.every(20)
    thrust = np.zeros((len(rows), 3))
    ahead = flight.on_wings[rows] & (flight.craft.kind != "tailsitter")
    thrust[:, 0] = np.where(ahead, flight.throttle[rows], 0.0)
    thrust[:, 2] = np.where(ahead, 0.0, -flight.throttle[rows])
    yield Topic(
        "vehicle_thrust_setpoint", 0, rows, {"timestamp_sample": log.boot_us(rows), "xyz": thrust}
    )


def _attitudes(flight: Trajectory, sensors: Sensors, log: Logger) -> Iterator[Topic]:
    rows = log.every(20)
    error = rotation.from_euler(*sensors.attitude_noise(rows).T)
    q = rotation.multiply(flight.attitude[rows], error)
    yield Topic("vehicle_attitude", 0, rows, {"timestamp_sample": log.boot_us(rows), "q": q})
    wanted = _own_frame(flight, flight.wanted)
    published = flight.armed & (_SELF_LEVELLING[flight.mode])
    rows = rows[published[rows]]
    thrust = np.stack((0 * rows, 0 * rows, -flight.throttle[rows]), axis=1)
    yield Topic("vehicle_attitude_setpoint", 0, rows, {"q_d": wanted[rows], "thrust_body": thrust})


def _positions(flight: Trajectory, sensors: Sensors, board: Board, log: Logger) -> Iterator[Topic]:
    rows = log.every(10)
    position, velocity = sensors.estimate(rows)
    values: dict[str, Any] = dict(zip("xyz", position.T, strict=True))
    values |= dict(zip(("vx", "vy", "vz"), velocity.T, strict=True))
    values |= {
        "timestamp_sample": log.boot_us(rows),
        "ref_timestamp": board.first_boot_us - 20_000_000,
        "ref_lat": board.lat_deg,
        "ref_lon": board.lon_deg,
        "ref_alt": board.alt_m,
        "heading": rotation.to_euler(flight.attitude[rows])[2],
        "xy_valid": True,
        "z_valid": True,
        "v_xy_valid": True,
        "v_z_valid": True,
    }
    yield Topic("vehicle_local_position", 0, rows, values)
    rows = log.every(5)
    height = board.alt_m + sensors.barometer(rows)
    values = {"timestamp_sample": log.boot_us(rows), "baro_alt_meter": height}
    yield Topic("vehicle_air_data", 0, rows, values)
    yield Topic("vehicle_gps_position", 0, rows, _gps(sensors, board, log, rows))


def _gps(sensors: Sensors, board: Board, log: Logger, rows: Rows) -> Values:
    position, velocity = sensors.gps(rows)
    lat, lon = degrees(position, board.lat_deg, board.lon_deg)
    times = log.boot_us(rows)
    fixed = board.boot_utc_us is not None
    return {
        "timestamp_sample": times - 120_000,
        "latitude_deg": lat,
        "longitude_deg": lon,
        "altitude_msl_m": board.alt_m - position[:, 2],
        "time_utc_usec": (board.boot_utc_us or 0) + times if fixed else 0,
        "vel_m_s": np.hypot(velocity[:, 0], velocity[:, 1]),
        "vel_n_m_s": velocity[:, 0],
        "vel_e_m_s": velocity[:, 1],
        "vel_d_m_s": velocity[:, 2],
        "fix_type": 3 if fixed else 1,
        "vel_ned_valid": fixed,
        "satellites_used": 17 if fixed else 0,
    }


def _imu(sensors: Sensors, log: Logger) -> Iterator[Topic]:
    """Means of 4 ms, as the integrating driver hands them out; counters once a second."""
    rows = log.every(250)[:-1]
    parts = slice(log.first, log.first + 2 * len(rows))
    clips = sensors.clips()
    axes = np.diff(clips, axis=0, prepend=0)[parts].reshape(-1, 2, 3).any(axis=1)
    values: Values = {
        "gyro_rad": averaged(sensors.turning()[parts], 2),
        "gyro_integral_dt": 4000,
        "accelerometer_m_s2": averaged(sensors.acceleration()[parts], 2),
        "accelerometer_integral_dt": 4000,
        "accelerometer_clipping": axes @ np.array([1, 2, 4]),
    }
    yield Topic("sensor_combined", 0, rows + 2, values)
    rows = log.every(1)
    metric = _VIBRATION_METRIC * sensors.vibration(rows)
    values = {
        "accel_device_id": 2_949_146,
        "accel_clipping": clips[rows],
        "accel_vibration_metric": metric,
    }
    yield Topic("vehicle_imu_status", 0, rows, values)
