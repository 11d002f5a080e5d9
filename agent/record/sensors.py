"""Sensors that need more than a name: specific force, GPS, battery, vibration, estimator ratio."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from windsock.agent.logs.flightlog import FlightLog, Table
from windsock.agent.record.names import (
    ACCELEROMETERS,
    CLIPS,
    GPS,
    RATIOS,
    VIBE,
    GpsNames,
    Names,
    Source,
    column,
    pick,
)
from windsock.agent.record.quantiles import median
from windsock.agent.record.tracks import EMPTY, Mask, Times, Track, blocks, joined, track

FORCE_MEAN_US: Final = 10_000
"""Shocks last milliseconds: without a common mean, faster loggers would see higher peaks."""
CONNECTED_V: Final = 1.0
"""A socket without a battery reads about 0.05 V."""
HUNDREDTHS_V: Final = 200.0
"""No battery has so many volts: ArduCopter before 3.4 wrote hundredths, of amperes too."""


LIMITS_DEG: Final = {
    "lat": 90,
    "latitude_deg": 90,
    "Lat": 90,
    "lon": 180,
    "longitude_deg": 180,
    "Lng": 180,
}


class Fixes(NamedTuple):
    """What the first receiver with fixes says."""

    lat_deg: Track = EMPTY
    lon_deg: Track = EMPTY
    gps_m: Track = EMPTY
    ground_speed_m_s: Track = EMPTY
    gps_climb_m_s: Track = EMPTY


def gps(log: FlightLog) -> Fixes:
    """Position and speed of the first receiver with fixes, samples without one left out."""
    for names in GPS:
        for table in log.tables.get(names.table, {}).values():
            if names.fix not in table or names.lat.field not in table:
                continue
            fixed = column(table, names.fix) >= names.good_fix
            if fixed.any():
                return Fixes(*(_fixed(table, one, fixed) for one in _sources(names)))
    return Fixes()


def _sources(names: GpsNames) -> tuple[Source, ...]:
    return (names.lat, names.lon, names.height, names.speed, names.down)


def _fixed(table: Table, source: Source, fixed: Mask) -> Track:
    if source.field not in table:
        return EMPTY
    values = column(table, source.field, source.factor)[fixed]
    if source.field in LIMITS_DEG:
        values[np.abs(values) > LIMITS_DEG[source.field]] = np.nan
    return track(table.boot_us[fixed], values, np.float64)


def battery(log: FlightLog, names: Names) -> tuple[Track, Track]:
    """Volts and amperes of the battery that is there; PX4 writes -1 A for "not measured"."""
    volts = pick(log, names["voltage_v"], "largest")
    amperes = pick(log, names["current_a"], "largest")
    if len(volts) and median(volts.values) > HUNDREDTHS_V:
        volts, amperes = volts.scaled(0.01), amperes.scaled(0.01)
    return _where(volts, volts.values > CONNECTED_V), _where(amperes, amperes.values >= 0.0)


def _where(one: Track, kept: Mask) -> Track:
    return Track(one.boot_us[kept], one.values[kept])


def force(log: FlightLog) -> Track:
    """Norm of the specific force by the accelerometer with most samples."""
    for name, fields in ACCELEROMETERS[log.format]:
        instances = log.tables.get(name, {}).values()
        usable = [table for table in instances if len(table) and set(fields) <= set(table.fields)]
        if usable:
            table = max(usable, key=len)
            return joined([_norm(table, fields, rows) for rows in _whole_means(table.boot_us)])
    return EMPTY


def _whole_means(boot_us: Times) -> list[slice]:
    """Blocks of rows that do not part what is averaged together; all where time steps back."""
    if np.any(boot_us[1:] < boot_us[:-1]):
        return [slice(0, len(boot_us))]
    mean = boot_us[[rows.start for rows in blocks(len(boot_us))]] // FORCE_MEAN_US
    borders = boot_us.searchsorted(mean * FORCE_MEAN_US).tolist()
    return [slice(*pair) for pair in pairwise([0, *borders[1:], len(boot_us)])]


def _norm(table: Table, fields: Sequence[str], rows: slice) -> Track:
    """Norm of the mean vector of each 10 ms; the mean is of the vectors, so rattling cancels."""
    vectors = np.stack([column(table, field, rows=rows) for field in fields], axis=1)
    kept = np.isfinite(vectors).all(axis=1)
    boot_us, vectors = table.boot_us[rows][kept], vectors[kept]
    order = np.argsort(boot_us, kind="stable")
    boot_us, vectors = boot_us[order], vectors[order]
    if not len(boot_us):
        return EMPTY
    firsts = np.flatnonzero(np.diff(boot_us // FORCE_MEAN_US, prepend=-1))
    counts = np.diff(firsts, append=len(boot_us))
    sums = np.add.reduceat(vectors, firsts, axis=0)
    middles = firsts + (counts - 1) // 2
    return track(boot_us[middles], np.linalg.norm(sums / counts[:, None], axis=1))


def vibe(log: FlightLog) -> Track:
    """The worst axis of the first IMU's vibration (ArduPilot)."""
    table = next(iter(log.tables.get("VIBE", {}).values()), None)
    if table is None or not set(VIBE) <= set(table.fields):
        return EMPTY
    worst = [
        np.max([column(table, axis, rows=rows) for axis in VIBE], axis=0).astype(np.float32)
        for rows in blocks(len(table))
    ]
    return track(table.boot_us, np.concatenate([*worst, np.zeros(0, np.float32)]))


def clips(log: FlightLog) -> tuple[Track, ...]:
    """A counter for each accelerometer: of all its axes (PX4), or of all samples (ArduPilot)."""
    return tuple(_counters(log))


def _counters(log: FlightLog) -> Iterator[Track]:
    for name, fields in CLIPS.items():
        for table in log.tables.get(name, {}).values():
            counters = [column(table, field) for field in fields if field in table]
            if name != "VIBE" and counters:
                counters = [np.asarray(np.sum(counters, axis=0))]
            yield from (track(table.boot_us, counter) for counter in counters)


def ratio(log: FlightLog) -> Track:
    """The worst innovation test ratio of the first estimator instance."""
    for name, fields in RATIOS.items():
        table = next(iter(log.tables.get(name, {}).values()), None)
        if table is not None and len(table):
            known = [column(table, field) for field in fields if field in table]
            if known:
                return track(table.boot_us, np.fmax.reduce(known))
    return EMPTY
