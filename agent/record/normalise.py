"""FlightLog -> Tracks: the firmware's words turned into ours, by the table in `names`."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from windsock.agent.logs.flightlog import FlightLog, Table
from windsock.agent.record import ardupilot, attitude, px4
from windsock.agent.record.attitude import Attitude
from windsock.agent.record.names import (
    ACCELEROMETERS,
    ARDUPILOT,
    CLIPS,
    GPS,
    PX4,
    RATIOS,
    VIBE,
    GpsNames,
    Names,
    Source,
    column,
    pick,
)
from windsock.agent.record.tracks import EMPTY, Floats, Said, Track, Tracks, track

FORCE_MEAN_US: Final = 10_000
"""Shocks last milliseconds: without a common mean, faster loggers would see higher peaks."""
_CONNECTED_V: Final = 1.0
"""A socket without a battery reads about 0.05 V."""
_GRAVE: Final = ("crash", "parachute", "terminat", "thrust loss", "motor failure", "kill")
_FAILSAFE: Final = ("failsafe", "ekf variance", "emergency", "critical")


def tracks(log: FlightLog) -> Tracks:
    """Everything a flight is measured from."""
    return _px4(log) if log.format == "ulog" else _ardupilot(log)


def _px4(log: FlightLog) -> Tracks:
    kind = px4.vehicle(log)
    wings = px4.fixed_wing(log, kind)
    table = log.table("vehicle_attitude")
    view = _quaternions(table, "q") if table is not None else attitude.NOTHING
    motors = px4.motors(log)
    return Tracks(
        vehicle=kind,
        tilt_deg=attitude.tilt(view, wings, kind),
        lean_error_deg=_px4_error(log, view),
        throttle=_mean(motors) if motors else pick(log, PX4["throttle"]),
        motors=motors,
        vibration_m_s2=pick(log, PX4["vibration_m_s2"]),
        landed=pick(log, PX4["landed"]),
        fixed_wing=wings,
        aerobatic=px4.aerobatic(log, kind),
        switches=px4.switches(log),
        codes=px4.codes(log),
        said=px4.said(log) + _messages(log),
        **_angles(view),
        **_common(log, PX4),
    )


def _ardupilot(log: FlightLog) -> Tracks:
    kind = ardupilot.vehicle(log)
    table = log.table("ATT")
    view = attitude.NOTHING
    if table is not None and {"Roll", "Pitch", "Yaw"} <= set(table.fields):
        angles = (column(table, name) for name in ("Roll", "Pitch", "Yaw"))
        view = attitude.from_angles(table.boot_us, *angles)
    return Tracks(
        vehicle=kind,
        tilt_deg=attitude.tilt(view, EMPTY, None),  # it logs the view of the phase it is in
        lean_error_deg=_ardupilot_error(table),
        throttle=ardupilot.throttle(log, kind),
        motors=ardupilot.motors(log),
        vibration_m_s2=_vibe(log),
        landed=ardupilot.landed(log),
        fixed_wing=ardupilot.fixed_wing(log, kind),
        aerobatic=ardupilot.aerobatic(log, kind),
        switches=ardupilot.switches(log),
        codes=ardupilot.codes(log),
        said=ardupilot.said(log, kind) + _messages(log),
        **_angles(view),
        **_common(log, ARDUPILOT),
    )


def _angles(view: Attitude) -> dict[str, Track]:
    return {"roll_deg": view.roll_deg, "pitch_deg": view.pitch_deg, "yaw_deg": view.yaw_deg}


def _common(log: FlightLog, names: Names) -> dict[str, Track | tuple[Track, ...]]:
    """What the table alone can read, for either autopilot."""
    current = pick(log, names["current_a"], "largest")
    voltage = pick(log, names["voltage_v"], "largest")
    if len(voltage) and np.median(voltage.values) > 200:
        voltage = voltage.scaled(0.01)  # hundredths without a scale, ArduCopter before 3.4
    found: dict[str, Track | tuple[Track, ...]] = {
        name: pick(log, names[name]) for name in ("baro_m", "estimate_m", "estimate_climb_m_s")
    }
    return found | {
        "voltage_v": _where(voltage, voltage.values > _CONNECTED_V),
        "current_a": _where(current, current.values >= 0.0),  # PX4: -1 is "not measured"
        "used_mah": pick(log, names["used_mah"], "largest"),
        "force_m_s2": _force(log),
        "clips": tuple(_clips(log)),
        "estimator_ratio": _ratio(log),
        **_gps(log),
    }


def _where(one: Track, kept: np.ndarray) -> Track:  # type: ignore[type-arg]
    return Track(one.boot_us[kept], one.values[kept])


def _quaternions(table: Table, name: str) -> Attitude:
    fields = [f"{name}[{part}]" for part in range(4)]
    if not all(field in table for field in fields):
        return attitude.NOTHING
    parts = np.stack([column(table, field) for field in fields], axis=1)
    return attitude.from_quaternions(table.boot_us, parts)


def _px4_error(log: FlightLog, view: Attitude) -> Track:
    table = log.table("vehicle_attitude_setpoint")
    if table is None or not len(view.boot_us):
        return EMPTY
    wanted = _quaternions(table, "q_d")
    if not len(wanted.boot_us):
        return EMPTY
    places = np.searchsorted(wanted.boot_us, view.boot_us, side="right") - 1
    places = np.maximum(places, 0)
    fresh = np.abs(view.boot_us - wanted.boot_us[places]) < 500_000
    down = wanted.down[places[fresh]]
    return attitude.lean_error(view.boot_us[fresh], view.down[fresh], down)


def _ardupilot_error(table: Table | None) -> Track:
    names = ("Roll", "Pitch", "DesRoll", "DesPitch")
    if table is None or not set(names) <= set(table.fields):
        return EMPTY
    roll, pitch, wanted_roll, wanted_pitch = (np.radians(column(table, one)) for one in names)
    real = attitude.thrust_axis(roll, pitch)
    return attitude.lean_error(
        table.boot_us, real, attitude.thrust_axis(wanted_roll, wanted_pitch)
    )


def _force(log: FlightLog) -> Track:
    """Norm of the specific force by the accelerometer with most samples."""
    for name, fields in ACCELEROMETERS[log.format]:
        instances = log.tables.get(name, {}).values()
        usable = [table for table in instances if len(table) and set(fields) <= set(table.fields)]
        if usable:
            table = max(usable, key=len)
            vectors = np.stack([column(table, field) for field in fields], axis=1)
            return _norm(table.boot_us, vectors)
    return EMPTY


def _norm(boot_us: np.ndarray, vectors: Floats) -> Track:  # type: ignore[type-arg]
    """Norm of the mean vector of each 10 ms; the mean is of the vectors, so rattling cancels."""
    kept = np.isfinite(vectors).all(axis=1)
    order = np.argsort(boot_us[kept], kind="stable")
    boot_us, vectors = boot_us[kept][order], vectors[kept][order]
    if not len(boot_us):
        return EMPTY
    firsts = np.flatnonzero(np.diff(boot_us // FORCE_MEAN_US, prepend=-1))
    counts = np.diff(firsts, append=len(boot_us))
    sums = np.add.reduceat(vectors, firsts, axis=0)
    middles = (firsts + (counts - 1) // 2).astype(np.int64)
    return Track(boot_us[middles], np.linalg.norm(sums / counts[:, None], axis=1))


def _mean(tracks_: tuple[Track, ...]) -> Track:
    values = np.mean([one.values for one in tracks_], axis=0)
    return Track(tracks_[0].boot_us, values)


def _gps(log: FlightLog) -> dict[str, Track]:
    """Position and speed of the first receiver with fixes."""
    for names in GPS:
        for table in log.tables.get(names.table, {}).values():
            if names.fix not in table or names.lat.field not in table:
                continue
            fixed = column(table, names.fix) >= names.good_fix
            if fixed.any():
                return dict(_fixes(table, names, fixed))
    return {}


def _fixes(
    table: Table,
    names: GpsNames,
    fixed: np.ndarray,  # type: ignore[type-arg]
) -> Iterator[tuple[str, Track]]:
    for quantity, source in _gps_quantities(names):
        if source.field in table:
            values = column(table, source.field, source.factor)
            yield quantity, track(table.boot_us[fixed], values[fixed])


def _gps_quantities(names: GpsNames) -> tuple[tuple[str, Source], ...]:
    return (
        ("lat_deg", names.lat),
        ("lon_deg", names.lon),
        ("gps_m", names.height),
        ("ground_speed_m_s", names.speed),
        ("gps_climb_m_s", names.down),
    )


def _vibe(log: FlightLog) -> Track:
    """The worst axis of the first IMU's vibration."""
    table = next(iter(log.tables.get("VIBE", {}).values()), None)
    if table is None or not set(VIBE) <= set(table.fields):
        return EMPTY
    return track(table.boot_us, np.max([column(table, axis) for axis in VIBE], axis=0))


def _clips(log: FlightLog) -> Iterator[Track]:
    """A counter for each accelerometer: of all its axes (PX4), or of all samples (ArduPilot)."""
    for name, fields in CLIPS.items():
        for table in log.tables.get(name, {}).values():
            counters = [column(table, field) for field in fields if field in table]
            if name != "VIBE" and counters:
                counters = [np.sum(counters, axis=0)]
            yield from (track(table.boot_us, counter) for counter in counters)


def _ratio(log: FlightLog) -> Track:
    """The worst innovation test ratio of the first estimator instance."""
    for name, fields in RATIOS.items():
        table = next(iter(log.tables.get(name, {}).values()), None)
        if table is not None and len(table):
            known = [column(table, field) for field in fields if field in table]
            if known:
                return track(table.boot_us, np.fmax.reduce(known))
    return EMPTY


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
    if any(word in small for word in _FAILSAFE):
        return 2
    return 0 if level is None or level > 4 else 1
