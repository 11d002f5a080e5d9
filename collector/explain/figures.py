"""The figure of the moment that a flight turns on. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.explain.evidence import Point
from windsock.collector.explain.judged import Judged
from windsock.collector.explain.lanes import message_lane, mode_lane
from windsock.collector.explain.limits import limits
from windsock.collector.explain.markup import tag, text
from windsock.collector.explain.plots import Band, Curve, Mark, Moment, Panel, Stretch, axis, drawn
from windsock.collector.explain.quantities import in_g, number, span
from windsock.collector.explain.reading import Dropout, Floats, WindowValues, numbers
from windsock.collector.explain.scales import Scale, over, seconds
from windsock.collector.explain.words import moment_name
from windsock.protocol.verdicts import Kind

_GAP_S: Final = 0.5
_LOST_S: Final = 0.3
_FALLEN_M: Final = 1.0
_POWER: Final[tuple[Kind, ...]] = ("in-flight-log-end", "impact-not-recorded")
"""Where a battery that gave out is the first suspect."""


class Plot(NamedTuple):
    """One panel of the moment."""

    signal: str
    name: str
    unit: str
    height_px: int


_PLOTS: Final = (
    Plot("height_m", "Height above the place of arming", "m", 120),
    Plot("climb_m_s", "Vertical speed, up is positive", "m/s", 110),
    Plot("tilt_deg", "Tilt", "°", 110),
    Plot("force_m_s2", "Specific force, as the accelerometers feel it", "m/s²", 150),
    Plot("throttle_pct", "Motor output", "%", 64),
)
_VOLTAGE: Final = Plot("voltage_v", "Battery voltage", "V", 64)


class Drawn(NamedTuple):
    """One panel of the moment with its scales, for whoever draws it."""

    plot: Plot
    panel: Panel
    y: Scale
    seen: Floats
    """All values, for the extremes."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """What all panels of the moment share; `zero_s` is the boot time of the scale's 0."""

    one: Judged
    window: WindowValues
    zero_s: float
    x: Scale
    points: Sequence[Point]
    dropouts: Sequence[Dropout]

    @property
    def plots(self) -> list[Plot]:
        """What there is to draw."""
        plots = (*_PLOTS, _VOLTAGE) if self.one.kind in _POWER else _PLOTS
        return [plot for plot in plots if plot.signal in self.window.low]

    def line(self, plot: Plot) -> Moment:
        """The line down at the moment, named on the first panel."""
        first = plot.signal == _PLOTS[0].signal
        facts, kind = self.one.flight.facts, self.one.kind
        return Moment(0.0, moment_name(facts, self.zero_s, kind) if first else "")

    def drawn(self, plot: Plot) -> Drawn:
        """One panel with its evidence."""
        band = _band(self.window, plot.signal, self.zero_s)
        curves = tuple(_curves(self.window, plot.signal, self.zero_s))
        seen = np.concatenate((band.low, band.high, *(curve.values for curve in curves)))
        lines = limits(plot.signal, self.one.flight.facts, _most(seen))
        marks = tuple(_marks(self, plot.signal))
        levels = [mark.value for mark in marks if mark.value is not None and self.x.holds(mark.at)]
        also = [0.0, *(line.value for line in lines), *levels]
        y = over(seen, [] if plot.signal == "voltage_v" else also, _ticks(plot))
        panel = Panel(
            plot.name, plot.signal, plot.height_px, (band,), curves, lines, marks,
            tuple(_stretches(self, plot.signal)),
        )  # fmt: skip
        return Drawn(plot, panel, y, seen)


def moment_figure(one: Judged, points: Sequence[Point], dropouts: Sequence[Dropout]) -> str:
    """The window with all its evidence; empty where nothing was sampled."""
    moment = _moment_of(one, points, dropouts)
    if moment is None:
        return ""
    panels = [
        titled(each.plot, each.seen, drawn(each.panel, moment.x, each.y, moment.line(each.plot)))
        for each in map(moment.drawn, moment.plots)
    ]
    events, x, zero_s = one.flight.events, moment.x, moment.zero_s
    parts = [*panels, axis(x), mode_lane(events, x, zero_s), message_lane(events, x, zero_s)]
    about = f"Seconds from {zero_s:.2f} s after the autopilot's start. {_LEGEND}"
    return tag("figure", "".join(parts) + tag("figcaption", text(about)))


def moment_panels(
    one: Judged, points: Sequence[Point], signals: Sequence[str]
) -> tuple[Scale, list[Drawn]]:
    """The panels of *signals* that were sampled, and the scale of seconds that they share."""
    moment = _moment_of(one, points, ())
    if moment is None:
        return seconds(0.0, 1.0), []
    return moment.x, [moment.drawn(plot) for plot in moment.plots if plot.signal in signals]


def _moment_of(
    one: Judged, points: Sequence[Point], dropouts: Sequence[Dropout]
) -> "_Moment | None":
    window, zero_s = one.window, one.moment_s
    if window is None or zero_s is None:
        return None
    start_s = window.start_boot_us / 1e6 - zero_s
    x = seconds(start_s, start_s + window.rows * window.interval_us / 1e6)
    return _Moment(one, window, zero_s, x, points, dropouts)


_LEGEND: Final = (
    "Bands: least and greatest value of each 20 ms. Lines: every sample, within 2 s of the moment."
    " Dashed: limits of the rule. Numbers: the evidence above."
)


def _ticks(plot: Plot) -> int:
    return max(3, plot.height_px // 26)


def titled(plot: Plot, seen: Floats, svg: str) -> str:
    """The panel under its name, its unit and its extremes."""
    known = seen[np.isfinite(seen)]
    extremes = ""
    if len(known):
        gravity = f" ({in_g(float(known.max()))} g)" if plot.unit == "m/s²" else ""
        unit = plot.unit if plot.unit == "°" else f" {plot.unit}"
        extremes = f"{number(known.min())} to {number(known.max())}{unit}{gravity}"
    title = tag("b", text(plot.name)) + " " + tag("span", text(plot.unit), class_="unit")
    return tag("div", title + tag("span", text(extremes), class_="extremes"), class_="title") + svg


def _most(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else 0.0


def _band(window: WindowValues, signal: str, zero_s: float) -> Band:
    low, high = numbers(window.low[signal]), numbers(window.high.get(signal, []))
    count = min(len(low), len(high))
    rows = np.arange(count, dtype=np.float64)
    at: Floats = (window.start_boot_us + (rows + 0.5) * window.interval_us) / 1e6 - zero_s
    known = np.isfinite(low[:count]) & np.isfinite(high[:count])
    at, low, high = at[known], low[:count][known], high[:count][known]
    return Band(at, low, high, _gap(at))


def _gap(at: Floats) -> float:
    """A signal that is silent for longer than this is not drawn through."""
    usual = float(np.median(np.diff(at))) if len(at) > 1 else 0.0
    return max(_GAP_S, 3 * usual)


def _curves(window: WindowValues, signal: str, zero_s: float) -> Iterator[Curve]:
    samples = window.full.get(signal)
    if samples is not None and len(samples.times_us) == len(samples.values):
        times = np.asarray(samples.times_us, np.float64) + window.start_boot_us
        yield Curve(times / 1e6 - zero_s, np.asarray(samples.values, np.float64), _GAP_S)


def _marks(moment: _Moment, signal: str) -> Iterator[Mark]:
    for point in moment.points:
        if point.panel == signal and point.drawn_s is not None:
            about = f"{point.label}. {point.about}: {point.value}"
            yield Mark(point.drawn_s - moment.zero_s, point.label, about, point.level)


def _stretches(moment: _Moment, signal: str) -> Iterator[Stretch]:
    """The fall, the time beyond 60 degrees, and what the logger lost."""
    facts, zero_s = moment.one.flight.facts, moment.zero_s
    fall_s, lost_s = facts.get("fall_boot_s"), facts.get("tilt_over_60_boot_s")
    if signal in ("height_m", "climb_m_s") and fall_s is not None:
        end_s = facts.get("contact_boot_s", facts.get("end_boot_s", fall_s))
        if facts.get("fall_m", 0) >= _FALLEN_M and end_s > fall_s:
            label = f"fell {facts['fall_m']:.0f} m in {span(end_s - fall_s)}"
            shown = label if signal == "height_m" else ""
            yield Stretch(fall_s - zero_s, end_s - zero_s, "fall", label, shown, is_low=True)
    lasted = facts.get("tilt_over_60_s", 0)
    if signal == "tilt_deg" and lost_s is not None and lasted >= _LOST_S:
        about = f"beyond 60° for {span(lasted)}"
        yield Stretch(lost_s - zero_s, lost_s + lasted - zero_s, "fall", about, about)
    yield from dropped(moment.dropouts, zero_s, moment.x)


def dropped(dropouts: Sequence[Dropout], zero_s: float, x: Scale) -> Iterator[Stretch]:
    """What the logger lost within a scale that begins at *zero_s* since boot."""
    for one in dropouts:
        first = one.boot_s - zero_s
        if first < x.high and first + one.duration_s > x.low:
            about = f"the logger lost {span(one.duration_s)}"
            yield Stretch(first, first + one.duration_s, "dropout", about)
