"""What a flight was ordered to do, and where it may land: returns, landings forced by a failsafe.

Sources: PX4-Autopilot msg/VehicleStatus.msg, PositionSetpoint.msg, HomePosition.msg and the
parameter RTL_TYPE; ArduPilot AP_Logger/LogStructure.h (CMD, RALY, ORGN), AP_Vehicle/ModeReason.h
and the vehicles' mode.h; MAVLink's MAV_CMD.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from windsock.agent.logs.flightlog import FlightLog, Table
from windsock.agent.record.ardupilot import mode_track
from windsock.agent.record.modes import ERR_FAILSAFES
from windsock.agent.record.names import column
from windsock.agent.record.tracks import EMPTY, Floats, Mask, Orders, Track, blocks, track

_PX4_RETURN: Final = 5
_PX4_DESCEND: Final = 12
"""Nobody can choose it: it sinks because it lost its position."""
_PX4_LAND: Final = 18
_PX4_LANDINGS: Final = (_PX4_LAND, 20)
_PX4_PLANNED: Final = (3, _PX4_RETURN)
"""Modes whose landing set-point was planned before: mission, return."""
_SETPOINT_LAND: Final = 4  # SETPOINT_TYPE_LAND

_COPTER_RETURN, _PLANE_RETURN = (6,), (11, 21)
"""RTL and QRTL fly straight; SMART_RTL and AUTO_RTL follow a path that may lead away at first."""
_COPTER_LAND, _PLANE_LAND = (9,), (20,)
_REASONS: Final = (3, 4, 5, 6, 7, 10, 11, 25, 29, 50)
"""Radio, battery, ground station, EKF, GPS, fence, terrain, "failsafe", leak, dead reckoning."""
_TOGETHER_US: Final = 1_000_000
"""A failsafe's error and the mode it changes to are logged within a loop or two."""
_LAND_COMMANDS: Final = (21, 85, 189)
"""MAV_CMD_NAV_LAND, NAV_VTOL_LAND, DO_LAND_START."""
_PLACES: Final = (("ORGN", "Type", (1,)), ("RALY", "Seq", ()), ("CMD", "CId", _LAND_COMMANDS))
"""Messages with a place, and what makes it one to land at: home is origin 1, any rally point."""


def px4_orders(log: FlightLog) -> Orders:
    """A return is followed only where it leads straight home (RTL_TYPE 0)."""
    status = log.table("vehicle_status")
    if status is None or "nav_state" not in status:
        return Orders()
    mode = column(status, "nav_state")
    straight = log.parameters.get("RTL_TYPE", 0) == 0
    forced = _flag(status, "failsafe") & np.isin(mode, _PX4_LANDINGS)
    forced &= ~_flag(status, "failsafe_and_user_took_over")
    if "nav_state_user_intention" in status:
        forced &= ~np.isin(column(status, "nav_state_user_intention"), _PX4_LANDINGS)
    return Orders(
        returning=track(status.boot_us, (mode == _PX4_RETURN) & straight),
        forced_down=track(status.boot_us, forced | (mode == _PX4_DESCEND)),
        places=tuple(_px4_places(log, status, mode)),
    )


def _flag(table: Table, field: str) -> Mask:
    return column(table, field) > 0 if field in table else np.zeros(len(table), bool)


def _px4_places(log: FlightLog, status: Table, mode: Floats) -> Iterator[tuple[float, float]]:
    home = log.table("home_position")
    if home is not None and {"lat", "lon"} <= set(home.fields):
        yield from _pairs(column(home, "lat"), column(home, "lon"))
    wanted = log.table("position_setpoint_triplet")
    names = ("current.lat", "current.lon", "current.type", "current.valid")
    if wanted is None or not set(names) <= set(wanted.fields) or not len(status):
        return
    lat, lon, kind, valid = (column(wanted, name) for name in names)
    places = np.searchsorted(status.boot_us, wanted.boot_us, side="right") - 1
    planned = np.isin(mode[np.maximum(places, 0)], _PX4_PLANNED)
    kept = planned & (kind == _SETPOINT_LAND) & (valid > 0)
    yield from _pairs(lat[kept], lon[kept])


def ardupilot_orders(log: FlightLog, kind: str | None) -> Orders:
    """Modes with the reason that the log gives, in older ones the error beside them."""
    state = mode_track(log)
    winged = kind in ("plane", "vtol", "tailsitter")
    if kind in ("rover", "boat", "submarine") or not len(state):
        return Orders()
    landing = np.isin(state.values, _PLANE_LAND if winged else _COPTER_LAND)
    returning = np.isin(state.values, _PLANE_RETURN if winged else _COPTER_RETURN)
    return Orders(
        returning=Track(state.boot_us, returning.astype(np.float64)),
        forced_down=_forced(log, state, landing),
        places=tuple(_ardupilot_places(log)),
    )


def _forced(log: FlightLog, state: Track, landing: Mask) -> Track:
    """1 from a landing mode that a failsafe entered to the next other mode."""
    entered = landing & (np.diff(state.values, prepend=-1) != 0)
    forced = False
    values = np.zeros(len(state))
    by_failsafe = _by_failsafe(log, state)
    for row in range(len(state)):
        forced = landing[row] and (by_failsafe[row] if entered[row] else forced)
        values[row] = float(forced)
    return Track(state.boot_us, values)


def _by_failsafe(log: FlightLog, state: Track) -> Mask:
    """Which changes of mode a failsafe made."""
    table = log.table("MODE")
    if table is not None and "Rsn" in table:
        reasons = track(table.boot_us, column(table, "Rsn"))
        if len(reasons) == len(state) and reasons.values.any():
            return np.isin(reasons.values, _REASONS)
    errors = log.table("ERR")
    if errors is None or not {"Subsys", "ECode"} <= set(errors.fields):
        return np.zeros(len(state), bool)
    acted = np.isin(column(errors, "Subsys"), list(ERR_FAILSAFES)) & (column(errors, "ECode") > 0)
    apart = np.abs(state.boot_us[:, None] - errors.boot_us[acted][None])
    return np.asarray((apart <= _TOGETHER_US).any(axis=1))


def _ardupilot_places(log: FlightLog) -> Iterator[tuple[float, float]]:
    """Home, rally points and the mission's landings."""
    for name, field, numbers in _PLACES:
        table = log.table(name)
        if table is not None and {"Lat", "Lng", field} <= set(table.fields):
            kept = np.isin(column(table, field), numbers) | (not numbers)
            yield from _pairs(column(table, "Lat")[kept], column(table, "Lng")[kept])


def _pairs(lat: Floats, lon: Floats) -> Iterable[tuple[float, float]]:
    """Distinct places, those at 0, 0 left out: nobody set them."""
    known = np.isfinite(lat) & np.isfinite(lon) & ((lat != 0) | (lon != 0))
    known &= (np.abs(lat) <= 90) & (np.abs(lon) <= 180)  # noqa: PLR2004 - degrees
    return dict.fromkeys(zip(lat[known].tolist(), lon[known].tolist(), strict=True))


def below_wanted(log: FlightLog) -> Track:
    """How far PX4 is below the height that it holds, in metres, while it holds one.

    ArduPilot's wanted height is not of use: it follows a falling craft (AC_P_1D limits the error)
    and stays as it was in modes without it.
    """
    real, wanted = (
        log.table("vehicle_local_position"),
        log.table("vehicle_local_position_setpoint"),
    )
    if real is None or wanted is None or "z" not in real or "z" not in wanted:
        return EMPTY
    set_us, set_m = wanted.boot_us, column(wanted, "z")
    below = np.empty(len(real), np.float32)
    for rows in blocks(len(real)):
        times = real.boot_us[rows]
        places = np.searchsorted(set_us, times, side="right") - 1
        fresh = (places >= 0) & (times - set_us[places] <= _SETPOINT_AGE_US)
        below[rows] = np.where(fresh, column(real, "z", rows=rows) - set_m[places], np.nan)
    return track(real.boot_us, below)


_SETPOINT_AGE_US: Final = 500_000
