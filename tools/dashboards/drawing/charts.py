"""Charts over time as SVG: lines, bars, stacks, points and lanes of states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tools.dashboards.drawing.axes import GRID, Plot, line_of, svg, text, time_axis
from tools.dashboards.drawing.values import PALETTE, Config, color, number, ticks
from tools.dashboards.frames import Frame

_FEW = 60
"""So few points are drawn beside their line."""


@dataclass
class Line:
    """One series as it is drawn: values, settings, and on which base they stand."""

    name: str
    times: list[int]
    values: list[float | None]
    config: Config
    color: str
    base: list[float] | None = None

    @property
    def right(self) -> bool:
        """Whether its axis is the right one."""
        return bool(self.config.get("custom.axisPlacement") == "right")


def series(panel: Mapping[str, Any], found: Sequence[Frame], plot: Plot) -> str:
    """A ``timeseries`` panel's chart."""
    lines = _lines(panel, found)
    if any(line.right for line in lines):
        plot = Plot(plot.width, plot.height, plot.from_ms, plot.to_ms, plot.left, 50, plot.marks)
    if panel["fieldConfig"]["defaults"]["custom"].get("stacking", {}).get("mode") == "normal":
        _stack(lines)
    parts = [*time_axis(plot)]
    for side in (False, True):
        of_side = [line for line in lines if line.right == side]
        if of_side:
            low, high = _extent(of_side)
            parts += _value_axis(plot, of_side[0], (low, high), right=side)
            bars = [one for one in of_side if one.config.get("custom.drawStyle") == "bars"]
            for line in of_side:
                shift = (bars.index(line), len(bars)) if line in bars else None
                parts += _drawn(plot, line, (low, high), shift)
    parts += [line_of(plot, mark) for mark in plot.marks]
    return svg(plot, parts)


def legend(panel: Mapping[str, Any], found: Sequence[Frame]) -> list[tuple[str, str]]:
    """Name and colour of each series."""
    return [(line.config.get("displayName", line.name), line.color)
            for line in _lines(panel, found)]  # fmt: skip


def spark(values: Sequence[float | None], fill: str, width: float, height: float) -> str:
    """A small area below a number."""
    known = [value for value in values if value is not None]
    if not known or len(values) == 1:
        return ""
    low, high = min(*known, 0), max(known) or 1
    step = width / (len(values) - 1)
    dots = [(place * step, height - (value - low) / ((high - low) or 1) * (height - 3))
            for place, value in enumerate(values) if value is not None]  # fmt: skip
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    first, last = dots[0][0], dots[-1][0]
    return (
        f'<svg class="spark" width="{width}" height="{height}">'
        f'<polygon points="{first:.1f},{height} {path} {last:.1f},{height}" fill="{fill}"'
        f' opacity="0.18"/><polyline points="{path}" fill="none" stroke="{fill}"/></svg>'
    )


def lanes(panel: Mapping[str, Any], found: Sequence[Frame], plot: Plot) -> str:
    """A ``state-timeline`` panel's chart."""
    plot = Plot(plot.width, plot.height, plot.from_ms, plot.to_ms, 92, 10, plot.marks)
    parts = [*time_axis(plot)]
    height = plot.bottom / max(len(found), 1)
    words: dict[str, str] = {}
    for row, frame in enumerate(found):
        y = row * height + height * 0.12
        parts.append(text(plot.left - 8, y + height * 0.38 + 4, frame.name, "end"))
        config = Config.of(panel, frame.name)
        for value, start_ms, end_ms in _stretches(frame, plot.to_ms):
            fill = config.color(value) if config.get("mappings") else words.setdefault(
                str(value), PALETTE[len(words) % len(PALETTE)])  # fmt: skip
            x, width = plot.x(start_ms), plot.x(end_ms) - plot.x(start_ms)
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}"'
                f' height="{height * 0.76:.1f}" fill="{fill}" opacity="0.75"/>'
            )
            said = config.shown(value)
            if width > 7 * len(said) + 6:
                parts.append(text(x + width / 2, y + height * 0.38 + 4, said, "middle", "#fff"))
    return svg(plot, parts)


def _lines(panel: Mapping[str, Any], found: Sequence[Frame]) -> list[Line]:
    made = []
    for place, frame in enumerate(found):
        config = Config.of(panel, frame.name)
        fixed = (config.get("color") or {}).get("fixedColor")
        made.append(Line(
            frame.name, frame.columns["Time"], list(frame.columns["Value"]), config,
            color(fixed) if fixed else PALETTE[place % len(PALETTE)],
        ))  # fmt: skip
    return made


def _stack(lines: Sequence[Line]) -> None:
    """Each line on those before it, by moment."""
    tops: dict[int, float] = {}
    for line in lines:
        line.base = [tops.get(at, 0.0) for at in line.times]
        line.values = [base + (value or 0) for base, value in
                       zip(line.base, line.values, strict=True)]  # fmt: skip
        tops |= dict(zip(line.times, [value or 0.0 for value in line.values], strict=True))


def _extent(lines: Sequence[Line]) -> tuple[float, float]:
    known = [value for line in lines for value in line.values if value is not None]
    config = lines[0].config
    soft = config.get("custom.axisSoftMin", 0)
    low = config.get("min", min([*known, soft]) if known else 0)
    high = config.get("max", max(known, default=1))
    if high <= low:
        high = low + 1
    if config.get("max") is None:
        high += (high - low) * 0.06
    return low, high


def _y(plot: Plot, value: float, extent: tuple[float, float]) -> float:
    low, high = extent
    return plot.bottom - (value - low) / (high - low) * (plot.bottom - 6)


def _drawn(
    plot: Plot, line: Line, extent: tuple[float, float], shift: tuple[int, int] | None
) -> list[str]:
    known = [
        (at, value, line.base[place] if line.base else extent[0])
        for place, (at, value) in enumerate(zip(line.times, line.values, strict=True))
        if value is not None or not line.config.get("custom.spanNulls")
    ]
    if shift:
        return _bars(plot, line, extent, shift, [one for one in known if one[1] is not None])
    parts = []
    fill = line.config.get("custom.fillOpacity", 0) / 100
    for is_known, run in groupby(known, key=lambda one: one[1] is not None):
        if is_known:
            parts.append(_run(plot, line, extent, fill, list(run)))
    shown = line.config.get("custom.showPoints")
    if shown == "always" or (shown == "auto" and len(known) < _FEW):
        parts += [
            f'<circle cx="{plot.x(at):.1f}" cy="{_y(plot, value, extent):.1f}" r="2.6"'
            f' fill="{line.color}"/>'
            for at, value, _ in known if value is not None
        ]  # fmt: skip
    return parts


def _run(plot: Plot, line: Line, extent: tuple[float, float], fill: float, run: list[Any]) -> str:
    top = [f"{plot.x(at):.1f},{_y(plot, value, extent):.1f}" for at, value, _ in run]
    below = [f"{plot.x(at):.1f},{_y(plot, base, extent):.1f}" for at, _, base in reversed(run)]
    width = line.config.get("custom.lineWidth", 1)
    return (
        f'<polygon points="{" ".join(top + below)}" fill="{line.color}" opacity="{fill}"/>'
        f'<polyline points="{" ".join(top)}" fill="none" stroke="{line.color}"'
        f' stroke-width="{width}"/>'
    )


def _bars(
    plot: Plot, line: Line, extent: tuple[float, float], shift: tuple[int, int], known: list[Any]
) -> list[str]:
    gaps = [later - at for at, later in zip(line.times, line.times[1:], strict=False)]
    step = plot.x(min(gaps)) - plot.x(0) if gaps else 20
    step = min(step if gaps else 20, 40)
    place, count = shift
    width = max(step * 0.8 / count, 1)
    return [
        f'<rect x="{plot.x(at) - step * 0.4 + place * width:.1f}"'
        f' y="{_y(plot, value, extent):.1f}" width="{width:.1f}"'
        f' height="{_y(plot, base, extent) - _y(plot, value, extent):.1f}" fill="{line.color}"'
        ' opacity="0.75"/>'
        for at, value, base in known
    ]


def _value_axis(plot: Plot, line: Line, extent: tuple[float, float], *, right: bool) -> list[str]:
    parts = []
    for value in ticks(*extent):
        y = _y(plot, value, extent)
        if not right:
            parts.append(
                f'<line x1="{plot.left}" x2="{plot.width - plot.right}" y1="{y:.1f}"'
                f' y2="{y:.1f}" stroke="{GRID}"/>'
            )
        x, anchor = (plot.width - plot.right + 5, "start") if right else (plot.left - 6, "end")
        said = number(value, line.config.get("unit", "short"))
        parts.append(text(x, y + 4, said, anchor))
    if line.config.get("custom.thresholdsStyle", {}).get("mode") == "dashed":
        for step in line.config.get("thresholds")["steps"]:
            if step["value"] is not None and extent[0] <= step["value"] <= extent[1]:
                y = _y(plot, step["value"], extent)
                parts.append(
                    f'<line x1="{plot.left}" x2="{plot.width - plot.right}" y1="{y:.1f}"'
                    f' y2="{y:.1f}" stroke="{color(step["color"])}" stroke-dasharray="6 5"/>'
                )
    return parts


def _stretches(frame: Frame, end_ms: int) -> list[tuple[Any, int, int]]:
    """Equal values together, each until the next."""
    pairs = [(at, value) for at, value in
             zip(frame.columns["Time"], frame.columns["Value"], strict=True)
             if value is not None]  # fmt: skip
    runs = [(value, list(run)) for value, run in groupby(pairs, key=lambda pair: pair[1])]
    starts = [run[0][0] for _, run in runs] + [end_ms]
    return [(value, starts[place], starts[place + 1]) for place, (value, _) in enumerate(runs)]
