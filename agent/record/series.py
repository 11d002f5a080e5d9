"""The ten signals of a flight at 1 Hz, as columns of integers."""

from itertools import pairwise
from typing import Final

import numpy as np

from windsock.agent.record.facts import Positions
from windsock.agent.record.flights import Armed
from windsock.agent.record.tracks import Floats, Mask, Times, Track, Tracks
from windsock.agent.record.utc import Clock
from windsock.protocol.columns import Integers, encode_column
from windsock.protocol.messages import Series
from windsock.protocol.signals import (
    BY_NAME,
    POSITIONS,
    SERIES_INTERVAL_US,
    SIGNALS,
    TRACK_DRAWING,
)

CHUNK_ROWS: Final = 3600
LIMIT: Final = 2**31
"""No signal has so many steps."""
FRESH_US: Final = 1_000_000
"""A row takes the sample nearest to it, at most half an interval away (GPS at 1 Hz: a whole)."""


def series(
    tracks: Tracks, flight: Armed, clock: Clock, keys: tuple[str, str], positions: Positions
) -> list[Series]:
    """The flight's Series messages of at most 3,600 rows; `keys` are drone_uid and log_id.

    A signal without a single value in a chunk has no column there.
    """
    rows = (flight.end_us - flight.armed_us) // SERIES_INTERVAL_US + 1
    times = flight.armed_us + SERIES_INTERVAL_US * np.arange(rows, dtype=np.int64)
    columns = signal_columns(tracks, times, flight.armed_us, positions)
    chunks = []
    for first, end in even_chunks(rows):
        part = slice(first, end)
        start_us = int(times[first])
        chunks.append(
            Series(
                drone_uid=keys[0],
                log_id=keys[1],
                armed_boot_us=flight.armed_us,
                start_boot_us=start_us,
                start=clock.utc(start_us),
                interval_us=SERIES_INTERVAL_US,
                rows=part.stop - part.start,
                columns={
                    name: encode_column(values[part], present[part], alone=True)
                    for name, (values, present) in columns.items()
                    if present[part].any()
                },
            )
        )
    return chunks


def even_chunks(rows: int) -> list[tuple[int, int]]:
    """As few chunks as hold *rows*, of equal length: no short one is left over at the end."""
    chunks = -(-rows // CHUNK_ROWS)
    bounds = [rows * index // chunks for index in range(chunks + 1)]
    return list(pairwise(bounds))


def signal_columns(
    tracks: Tracks, times: Times, armed_us: int, positions: Positions
) -> dict[str, tuple[Integers, Mask]]:
    """Integers at each signal's step and where they are present, (rows,) each."""
    sources = _sources(tracks, armed_us)
    left_out: tuple[str, ...] = POSITIONS if positions != "full" else ()
    if positions == "none":
        left_out += TRACK_DRAWING
    return {
        signal.name: _column(sources[signal.name], times, signal.scale)
        for signal in SIGNALS
        if signal.name not in left_out
    }


def _sources(tracks: Tracks, armed_us: int) -> dict[str, Track]:
    height = next(
        (one for one in (tracks.estimate_m, tracks.baro_m, tracks.gps_m) if len(one)),
        tracks.gps_m,
    )
    ground = height.at(armed_us)
    if ground is None and len(height):
        ground = float(height.values[0])
    climb = tracks.estimate_climb_m_s
    return {
        "height_m": Track(height.boot_us, height.values - (ground or 0.0)),
        "climb_m_s": climb if len(climb) else tracks.gps_climb_m_s,
        **{name: getattr(tracks, name) for name in BY_NAME if name not in _DERIVED},
    }


_DERIVED: Final = ("height_m", "climb_m_s")


def _column(track: Track, times: Times, scale: int) -> tuple[Integers, Mask]:
    values, present = nearest(track, times)
    scaled = np.rint(values.astype(np.float64) * scale)
    present &= np.abs(scaled) < LIMIT
    return np.where(present, scaled, 0.0).astype(np.int64), present


def nearest(track: Track, times: Times) -> tuple[Floats, Mask]:
    """The sample nearest to each time, and whether it is at most a second away; 0 where not."""
    if not len(track):
        return np.zeros(len(times)), np.zeros(len(times), bool)
    after = np.clip(np.searchsorted(track.boot_us, times), 1, max(len(track) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(track) - 1)
    later = np.abs(track.boot_us[after] - times) < np.abs(track.boot_us[before] - times)
    places = np.where(later, after, before)
    present = np.abs(track.boot_us[places] - times) <= FRESH_US
    return np.where(present, track.values[places], 0.0), present
