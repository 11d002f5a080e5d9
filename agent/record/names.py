"""Which firmware field holds which quantity: the one table of old and new names.

Each quantity lists its sources, best first; the first one that a log has with a finite value is
taken. Sources of names and units: PX4-Autopilot msg/ of versions 1.6 to 1.17; ArduPilot
libraries/AP_Logger/LogStructure.h and the vehicles' Log.cpp of versions 3.1 to 4.7.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

import numpy as np

from windsock.agent.logs.flightlog import FlightLog, Table
from windsock.agent.record.quantiles import median
from windsock.agent.record.tracks import EMPTY, Floats, Track, blocks, track


class Source(NamedTuple):
    """A field of a table, and what to multiply it with to have our unit."""

    table: str
    field: str
    factor: float = 1.0


Names = Mapping[str, tuple[Source, ...]]

PX4: Final[Names] = {
    "baro_m": (
        Source("vehicle_air_data", "baro_alt_meter"),
        Source("sensor_combined", "baro_alt_meter"),
        Source("sensor_baro", "altitude"),
    ),
    "estimate_m": (Source("vehicle_local_position", "z", -1.0),),
    "estimate_climb_m_s": (Source("vehicle_local_position", "vz", -1.0),),
    "voltage_v": (
        Source("battery_status", "voltage_v"),
        Source("battery_status", "voltage_filtered_v"),
    ),
    "current_a": (
        Source("battery_status", "current_a"),
        Source("battery_status", "current_filtered_a"),
    ),
    "used_mah": (Source("battery_status", "discharged_mah"),),
    "throttle": (
        Source("vehicle_thrust_setpoint", "xyz[2]", -1.0),
        Source("actuator_controls_0", "control[3]"),
        Source("vehicle_attitude_setpoint", "thrust_body[2]", -1.0),
        Source("vehicle_attitude_setpoint", "thrust"),
    ),
    "vibration_m_s2": (Source("vehicle_imu_status", "accel_vibration_metric"),),
    "landed": (Source("vehicle_land_detected", "landed"),),
}
ARDUPILOT: Final[Names] = {
    "baro_m": (
        Source("BARO", "Alt"),
        Source("CTUN", "BAlt"),
        Source("CTUN", "BarAlt"),
    ),
    "estimate_m": (
        Source("CTUN", "Alt"),
        Source("POS", "RelHomeAlt"),
        Source("POS", "RelAlt"),
        Source("POS", "Alt"),
        Source("AHR2", "Alt"),
    ),
    "estimate_climb_m_s": (
        Source("CTUN", "CRt", 0.01),
        Source("XKF1", "VD", -1.0),
        Source("NKF1", "VD", -1.0),
        Source("EKF1", "VD", -1.0),
    ),
    "voltage_v": (Source("BAT", "Volt"), Source("CURR", "Volt"), Source("BCL", "Volt")),
    "current_a": (Source("BAT", "Curr"), Source("CURR", "Curr")),
    "used_mah": (Source("BAT", "CurrTot"), Source("CURR", "CurrTot")),
    "throttle": (Source("CTUN", "ThO"), Source("CTUN", "ThrOut")),
}
BESIDE: Final[Mapping[Source, Source]] = {
    Source("CTUN", "ThO"): Source("QTUN", "ThO", 100.0),
}
"""What else moves it, in the same unit: of a quadplane CTUN has the pusher, QTUN what lifts it."""


class GpsNames(NamedTuple):
    """Fields of a GPS table; `good_fix` is the least fix that gives a position."""

    table: str
    fix: str
    lat: Source
    lon: Source
    height: Source
    speed: Source
    down: Source
    good_fix: int = 3


def _px4_gps(table: str, *, degrees: bool) -> GpsNames:
    lat, lon, alt, factor, metre = (
        ("latitude_deg", "longitude_deg", "altitude_msl_m", 1.0, 1.0)
        if degrees
        else ("lat", "lon", "alt", 1e-7, 1e-3)
    )
    return GpsNames(
        table,
        "fix_type",
        Source(table, lat, factor),
        Source(table, lon, factor),
        Source(table, alt, metre),
        Source(table, "vel_m_s"),
        Source(table, "vel_d_m_s", -1.0),
    )


def _ardupilot_gps(table: str) -> GpsNames:
    return GpsNames(
        table,
        "Status",
        Source(table, "Lat"),
        Source(table, "Lng"),
        Source(table, "Alt"),
        Source(table, "Spd"),
        Source(table, "VZ", -1.0),
    )


GPS: Final = (
    _px4_gps("vehicle_gps_position", degrees=True),
    _px4_gps("vehicle_gps_position", degrees=False),
    _px4_gps("sensor_gps", degrees=True),
    _px4_gps("sensor_gps", degrees=False),
    _ardupilot_gps("GPS"),
    _ardupilot_gps("GPS2"),
)
UTC_FIELDS: Final = {"GPS": (("GWk", "GMS"), ("Week", "TimeMS")), "GPS2": (("GWk", "GMS"),)}
"""GPS week, and milliseconds of it."""

ACCELEROMETERS: Final = {
    "ulog": (
        ("sensor_combined", tuple(f"accelerometer_m_s2[{axis}]" for axis in range(3))),
        ("vehicle_acceleration", tuple(f"xyz[{axis}]" for axis in range(3))),
        ("sensor_accel", ("x", "y", "z")),
    ),
    "dataflash": tuple((name, ("AccX", "AccY", "AccZ")) for name in ("IMU", "IMU2", "IMU3")),
}

RATIOS: Final = {
    "estimator_status": ("vel_test_ratio", "pos_test_ratio", "hgt_test_ratio", "mag_test_ratio"),
    "XKF4": ("SV", "SP", "SH", "SM"),
    "NKF4": ("SV", "SP", "SH", "SM"),
    "EKF4": ("SV", "SP", "SH", "SMX", "SMY", "SMZ"),
}
"""Innovation test ratios of the estimators, best first; 1 rejects."""

CHANNELS: Final = ("C{}", "Ch{}", "Chan{}")
"""How servo channels were called, from 1 on."""
CHANNELS_MOST: Final = 14
"""SERVOn_FUNCTION of more of them drives no motor."""

VIBE: Final = ("VibeX", "VibeY", "VibeZ")
CLIPS: Final = {
    "vehicle_imu_status": tuple(f"accel_clipping[{axis}]" for axis in range(3)),
    "VIBE": ("Clip", "Clip0", "Clip1", "Clip2"),
}

Choice = Literal["samples", "largest"]


def pick(log: FlightLog, sources: Iterable[Source], live: Choice = "samples") -> Track:
    """The first source that the log has, of its live instance.

    The live instance is the one with most finite samples, or with the largest median: of two
    batteries, a socket without one reads about 0.05 V.
    """
    for source in sources:
        found = [
            quantity(table, source.field, source.factor)
            for table in log.tables.get(source.table, {}).values()
            if source.field in table
        ]
        best = max((one for one in found if len(one)), key=_LIVENESS[live], default=None)
        if best is not None:
            return _greater(log, best, BESIDE.get(source))
    return EMPTY


_FRESH_US: Final = 1_000_000


def _greater(log: FlightLog, one: Track, source: Source | None) -> Track:
    """The greater of two tracks at the times of the first; the other's values last a second."""
    other = pick(log, (source,)) if source else EMPTY
    if not len(other):
        return one
    places = np.searchsorted(other.boot_us, one.boot_us, side="right") - 1
    age_us = one.boot_us - other.boot_us[np.maximum(places, 0)]
    fresh = (places >= 0) & (age_us <= _FRESH_US)
    values = np.where(fresh, other.values[np.maximum(places, 0)], -np.inf)
    return Track(one.boot_us, np.maximum(one.values, values))


_LIVENESS = {
    "samples": lambda one: float(len(one)),
    "largest": lambda one: median(one.values),
}


EVERY: Final = slice(None)
_ABSURD: Final = 1e10
"""No quantity is as large in any unit: these are bytes of something else."""


def column(table: Table, name: str, factor: float = 1.0, rows: slice = EVERY) -> Floats:
    """A field of a table as float64, in our unit; NaN for what no sensor measures."""
    values = np.asarray(table[name][rows], np.float64) * factor
    values[~(np.abs(values) < _ABSURD)] = np.nan
    return values


def quantity(table: Table, name: str, factor: float = 1.0) -> Track:
    """A field of a table as a track, in our unit."""
    parts = [column(table, name, factor, rows).astype(np.float32) for rows in blocks(len(table))]
    return track(table.boot_us, np.concatenate(parts) if parts else np.zeros(0))
