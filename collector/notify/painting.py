"""Plots as PNG, for mail programs, which show no SVG. Sole owner of Pillow.

The panels are those of `explain` (`explain/figures`). Curves are drawn larger than they are
kept, which makes them smooth; words are set after that, in the typeface that Pillow brings along,
so no font need be installed.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from windsock.collector.explain.figures import Drawn
from windsock.collector.explain.plots import Band, Curve, Limit, Mark, Stretch
from windsock.collector.explain.reading import Floats
from windsock.collector.explain.scales import Scale

WIDTH_PX: Final = 622
"""As shown in a mail."""
_SHARP: Final = 2
"""Pixels of the file to one that is shown, across and down."""
_SMOOTH: Final = 2
_FINE: Final = _SHARP * _SMOOTH
_LEFT, _RIGHT, _TITLE, _FOOT = 46, 12, 24, 26
_COLOURS: Final = 64
_WHITE, _GRID, _AXIS = "#ffffff", "#e6eaee", "#b9c2cb"
_INK, _PALE = "#1c2733", "#66727f"
_BAND, _EDGE, _LINE, _LIMIT = "#c3d6ea", "#86acd4", "#2563a8", "#c0392b"
_EVENT, _MARK, _TINT = "#8a3324", "#1c2733", "#f8e7e0"
_LEAST_APART: Final = 20.0
_CROWDED: Final = 16.0
"""Nearer than that to a panel's name, a limit's goes below its line."""
_DASH: Final = 6
_REPLACED: Final = str.maketrans({"\u2212": "-", "²": "2", "\u00a0": " ", "\u2011": "-"})
"""What Pillow's typeface lacks."""


class _Ink(NamedTuple):
    """How words look, and which corner of them is put to the place (Pillow's anchors)."""

    colour: str
    anchor: str
    size: float = 11


class _Frame(NamedTuple):
    """Where a panel lies on the picture, in pixels as shown."""

    x: Scale
    y: Scale
    top: float
    height: float

    def across(self, value: float) -> float:
        """Pixels from the left."""
        return _LEFT + min(max(self.x.share(value), 0.0), 1.0) * (WIDTH_PX - _LEFT - _RIGHT)

    def down(self, value: float) -> float:
        """Pixels from the top."""
        return self.top + (1 - min(max(self.y.share(value), 0.0), 1.0)) * self.height

    def points(self, at: Floats, values: Floats) -> list[tuple[float, float]]:
        """Places on the large drawing, held within the panel."""
        known = np.isfinite(at) & np.isfinite(values)
        return [
            (_FINE * self.across(one), _FINE * self.down(value))
            for one, value in zip(at[known], values[known], strict=True)
        ]


def painted(x: Scale, panels: Sequence[Drawn], event: str) -> bytes:
    """A PNG of *panels*, one below the other, with a line down at 0, which is called *event*."""
    frames, height = _laid_out(x, panels)
    large = Image.new("RGB", (WIDTH_PX * _FINE, round(height * _FINE)), _WHITE)
    pen = ImageDraw.Draw(large)
    for drawn, frame in zip(panels, frames, strict=True):
        _paint(pen, drawn, frame)
    picture = large.reduce(_SMOOTH)
    pen = ImageDraw.Draw(picture)
    for drawn, frame in zip(panels, frames, strict=True):
        _label(pen, drawn, frame)
    _foot(pen, frames[-1], event)
    data = BytesIO()
    picture.quantize(_COLOURS).save(data, "PNG", optimize=True)
    return data.getvalue()


def _laid_out(x: Scale, panels: Sequence[Drawn]) -> tuple[list[_Frame], float]:
    frames, top = [], 0.0
    for drawn in panels:
        height = float(drawn.panel.height_px)
        frames.append(_Frame(x, drawn.y, top + _TITLE, height))
        top += _TITLE + height + 8
    return frames, top + _FOOT


def _paint(pen: ImageDraw.ImageDraw, drawn: Drawn, frame: _Frame) -> None:
    panel = drawn.panel
    for stretch in panel.stretches:
        _tint(pen, stretch, frame)
    _grid(pen, frame)
    event = frame.across(0.0)
    _stroke(pen, [(event, frame.top), (event, frame.top + frame.height)], _EVENT, 1.2)
    for band in panel.bands:
        _area(pen, band, frame)
    for curve in panel.curves:
        _curve(pen, curve, frame)
    for limit in panel.limits:
        _dashed(pen, limit, frame)
    for _, (right, down) in _placed(panel.marks, frame):
        box = [_FINE * side for side in (right - 8, down - 8, right + 8, down + 8)]
        pen.ellipse(box, fill=_MARK)


def _stroke(
    pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], colour: str, width: float
) -> None:
    large = [(_FINE * right, _FINE * down) for right, down in points]
    pen.line(large, fill=colour, width=round(width * _FINE), joint="curve")


def _tint(pen: ImageDraw.ImageDraw, stretch: Stretch, frame: _Frame) -> None:
    first, last = frame.across(stretch.first), frame.across(stretch.last)
    box = (first, frame.top, max(last, first + 1), frame.top + frame.height)
    pen.rectangle([_FINE * side for side in box], fill=_TINT)


def _grid(pen: ImageDraw.ImageDraw, frame: _Frame) -> None:
    bottom = frame.top + frame.height
    for tick in frame.x.ticks:
        place = frame.across(tick)
        _stroke(pen, [(place, frame.top), (place, bottom)], _GRID, 1)
    for tick in frame.y.ticks:
        level = frame.down(tick)
        colour = _AXIS if tick == 0 else _GRID
        _stroke(pen, [(_LEFT, level), (WIDTH_PX - _RIGHT, level)], colour, 1)


def _area(pen: ImageDraw.ImageDraw, band: Band, frame: _Frame) -> None:
    for piece in _pieces(band.at, band.gap):
        high = frame.points(band.at[piece], band.high[piece])
        low = frame.points(band.at[piece], band.low[piece])
        if len(high) > 1:
            pen.polygon(high + low[::-1], fill=_BAND)
            for edge in (high, low):  # seen where they are one
                pen.line(edge, fill=_EDGE, width=_FINE)


def _curve(pen: ImageDraw.ImageDraw, curve: Curve, frame: _Frame) -> None:
    for piece in _pieces(curve.at, curve.gap):
        points = frame.points(curve.at[piece], curve.values[piece])
        if len(points) > 1:
            pen.line(points, fill=_LINE, width=round(1.6 * _FINE), joint="curve")


def _pieces(at: Floats, gap: float) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Rows of *at* (n,), split where it leaps by more than *gap*."""
    return np.split(np.arange(len(at)), np.flatnonzero(np.diff(at) > gap) + 1)


def _dashed(pen: ImageDraw.ImageDraw, limit: Limit, frame: _Frame) -> None:
    if not frame.y.holds(limit.value):
        return
    level = frame.down(limit.value)
    for left in range(_LEFT, WIDTH_PX - _RIGHT, 2 * _DASH):
        _stroke(pen, [(left, level), (left + _DASH, level)], _LIMIT, 1.2)


def _placed(marks: Sequence[Mark], frame: _Frame) -> list[tuple[Mark, tuple[float, float]]]:
    """Badges where their evidence lies, those of one time beside each other."""
    placed: list[tuple[Mark, tuple[float, float]]] = []
    for mark in sorted(marks, key=lambda one: one.at):
        if not frame.x.holds(mark.at):
            continue
        right = frame.across(mark.at)
        bottom = frame.top + frame.height
        down = bottom if mark.value is None else frame.down(mark.value)
        taken = [there for _, (there, _) in placed]
        while any(abs(right - there) < _LEAST_APART for there in taken):
            right += _LEAST_APART
        placed.append((mark, (right, min(max(down, frame.top + 9), bottom - 9))))
    return placed


def _label(pen: ImageDraw.ImageDraw, drawn: Drawn, frame: _Frame) -> None:
    unit = f" ({drawn.plot.unit})"
    _write(pen, (_LEFT, frame.top - 8), drawn.plot.name + unit, _Ink(_INK, "ls", 13))
    for tick in frame.y.ticks:
        place = (_LEFT - 6.0, frame.down(tick))
        _write(pen, place, frame.y.label(tick), _Ink(_PALE, "rm"))
    for limit in drawn.panel.limits:
        if frame.y.holds(limit.value):
            level = frame.down(limit.value)
            above = level - frame.top > _CROWDED
            place = (_LEFT + 5.0, level - 3 if above else level + 13)
            _write(pen, place, limit.name, _Ink(_LIMIT, "ls"))
    for mark, place in _placed(drawn.panel.marks, frame):
        _write(pen, place, mark.label, _Ink(_WHITE, "mm"))


def _foot(pen: ImageDraw.ImageDraw, frame: _Frame, event: str) -> None:
    """The seconds, and what happened at 0."""
    level = frame.top + frame.height + 6
    for tick in frame.x.ticks:
        if tick:
            _write(pen, (frame.across(tick), level), frame.x.label(tick), _Ink(_PALE, "ma"))
    _write(pen, (frame.across(0.0), level), event, _Ink(_EVENT, "ma"))


def _write(pen: ImageDraw.ImageDraw, place: tuple[float, float], words: str, ink: _Ink) -> None:
    right, down = place[0] * _SHARP, place[1] * _SHARP
    font = ImageFont.load_default(ink.size * _SHARP)
    shown = words.translate(_REPLACED)
    pen.text((right, down), shown, fill=ink.colour, font=font, anchor=ink.anchor)
