"""FlightLog -> Tracks: the firmware's words turned into ours, by the table in `names`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from windsock.agent.logs.flightlog import FlightLog, Table
from windsock.agent.record import ardupilot, attitude, px4, sensors
from windsock.agent.record.attitude import Attitude
from windsock.agent.record.names import ARDUPILOT, PX4, Names, column, pick
from windsock.agent.record.tracks import EMPTY, Floats, Said, Times, Track, Tracks, blocks, joined

_GRAVE: Final = ("crash", "parachute", "terminat", "thrust loss", "motor failure", "kill")
_SERIOUS: Final = ("failsafe", "ekf variance", "emergency", "critical")
_WARNING: Final = 4
"""Syslog severity."""
_SETPOINT_AGE_US: Final = 500_000


def tracks(log: FlightLog) -> Tracks:
    """Everything a flight is measured from."""
    return _px4(log) if log.format == "ulog" else _ardupilot(log)


def _px4(log: FlightLog) -> Tracks:
    kind = px4.vehicle(log)
    wings = px4.fixed_wing(log, kind)
    table = log.table("vehicle_attitude")
    view = _attitude(table, _quaternion("q"), attitude.from_quaternions)
    motors = px4.motors(log)
    return replace(
        _common(log, PX4, view),
        vehicle=kind,
        tilt_deg=attitude.tilt(view, wings, kind),
        lean_error_deg=_px4_error(log, view),
        throttle=px4.throttle(log, kind, motors),
        motors=motors,
        vibration_m_s2=pick(log, PX4["vibration_m_s2"]),
        landed=pick(log, PX4["landed"]),
        fixed_wing=wings,
        aerobatic=px4.aerobatic(log, kind),
        switches=px4.switches(log),
        codes=px4.codes(log),
        said=px4.said(log) + _messages(log),
    )


def _ardupilot(log: FlightLog) -> Tracks:
    kind = ardupilot.vehicle(log)
    table = log.table("ATT")
    view = _attitude(table, ("Roll", "Pitch", "Yaw"), attitude.from_angles)
    return replace(
        _common(log, ARDUPILOT, view),
        vehicle=kind,
        tilt_deg=attitude.tilt(view, EMPTY, None),  # it logs the view of the phase it is in
        lean_error_deg=_ardupilot_error(table),
        throttle=ardupilot.throttle(log, kind),
        motors=ardupilot.motors(log),
        vibration_m_s2=sensors.vibe(log),
        landed=ardupilot.landed(log),
        fixed_wing=ardupilot.fixed_wing(log, kind),
        aerobatic=ardupilot.aerobatic(log, kind),
        switches=ardupilot.switches(log),
        codes=ardupilot.codes(log),
        said=ardupilot.said(log, kind) + _messages(log),
    )


def _common(log: FlightLog, names: Names, view: Attitude) -> Tracks:
    """What the table alone can read, for either autopilot."""
    fixes = sensors.gps(log)
    return Tracks(
        roll_deg=Track(view.boot_us, view.roll_deg),
        pitch_deg=Track(view.boot_us, view.pitch_deg),
        yaw_deg=Track(view.boot_us, view.yaw_deg),
        force_m_s2=sensors.force(log),
        baro_m=pick(log, names["baro_m"]),
        estimate_m=pick(log, names["estimate_m"]),
        estimate_climb_m_s=pick(log, names["estimate_climb_m_s"]),
        gps_m=fixes.gps_m,
        gps_climb_m_s=fixes.gps_climb_m_s,
        ground_speed_m_s=fixes.ground_speed_m_s,
        lat_deg=fixes.lat_deg,
        lon_deg=fixes.lon_deg,
        voltage_v=sensors.voltage(log, names),
        current_a=sensors.current(log, names),
        used_mah=pick(log, names["used_mah"], "largest"),
        clips=sensors.clips(log),
        estimator_ratio=sensors.ratio(log),
    )


def _attitude(
    table: Table | None, fields: Sequence[str], of: Callable[[Times, Floats], Attitude]
) -> Attitude:
    if table is None or not set(fields) <= set(table.fields):
        return attitude.NOTHING
    return attitude.joined(
        [of(table.boot_us[rows], _columns(table, fields, rows)) for rows in blocks(len(table))]
    )


def _quaternion(name: str) -> list[str]:
    return [f"{name}[{part}]" for part in range(4)]


def _columns(table: Table, fields: Sequence[str], rows: slice) -> Floats:
    return np.stack([column(table, field, rows=rows) for field in fields], axis=1)


def _px4_error(log: FlightLog, view: Attitude) -> Track:
    """Against the newest set-point, where it is not older than half a second."""
    table = log.table("vehicle_attitude_setpoint")
    wanted = _attitude(table, _quaternion("q_d"), attitude.from_quaternions)
    if not len(view.boot_us) or not len(wanted.boot_us):
        return EMPTY
    places = np.searchsorted(wanted.boot_us, view.boot_us, side="right") - 1
    places = np.maximum(places, 0)
    fresh = np.abs(view.boot_us - wanted.boot_us[places]) < _SETPOINT_AGE_US
    down = wanted.down[places[fresh]]
    return attitude.lean_error(view.boot_us[fresh], view.down[fresh], down)


def _ardupilot_error(table: Table | None) -> Track:
    names = ("Roll", "Pitch", "DesRoll", "DesPitch")
    if table is None or not set(names) <= set(table.fields):
        return EMPTY
    parts = []
    for rows in blocks(len(table)):
        roll, pitch, wanted_roll, wanted_pitch = np.radians(_columns(table, names, rows)).T
        real = attitude.thrust_axis(roll, pitch)
        wanted = attitude.thrust_axis(wanted_roll, wanted_pitch)
        parts.append(attitude.lean_error(table.boot_us[rows], real, wanted))
    return joined(parts)


def _messages(log: FlightLog) -> tuple[Said, ...]:
    return tuple(
        Said(one.boot_us, "message", one.text.strip(), one.level, _weight(one.text, one.level))
        for one in log.messages
        if one.text.strip()
    )


def _weight(text: str, level: int | None) -> int:
    small = text.lower()
    if any(word in small for word in _GRAVE):
        return 3
    if any(word in small for word in _SERIOUS):
        return 2
    return 0 if level is None or level > _WARNING else 1
