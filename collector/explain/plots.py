"""Plots as SVG that grows with the page: places across in per cent, heights in pixels. Pure.

Curves lie in an inner SVG that is stretched; labels, ticks and marks lie outside of it and keep
their size, on a phone as on a wide screen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.explain.markup import tag, text, void
from windsock.collector.explain.reading import Floats
from windsock.collector.explain.scales import Scale

_WIDE: Final = 10_000
"""Units of the stretched drawing across; 10 to a pixel down."""
_FINE: Final = 10
_APART: Final = 2.5
"""Marks closer than that many per cent stand side by side."""
_EDGE_PX: Final = 10.0
_RIGHT: Final = 75.0
"""Labels and badges further right than that many per cent go to the left."""
_NEAR: Final = 15.0
_HIGH_PX: Final = 30.0


@dataclass(frozen=True, slots=True)
class Curve:
    """Values (n,) at places (n,) on the horizontal scale; NaN breaks it, as does a `gap`."""

    at: Floats
    values: Floats
    gap: float = np.inf


@dataclass(frozen=True, slots=True)
class Band:
    """Minima and maxima (n,) at places (n,), drawn as a filled area."""

    at: Floats
    low: Floats
    high: Floats
    gap: float = np.inf


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold: a dashed line across with its name."""

    value: float
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered badge at a place; `value` None puts it to the bottom."""

    at: float
    label: str
    about: str
    value: float | None = None


class Moment(NamedTuple):
    """What a figure turns on."""

    at: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the time that is tinted; `kind` is a class of the style sheet."""

    first: float
    last: float
    kind: str
    about: str
    label: str = ""
    is_low: bool = False
    """True where its label belongs to the bottom, away from the curve."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot: everything but its scales."""

    name: str
    kind: str
    height_px: int = 120
    bands: tuple[Band, ...] = ()
    curves: tuple[Curve, ...] = ()
    limits: tuple[Limit, ...] = ()
    marks: tuple[Mark, ...] = ()
    stretches: tuple[Stretch, ...] = field(default=())


def drawn(panel: Panel, x: Scale, y: Scale, moment: Moment | None = None) -> str:
    """The panel as one SVG element, with a line down at a moment."""
    parts = [
        *(_stretch(one, x, panel.height_px) for one in panel.stretches),
        *_grid(x, y, panel.height_px),
        _curves(panel, x, y),
        *(_limit(one, y, panel.height_px) for one in panel.limits if y.holds(one.value)),
        *_moment(moment, panel, x, y),
        *(_label(one, x, panel.height_px) for one in panel.stretches if one.label),
        *_marks(panel, x, y),
    ]
    return tag(
        "svg", "".join(parts), class_=f"plot {panel.kind}", height=panel.height_px, role="img",
        aria_label=panel.name,
    )  # fmt: skip


def axis(x: Scale) -> str:
    """The ticks of the horizontal scale, for beneath the lowest panel."""
    labels = (
        tag("text", text(x.label(tick)), x=_across(x, tick), y=14, text_anchor="middle",
            class_="tick" if index % 2 == 0 else "tick odd")
        for index, tick in enumerate(x.ticks)
    )  # fmt: skip
    return tag("svg", "".join(labels), class_="axis", height=20, aria_hidden="true")


def _across(x: Scale, value: float) -> str:
    return f"{100 * min(max(x.share(value), 0.0), 1.0):.2f}%"


def _down(y: Scale, value: float, height_px: int) -> float:
    return round((1 - min(max(y.share(value), 0.0), 1.0)) * height_px, 1)


def _grid(x: Scale, y: Scale, height_px: int) -> Iterable[str]:
    for tick in x.ticks:
        place = _across(x, tick)
        yield void("line", class_="grid", x1=place, x2=place, y1=0, y2=height_px)
    for tick in y.ticks:
        level = _down(y, tick, height_px)
        kind = "grid zero" if tick == 0 else "grid"
        yield void("line", class_=kind, x1=0, x2="100%", y1=level, y2=level)
        yield tag("text", text(y.label(tick)), class_="tick", x=-6, y=level + 4, text_anchor="end")


def _stretch(one: Stretch, x: Scale, height_px: int) -> str:
    first, last = (min(max(x.share(value), 0.0), 1.0) for value in (one.first, one.last))
    return tag(
        "rect", tag("title", text(one.about)), class_=one.kind, x=f"{100 * first:.2f}%", y=0,
        width=f"{100 * max(last - first, 0.0):.2f}%", height=height_px,
    )  # fmt: skip


def _label(one: Stretch, x: Scale, height_px: int) -> str:
    return tag(
        "text", text(one.label), class_="label", x=_across(x, one.first), dx=-6,
        y=height_px - 8 if one.is_low else 14, text_anchor="end",
    )  # fmt: skip


def _limit(one: Limit, y: Scale, height_px: int) -> str:
    level = _down(y, one.value, height_px)
    above = level - 4 if level > 2 * _EDGE_PX else level + 12
    line = void("line", class_="limit", x1=0, x2="100%", y1=level, y2=level)
    return line + tag("text", text(one.name), class_="limit", x=4, y=above)


def _moment(moment: Moment | None, panel: Panel, x: Scale, y: Scale) -> Iterable[str]:
    if moment is None or not x.holds(moment.at):
        return
    place = _across(x, moment.at)
    yield void("line", class_="moment", x1=place, x2=place, y1=0, y2=panel.height_px)
    if moment.name:
        left = 100 * x.share(moment.at) > _RIGHT
        low = _crowded(moment, panel, x, y)
        aside = _EDGE_PX + 4 if low else 6
        yield tag(
            "text", text(moment.name), class_="label", x=place, dx=-aside if left else aside,
            y=panel.height_px - 8 if low else 14,
            text_anchor="end" if left else None,
        )  # fmt: skip


def _crowded(moment: Moment, panel: Panel, x: Scale, y: Scale) -> bool:
    """True where a badge or a curve has the place at the top."""
    near = (one for one in panel.marks if 100 * abs(x.share(one.at) - x.share(moment.at)) < _NEAR)
    if any(_level(one, y, panel.height_px) < _HIGH_PX for one in near):
        return True
    here = x.share(moment.at)
    way = -_NEAR if 100 * here > _RIGHT else _NEAR
    tops = [
        value
        for curve in panel.curves
        for at, value in zip(curve.at, curve.values, strict=True)
        if 0 <= 100 * (x.share(at) - here) / way <= 1 and np.isfinite(value)
    ]
    return bool(tops) and _down(y, max(tops), panel.height_px) < _HIGH_PX - 6


def _marks(panel: Panel, x: Scale, y: Scale) -> Iterable[str]:
    """Badges where their evidence lies, those of one time beside each other."""
    taken: list[float] = []
    for mark in sorted(panel.marks, key=lambda one: one.at):
        if not x.holds(mark.at):
            continue
        place = 100 * x.share(mark.at)
        beside = sum(abs(place - other) < _APART for other in taken)
        taken.append(place)
        yield _badge(mark, place, _level(mark, y, panel.height_px), beside)


def _level(mark: Mark, y: Scale, height_px: int) -> float:
    level = height_px if mark.value is None else _down(y, mark.value, height_px)
    return min(max(level, _EDGE_PX), height_px - _EDGE_PX)


def _badge(mark: Mark, place: float, level: float, beside: int) -> str:
    circle = void("circle", cx=f"{place:.2f}%", cy=level, r=9)
    label = tag("text", text(mark.label), x=f"{place:.2f}%", y=level + 4, text_anchor="middle")
    moved = f"translate({(-20 if place > _RIGHT else 20) * beside},0)" if beside else None
    return tag(
        "g", tag("title", text(mark.about)) + circle + label, class_="mark", transform=moved
    )


def _curves(panel: Panel, x: Scale, y: Scale) -> str:
    paths = [
        *(void("path", class_="band", d=_band(one, x, y, panel.height_px)) for one in panel.bands),
        *(
            void("path", class_="line", d=_line(one, x, y, panel.height_px))
            for one in panel.curves
        ),
    ]
    return tag(
        "svg", "".join(paths), viewBox=f"0 0 {_WIDE} {panel.height_px * _FINE}", width="100%",
        height=panel.height_px, preserveAspectRatio="none",
    )  # fmt: skip


def _line(curve: Curve, x: Scale, y: Scale, height_px: int) -> str:
    pieces = _pieces(curve.at, [curve.values], curve.gap)
    return "".join(
        _path(_places(x, at), _levels(y, values, height_px)) for at, (values,) in pieces
    )


def _band(band: Band, x: Scale, y: Scale, height_px: int) -> str:
    """Along the maxima and back along the minima."""
    outlines = []
    for at, (low, high) in _pieces(band.at, [band.low, band.high], band.gap):
        places = _places(x, at)
        levels = np.concatenate((_levels(y, high, height_px), _levels(y, low, height_px)[::-1]))
        outlines.append(_path(np.concatenate((places, places[::-1])), levels) + "z")
    return "".join(outlines)


def _pieces(
    at: Floats, values: Sequence[Floats], gap: float
) -> Iterable[tuple[Floats, list[Floats]]]:
    """The runs without a missing value and without a gap."""
    known = np.isfinite(at) & np.all([np.isfinite(one) for one in values], axis=0)
    kept, rows = at[known], [one[known] for one in values]
    cuts = np.flatnonzero(np.diff(kept) > gap) + 1
    for piece in np.split(np.arange(len(kept)), cuts):
        if len(piece):
            yield kept[piece], [one[piece] for one in rows]


def _places(x: Scale, at: Floats) -> Floats:
    return np.rint(np.clip(x.shares(at), -1.0, 2.0) * _WIDE)


def _levels(y: Scale, values: Floats, height_px: int) -> Floats:
    return np.rint((1 - np.clip(y.shares(values), -1.0, 2.0)) * height_px * _FINE)


def _path(places: Floats, levels: Floats) -> str:
    """Relative steps, those that go nowhere left out; one point is a dot."""
    points = np.stack((places, levels), axis=1).astype(np.int64)
    steps = np.diff(points, axis=0)
    moved = steps[steps.any(axis=1)]
    start = f"M{points[0][0]} {points[0][1]}"
    if not len(moved):
        return f"{start}h1"
    return f"{start}l" + " ".join(f"{right} {down}" for right, down in moved.tolist())
