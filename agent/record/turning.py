"""The attitude in a log as tracks, worked out block by block: no number in between is kept."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from windsock.agent.logs.flightlog import FlightLog, Table
from windsock.agent.record.attitude import (
    Attitude,
    from_angles,
    from_quaternions,
    lean_error,
    thrust_axis,
    tilt,
)
from windsock.agent.record.names import column
from windsock.agent.record.tracks import EMPTY, Floats, Times, Track, blocks, track

_SETPOINT_AGE_US: Final = 500_000
_ANGLES: Final = ("Roll", "Pitch", "Yaw")
_WANTED: Final = ("DesRoll", "DesPitch")

ErrorOf = Callable[[slice, Floats], Floats]
"""Degrees between the wanted thrust direction and the real one, (n, 3), of rows of a table."""


class Turned(NamedTuple):
    """The tracks of `Tracks` that come of an attitude."""

    roll_deg: Track = EMPTY
    pitch_deg: Track = EMPTY
    yaw_deg: Track = EMPTY
    tilt_deg: Track = EMPTY
    lean_error_deg: Track = EMPTY


def px4_turned(log: FlightLog, on_wings: Track, kind: str | None) -> Turned:
    """From quaternions; a tailsitter's vertical is another one while it is `on_wings`."""
    table, names = log.table("vehicle_attitude"), _quaternion("q")
    if table is None or not set(names) <= set(table.fields):
        return Turned()
    turns = on_wings if kind == "tailsitter" else EMPTY
    error = _px4_error(table.boot_us, log.table("vehicle_attitude_setpoint"))
    return _turned(table, (from_quaternions, names), turns, error)


def ardupilot_turned(log: FlightLog) -> Turned:
    """From angles, logged in the view of the phase of flight it is in."""
    table = log.table("ATT")
    if table is None or not set(_ANGLES) <= set(table.fields):
        return Turned()
    error = _ardupilot_error(table) if set(_WANTED) <= set(table.fields) else _unknown
    return _turned(table, (from_angles, _ANGLES), EMPTY, error)


def _turned(
    table: Table,
    view: tuple[Callable[[Floats], Attitude], Sequence[str]],
    turns: Track,
    error: ErrorOf,
) -> Turned:
    of, names = view
    kept = [np.empty(len(table), np.float32) for _ in Turned._fields]
    for rows in blocks(len(table)):
        seen = of(_columns(table, names, rows))
        upright = tilt(seen, _held(turns, table.boot_us[rows]) > 0)
        found = seen.roll_deg, seen.pitch_deg, seen.yaw_deg, upright, error(rows, seen.down)
        for whole, part in zip(kept, found, strict=True):
            whole[rows] = part
    return Turned(*(track(table.boot_us, one) for one in kept))


def _held(one: Track, boot_us: Times) -> Floats:
    """The newest value at each time, 0 before the first."""
    if not len(one):
        return np.zeros(len(boot_us))
    places = np.searchsorted(one.boot_us, boot_us, side="right") - 1
    return np.where(places >= 0, one.values[np.maximum(places, 0)], 0.0)


def _unknown(_rows: slice, down: Floats) -> Floats:
    return np.full(len(down), np.nan)


def _px4_error(boot_us: Times, table: Table | None) -> ErrorOf:
    """Against the newest set-point, where it is not older than half a second."""
    names = _quaternion("q_d")
    if table is None or not set(names) <= set(table.fields):
        return _unknown
    parts = [from_quaternions(_columns(table, names, rows)).down for rows in blocks(len(table))]
    wanted = np.concatenate([part.astype(np.float32) for part in parts])
    known = np.isfinite(wanted).all(axis=1)
    order = np.argsort(table.boot_us[known], kind="stable")
    set_us, wanted = table.boot_us[known][order], wanted[known][order]
    if not len(wanted):
        return _unknown

    def error(rows: slice, down: Floats) -> Floats:
        places = np.maximum(np.searchsorted(set_us, boot_us[rows], side="right") - 1, 0)
        fresh = np.abs(boot_us[rows] - set_us[places]) < _SETPOINT_AGE_US
        return np.where(fresh, lean_error(down, wanted[places]), np.nan)

    return error


def _ardupilot_error(table: Table) -> ErrorOf:
    def error(rows: slice, down: Floats) -> Floats:
        roll, pitch = np.radians(_columns(table, _WANTED, rows)).T
        return lean_error(down, thrust_axis(roll, pitch))

    return error


def _quaternion(name: str) -> list[str]:
    return [f"{name}[{part}]" for part in range(4)]


def _columns(table: Table, names: Sequence[str], rows: slice) -> Floats:
    return np.stack([column(table, name, rows=rows) for name in names], axis=1)
