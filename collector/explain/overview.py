"""The figure of a whole flight: its height, how far it went where that matters, modes. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from windsock.collector.explain.figures import Plot, dropped, titled
from windsock.collector.explain.judged import Judged
from windsock.collector.explain.lanes import message_lane, mode_lane
from windsock.collector.explain.markup import tag, text
from windsock.collector.explain.plots import Moment, Panel, Stretch, axis, drawn
from windsock.collector.explain.reading import Dropout, Floats, numbers
from windsock.collector.explain.scales import Scale, clocked, over
from windsock.collector.explain.thinning import thinned
from windsock.protocol.verdicts import Kind

_GAP_S: Final = 3.0
_FAR: Final[tuple[Kind, ...]] = ("fly-away", "failsafe-landing")
"""Where what matters is how far it went."""
_DEGREE_M: Final = 111_195.0
_HEIGHT: Final = Plot("height_m", "Height above the place of arming", "m", 140)
_DISTANCE: Final = Plot("distance_m", "Distance from where it took off", "m", 110)


Samples = tuple[Floats, Floats]
"""Seconds since boot, and values."""


def flight_figure(one: Judged, dropouts: Sequence[Dropout]) -> str:
    """Height, distance and modes over the whole flight; empty panels where nothing was logged."""
    zero_s, events = one.zero_s, one.flight.events
    end_s = max([one.flight.end_boot_us / 1e6, *([one.moment_s] if one.moment_s else [])])
    x = clocked(one.flight.armed_boot_us / 1e6 - zero_s, end_s - zero_s)
    stretches = (*_looked_at(one), *dropped(dropouts, zero_s, x))
    panels = [_panel(one, x, _HEIGHT, _series(one, "height_m"), stretches)]
    if one.kind in _FAR:
        panels.append(_panel(one, x, _DISTANCE, _distance(one), stretches))
    parts = [*panels, axis(x), mode_lane(events, x, zero_s), message_lane(events, x, zero_s)]
    return tag("figure", "".join(parts) + tag("figcaption", text(_caption(one))))


def _caption(one: Judged) -> str:
    origin = "take-off" if "takeoff_boot_s" in one.flight.facts else "arming"
    about = f"Minutes and seconds from {origin}. Tinted: the moment above."
    if one.verdict == "crash":
        about += " Heights as the autopilot reckoned them: a shock can throw them off."
    return about


def _panel(
    one: Judged, x: Scale, plot: Plot, samples: Samples, stretches: tuple[Stretch, ...]
) -> str:
    at, values = samples
    bands, curves = thinned(at - one.zero_s, values, _GAP_S)
    panel = Panel(plot.name, plot.signal, plot.height_px, bands, curves, (), (), stretches)
    moment = None if one.moment_s is None else Moment(one.moment_s - one.zero_s)
    return titled(plot, values, drawn(panel, x, over(values, [0.0]), moment))


def _series(one: Judged, name: str) -> Samples:
    """Seconds since boot and values of a series signal, over all its parts."""
    times, values = [np.zeros(0)], [np.zeros(0)]
    for part in one.series:
        if name in part.columns:
            column = numbers(part.columns[name])
            rows = np.arange(len(column))
            times.append((part.start_boot_us + rows * part.interval_us) / 1e6)
            values.append(column)
    return np.concatenate(times), np.concatenate(values)


def _distance(one: Judged) -> Samples:
    """Metres from the first place known, flat-earth."""
    (at, lat), (_, lon) = _series(one, "lat_deg"), _series(one, "lon_deg")
    known = np.flatnonzero(np.isfinite(lat)) if len(lat) == len(lon) else np.zeros(0, np.int64)
    if not len(known):
        return np.zeros(0), np.zeros(0)
    start = known[0]
    north = (lat - lat[start]) * _DEGREE_M
    east = (lon - lon[start]) * _DEGREE_M * np.cos(np.radians(lat[start]))
    return at, np.hypot(north, east)


def _looked_at(one: Judged) -> Iterator[Stretch]:
    window = one.window
    if window is not None:
        first = window.start_boot_us / 1e6 - one.zero_s
        last = first + window.rows * window.interval_us / 1e6
        yield Stretch(first, last, "looked", "the moment above")
