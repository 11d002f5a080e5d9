"""What only PX4 logs say, and how: states, motors, failure flags.

Sources: PX4-Autopilot msg/VehicleStatus.msg, ActuatorArmed.msg, FailureDetectorStatus.msg and
MAVLink's MAV_TYPE.
"""

from typing import Final

import numpy as np

from windsock.agent.logs.flightlog import FlightLog, Table
from windsock.agent.record.modes import PX4_ACRO, PX4_MODES
from windsock.agent.record.names import PX4, column, pick
from windsock.agent.record.tracks import ALWAYS, EMPTY, Codes, Said, Switch, Track, track

_ARMED: Final = 2  # ARMING_STATE_ARMED, the same in all versions
_IDLE: Final = 0.08
"""Default of MPC_MANTHR_MIN."""
_PULSE_IDLE_US, _PULSE_FULL_US = 1150.0, 1950.0
"""Defaults of PWM_MAIN_MIN and PWM_MAIN_MAX (1075 to 1950), and room for motors that idle."""
_TERMINATION: Final = 13  # NAVIGATION_STATE_TERMINATION
_FIXED_WING: Final = 2  # VEHICLE_TYPE_FIXED_WING
_TAILSITTERS: Final = frozenset({19, 20, 23})
_VEHICLES: Final = {
    "plane": {1},
    "multicopter": {2, 13, 14, 15, 29, 35},
    "helicopter": {3, 4},
    "airship": {7, 8},
    "rover": {10},
    "boat": {11},
    "submarine": {12},
    "vtol": {21, 22, 24, 25},
    "tailsitter": _TAILSITTERS,
}
_FAILURE_FLAGS: Final = ("fd_roll", "fd_pitch", "fd_alt", "fd_ext", "fd_motor")
_FAILURE_BITS: Final = 0b1111
"""vehicle_status.failure_detector_status before it had its own topic: roll, pitch, alt, ext."""


def vehicle(log: FlightLog) -> str | None:
    """What kind of vehicle this is, None if the log does not say."""
    status = log.table("vehicle_status")
    kind = log.parameters.get("MAV_TYPE")
    if status is not None and "system_type" in status and status["system_type"].max() > 0:
        kind = float(status["system_type"].max())
    if status is not None and _ever(status, "is_vtol_tailsitter"):
        return "tailsitter"
    if status is not None and _ever(status, "is_vtol") and kind not in _TAILSITTERS:
        return "vtol"
    return next((name for name, types in _VEHICLES.items() if kind in types), None)


def fixed_wing(log: FlightLog, kind: str | None) -> Track:
    """1 while it flies on wings: always for planes, by phase for VTOLs."""
    status = log.table("vehicle_status")
    if kind == "plane":
        return ALWAYS
    if status is None or kind not in ("vtol", "tailsitter"):
        return EMPTY
    if "vehicle_type" in status:
        return track(status.boot_us, column(status, "vehicle_type") == _FIXED_WING)
    if "is_rotary_wing" in status:
        return track(status.boot_us, column(status, "is_rotary_wing") == 0)
    return EMPTY


def aerobatic(log: FlightLog, kind: str | None) -> Track:
    """1 in acro, in a plane's manual mode and in VTOL transitions."""
    status = log.table("vehicle_status")
    if status is None or "nav_state" not in status:
        return EMPTY
    state = status["nav_state"]
    free = (state == PX4_ACRO) | ((state == 0) & (kind == "plane"))
    if "in_transition_mode" in status:
        free = free | (status["in_transition_mode"] > 0)
    return track(status.boot_us, free)


def switches(log: FlightLog) -> tuple[Switch, ...]:
    """When it was armed and disarmed, by two topics."""
    found = []
    for name, field, armed in (
        ("vehicle_status", "arming_state", _ARMED),
        ("actuator_armed", "armed", 1),
    ):
        table = log.table(name)
        if table is not None and field in table and len(table):
            found += _edges(track(table.boot_us, column(table, field) == armed))
    return tuple(found)


def _edges(state: Track) -> list[Switch]:
    changed = np.flatnonzero(np.diff(state.values)) + 1
    first = Switch(int(state.boot_us[0]), bool(state.values[0]), sure=False)
    return [first] + [
        Switch(int(state.boot_us[place]), bool(state.values[place])) for place in changed
    ]


def motors(log: FlightLog) -> tuple[Track, ...]:
    """Each motor's output, 0 to 1; a stopped one (NaN) is 0. Only logs since 1.13 have them."""
    table = log.table("actuator_motors")
    if table is None:
        return ()
    outputs = [column(table, name) for name in table.fields if name.startswith("control[")]
    used = [output for output in outputs if np.nanmax(np.nan_to_num(output)) > 0]
    return tuple(track(table.boot_us, np.nan_to_num(output)) for output in used)


def throttle(log: FlightLog, kind: str | None, motors_: tuple[Track, ...]) -> Track:
    """Mean motor output, else the wanted thrust: 0 where motors idle and 1 at full.

    Multicopters idle at MPC_MANTHR_MIN in manual modes.
    """
    if motors_:
        mean = np.mean([motor.values for motor in motors_], axis=0)
        output = Track(motors_[0].boot_us, mean)
    else:
        output = pick(log, PX4["throttle"])
    if not len(output):
        return _pulses(log)
    idle = 0.0 if kind == "plane" else log.parameters.get("MPC_MANTHR_MIN", _IDLE)
    idle = min(max(idle, 0.0), 0.5)
    return Track(output.boot_us, np.maximum(output.values - idle, 0.0) / (1.0 - idle))


def _pulses(log: FlightLog) -> Track:
    """Mean of what goes to the ESCs, 0 where they idle: the last resort of thin logs."""
    table = log.table("actuator_outputs")
    if table is None:
        return EMPTY
    outputs = [column(table, name) for name in table.fields if name.startswith("output[")]
    turning = [one for one in outputs if np.nanmax(np.nan_to_num(one)) > _PULSE_IDLE_US]
    if not turning:
        return EMPTY
    share = (np.nanmean(turning, axis=0) - _PULSE_IDLE_US) / (_PULSE_FULL_US - _PULSE_IDLE_US)
    return track(table.boot_us, np.clip(share, 0.0, 1.0))


def codes(log: FlightLog) -> Codes:
    """The failure detector's flags, terminations and failsafes."""
    status, detector = log.table("vehicle_status"), log.table("failure_detector_status")
    failures = [_rises(detector, flag) for flag in _FAILURE_FLAGS]
    failures.append(_rises(status, "failure_detector_status", _FAILURE_BITS))
    failures.append(_begins(status, "nav_state", _TERMINATION))
    stopped = log.table("actuator_armed")
    failures += [_rises(stopped, flag) for flag in ("force_failsafe", "termination")]
    return Codes(
        crash=tuple((time, 1) for time in _rises(detector, "fd_crash")),
        failure=tuple(sorted({time for times in failures for time in times})),
        failsafe=tuple(_rises(status, "failsafe")),
    )


def _rises(table: Table | None, field: str, mask: int = ~0) -> list[int]:
    """When a flag became set."""
    if table is None or field not in table:
        return []
    state = track(table.boot_us, (table[field].astype(np.int64) & mask) > 0)
    return [int(time) for time in state.boot_us[np.diff(state.values, prepend=0) > 0]]


def _begins(table: Table | None, field: str, value: int) -> list[int]:
    if table is None or field not in table:
        return []
    state = track(table.boot_us, table[field] == value)
    return [int(time) for time in state.boot_us[np.diff(state.values, prepend=0) > 0]]


def said(log: FlightLog) -> tuple[Said, ...]:
    """Changes of mode; messages are read for all autopilots alike."""
    status = log.table("vehicle_status")
    if status is None or "nav_state" not in status:
        return ()
    state = track(status.boot_us, column(status, "nav_state"))
    changed = np.flatnonzero(np.diff(state.values, prepend=-1))
    return tuple(
        Said(int(state.boot_us[place]), "mode", _mode(int(state.values[place])), weight=1)
        for place in changed
    )


def _mode(number: int) -> str:
    return PX4_MODES.get(number, f"mode {number}")


def _ever(table: Table, field: str) -> bool:
    return field in table and bool((table[field] > 0).any())
