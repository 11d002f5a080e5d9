"""A whole dashboard as one HTML page, in Grafana's manner."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from tools.dashboards.drawing.axes import Mark, Plot
from tools.dashboards.drawing.charts import lanes, legend, series, spark
from tools.dashboards.drawing.values import Config, color, moment
from tools.dashboards.frames import Ask, Frame, View, frames, of_panel

WIDTH = 1400
_CELL, _GAP = 38, 8
_HEAD = 80
NOTICE = "drawn from the panels' real query results; not Grafana's own rendering"
_STYLE = """
* { box-sizing: border-box; margin: 0 }
body { background: #111217; color: #ccccdc; font: 13px Inter, "DejaVu Sans", sans-serif;
       width: %(width)spx; height: %(height)spx; position: relative }
header { padding: 12px 16px; display: flex; gap: 14px; align-items: center; flex-wrap: wrap }
header h1 { font-size: 17px; font-weight: 500; margin-right: auto }
.chip { background: #181b1f; border: 1px solid #2c2f35; border-radius: 2px; padding: 4px 10px }
.chip b { color: #8ab8ff; font-weight: 500; margin-right: 8px }
.notice { position: absolute; top: 52px; left: 16px; right: 16px; color: #ffb357;
          font-size: 12px }
.panel { position: absolute; background: #181b1f; border: 1px solid #24272d; border-radius: 3px;
         overflow: hidden }
.panel h2 { font-size: 13px; font-weight: 500; padding: 7px 10px }
.row { position: absolute; font-size: 15px; font-weight: 500; padding: 8px 4px }
.number { position: absolute; inset: 26px 0 8px; display: flex; align-items: center;
          justify-content: center; font-size: 36px; font-weight: 500; z-index: 1 }
.spark { position: absolute; bottom: 0; left: 0 }
.legend { padding: 2px 12px; color: #aeb0bb; font-size: 11px; white-space: nowrap }
.legend i { display: inline-block; width: 14px; height: 4px; border-radius: 2px;
            margin: 0 6px 3px 0 }
.legend span { margin-right: 9px }
table { border-collapse: collapse; width: 100%%; font-size: 12px }
th { text-align: left; color: #8ab8ff; font-weight: 500; padding: 5px 10px;
     border-bottom: 1px solid #2c2f35; white-space: nowrap }
td { padding: 4px 10px; border-bottom: 1px solid #22252b; white-space: nowrap; max-width: 420px;
     overflow: hidden; text-overflow: ellipsis }
.link { color: #6e9fff; text-decoration: underline }
.nothing { color: #8e8ea0; padding: 18px }
svg text { font: 11px Inter, "DejaVu Sans", sans-serif }
"""


@dataclass(frozen=True)
class Shown:
    """A dashboard, what is looked at, and whom to ask."""

    board: Mapping[str, Any]
    view: View
    ask: Ask
    choices: Mapping[str, str]
    """What stands at the top for each variable."""


def page(shown: Shown) -> tuple[str, int]:
    """The page, and its height in px."""
    tiles = shown.board["panels"]
    height = _HEAD + max(_box(tile)[1] + _box(tile)[3] for tile in tiles) + 12
    marks = _marks(shown)
    body = "".join(_tile(shown, tile, marks) for tile in tiles)
    chips = "".join(
        f'<div class="chip"><b>{escape(name)}</b>{escape(value)}</div>'
        for name, value in shown.choices.items()
    )
    since, until = moment(shown.view.from_ms), moment(shown.view.to_ms)
    return (
        f"<!doctype html><meta charset=utf-8><title>{escape(shown.board['title'])}</title>"
        f"<style>{_STYLE % {'width': WIDTH, 'height': height}}</style>"
        f"<header><h1>{escape(shown.board['title'])}</h1>{chips}"
        f'<div class="chip">{since} to {until} UTC</div></header>'
        f'<p class="notice">A simulated fleet, {NOTICE}.</p>{body}',
        height,
    )


def _box(tile: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Left, top, width, height below the head."""
    at = tile["gridPos"]
    column = (WIDTH - 2 * _GAP) / 24
    return (_GAP + at["x"] * column, at["y"] * _CELL, at["w"] * column - _GAP,
            at["h"] * _CELL - _GAP)  # fmt: skip


def _tile(shown: Shown, tile: Mapping[str, Any], marks: Sequence[Mark]) -> str:
    left, top, width, height = _box(tile)
    place = (
        f'style="left:{left:.0f}px;top:{top + _HEAD:.0f}px;width:{width:.0f}px;'
        f'height:{height:.0f}px"'
    )
    title = tile["title"]
    for name, value in shown.choices.items():
        title = title.replace(f"${name.lower()}", value)
    if tile["type"] == "row":
        return f'<div class="row" {place}>&#9662; {escape(title)}</div>'
    found = of_panel(shown.ask, tile, shown.view)
    drawn = _content(shown, tile, found, (width, height), marks) if found else (
        f'<p class="nothing">{escape(tile["fieldConfig"]["defaults"]["noValue"])}</p>'
    )  # fmt: skip
    return f'<section class="panel" {place}><h2>{escape(title)}</h2>{drawn}</section>'


def _content(
    shown: Shown,
    tile: Mapping[str, Any],
    found: list[Frame],
    size: tuple[float, float],
    marks: Sequence[Mark],
) -> str:
    width, height = size
    view = shown.view
    below = Plot(width, height - 60, view.from_ms, view.to_ms, marks=marks)
    match tile["type"]:
        case "stat":
            return _stat(tile, found[0], width, height)
        case "table":
            return _table(tile, found[0], height)
        case "geomap":
            return _map(tile, found[0], width, height)
        case "state-timeline":
            return lanes(tile, found, Plot(width, height - 36, view.from_ms, view.to_ms))
        case _:
            return series(tile, found, below) + _legend(legend(tile, found))


def _legend(names: Sequence[tuple[str, str]]) -> str:
    said = "".join(
        f'<span><i style="background:{fill}"></i>{escape(name)}</span>' for name, fill in names
    )
    return f'<div class="legend">{said}</div>'


def _stat(tile: Mapping[str, Any], frame: Frame, width: float, height: float) -> str:
    values = frame.columns["Value"]
    known = [value for value in values if value is not None]
    last = tile["options"]["reduceOptions"]["calcs"] == ["last"]
    value = values[-1] if last else known[-1] if known else None
    config = Config.of(tile, frame.name)
    said = config.get("noValue") if value in (None, "") else config.shown(value)
    fill = config.color(value)
    size = f' style="font-size:{min(36, max(14, 300 // max(len(said), 1)))}px"'
    below = spark(values, fill, width, height * 0.42) if tile["options"].get(
        "graphMode") == "area" else ""  # fmt: skip
    return (
        f'<div class="number"{size}><span style="color:{fill}">{escape(said)}</span></div>{below}'
    )


def _table(tile: Mapping[str, Any], frame: Frame, height: float) -> str:
    configs = {name: Config.of(tile, name) for name in frame.columns}
    visible = [name for name, config in configs.items() if not config.get("custom.hidden")]
    head = "".join(
        f"<th>{escape(str(configs[name].get('displayName', name)))}</th>" for name in visible
    )
    rows = "".join(
        f"<tr>{''.join(_cell(configs[name], name, frame.columns[name][row]) for name in visible)}"
        "</tr>"
        for row in _order(tile, frame)[: max(int((height - 62) // 25), 1)]
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def _order(tile: Mapping[str, Any], frame: Frame) -> list[int]:
    places = list(range(len(frame)))
    shown = {Config.of(tile, name).get("displayName", name): name for name in frame.columns}
    for by in tile["options"].get("sortBy", []):
        column = frame.columns[shown[by["displayName"]]]
        places.sort(key=lambda place: (column[place] is not None, column[place] or 0)
                    if not isinstance(column[place], str) else (True, column[place]),
                    reverse=by.get("desc", False))  # fmt: skip
    return places


def _cell(config: Config, name: str, value: Any) -> str:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
    said = moment(value) if name == "Time" else config.shown(value)
    style = ""
    if config.get("custom.cellOptions", {}).get("type") == "color-text":
        style = f' style="color:{config.color(value)}"'
    kind = ' class="link"' if config.get("links") else ""
    return f"<td{style}><span{kind}>{escape(said)}</span></td>"


def _map(tile: Mapping[str, Any], frame: Frame, width: float, height: float) -> str:
    """Dots on a graticule: the base map comes from a tile server, which is not asked here."""
    columns = frame.columns
    dots = [
        (lon, math.degrees(math.asinh(math.tan(math.radians(lat)))), state)
        for lat, lon, state in zip(
            columns["lat_deg"], columns["lon_deg"], columns["standing"], strict=True
        )
        if lat is not None and lon is not None
    ]
    if not dots:
        return f'<p class="nothing">{escape(tile["fieldConfig"]["defaults"]["noValue"])}</p>'
    height -= 36
    west, east = min(dot[0] for dot in dots) - 2, max(dot[0] for dot in dots) + 2
    south, north = min(dot[1] for dot in dots) - 2, max(dot[1] for dot in dots) + 2
    scale = min(width / (east - west), height / (north - south))
    x0 = (width - scale * (east - west)) / 2
    config = Config.of(tile, "standing")
    parts = [f'<rect width="{width}" height="{height}" fill="#14171c"/>']
    for lon in range(math.floor(west / 5) * 5 - 30, math.ceil(east / 5) * 5 + 30, 5):
        x = x0 + (lon - west) * scale
        parts.append(_grid_line((x, 0), (x, height)) + _grid_text(x + 3, height - 5, f"{lon}°"))
    for lat in range(30, 75, 5):
        y = (north - math.degrees(math.asinh(math.tan(math.radians(lat))))) * scale
        parts.append(_grid_line((0, y), (width, y)) + _grid_text(4, y - 3, f"{lat}°"))
    parts += [
        f'<circle cx="{x0 + (lon - west) * scale:.1f}" cy="{(north - y) * scale:.1f}" r="6"'
        f' fill="{config.color(state)}" opacity="0.8" stroke="#111217"/>'
        for lon, y, state in dots
    ]
    said = sorted({(config.shown(state), config.color(state)) for *_, state in dots})
    for row, (name, fill) in enumerate(said):
        y = 18 + 17 * row
        dot = f'<circle cx="{width - 110:.0f}" cy="{y - 4}" r="5" fill="{fill}"/>'
        parts.append(dot + f'<text x="{width - 98:.0f}" y="{y}" fill="#ccccdc">{name}</text>')
    parts.append(_grid_text(width - 230, height - 20, "Grafana lays a base map below the dots"))
    return f'<svg width="{width:.0f}" height="{height:.0f}">{"".join(parts)}</svg>'


def _grid_line(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{x1:.0f}" x2="{x2:.0f}" y1="{y1:.0f}" y2="{y2:.0f}" stroke="#23272e"/>'


def _grid_text(x: float, y: float, said: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="#666b76">{said}</text>'


def _marks(shown: Shown) -> list[Mark]:
    """All annotations in the range."""
    found = []
    for annotation in shown.board["annotations"].get("list", []):
        target = annotation["target"]
        for frame in frames(shown.ask, target, shown.view.expand(target["query"])):
            fill = color(annotation["iconColor"])
            found += [Mark(at_ms, fill) for at_ms in frame.columns["Time"]]
    return found
