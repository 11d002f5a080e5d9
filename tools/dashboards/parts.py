"""Panels as these dashboards have them, on Grafana's foundation SDK. Sole owner of it.

https://grafana.github.io/grafana-foundation-sdk/: every builder gives a part of the classic
dashboard JSON. A panel's description says what it shows, its no-data text what it means if empty.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

with warnings.catch_warnings():
    # It prefers dashboards of version 2, which no Grafana before 12 reads.
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.builders import (
        common,
        dashboard,
        geomap,
        stat,
        statetimeline,
        table,
        timeseries,
    )
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.variants import Dataquery
    from grafana_foundation_sdk.models import common as kinds
    from grafana_foundation_sdk.models import dashboard as models
    from grafana_foundation_sdk.models.common import (
        DataSourceRef,
        GraphDrawStyle,
        VisibilityMode,
    )

SOURCE_UID = "windsock-influxdb"
SOURCE = DataSourceRef("influxdb", SOURCE_UID)
GREEN, YELLOW, ORANGE, RED = "green", "yellow", "orange", "red"
BLUE, PURPLE, GREY, TEAL = "blue", "purple", "#8e8e8e", "#56a5a5"
STATES = {
    "active": ("active", GREEN),
    "slowing": ("flies rarely", YELLOW),
    "new": ("new", "light-blue"),
    "inactive": ("inactive", ORANGE),
    "lost": ("lost", RED),
    "unseen": ("unseen", PURPLE),
    "delivered-never-flown": ("never flown", BLUE),
    "unclaimed": ("unclaimed", GREY),
    **{name: (name, TEAL) for name in ("ordered", "stock", "repair", "paused", "retired")},
}
SIGHT = {
    "fresh": ("fresh", GREEN),
    "logs-missing": ("logs missing", YELLOW),
    "drone-not-connected": ("drone not connected", ORANGE),
    "clock-bad": ("clock bad", ORANGE),
    "agent-silent": ("station silent", RED),
}
SOFTWARE = {
    "current": ("current", GREEN),
    "tolerated": ("tolerated", GREEN),
    "eligible": ("update is out", BLUE),
    "notified": ("told to update", YELLOW),
    "overdue": ("overdue", RED),
    "excused": ("excused", GREY),
    "unknown": ("unknown", GREY),
}
Panel = Any
"""A builder of the SDK."""


@dataclass(frozen=True)
class Query(Dataquery):
    """One InfluxQL query as Grafana's InfluxDB data source keeps it."""

    text: str
    alias: str = ""
    ref: str = "A"
    table: bool = False

    def build(self) -> "Query":
        """As a builder has it."""
        return self

    def to_json(self) -> dict[str, Any]:
        """As the dashboard's JSON has it."""
        return {
            "refId": self.ref,
            "datasource": SOURCE,
            "query": " ".join(self.text.split()),
            "rawQuery": True,
            "resultFormat": "table" if self.table else "time_series",
            "alias": self.alias,
        }


@dataclass(frozen=True)
class Annotation(Query):
    """Moments with a title and a text."""

    def to_json(self) -> dict[str, Any]:
        """As the dashboard's JSON has it."""
        return super().to_json() | {
            "resultFormat": "table",
            "queryType": "tags",
            "fromAnnotations": True,
            "titleColumn": "title",
            "textColumn": "text",
            "tagsColumn": "about",
        }


@dataclass(frozen=True)
class About:
    """What a panel says of itself."""

    title: str
    text: str
    nothing: str
    unit: str = "short"
    thresholds: Mapping[float, str] = field(default_factory=dict)
    """From which value on which colour; below the first it is green."""
    base: str = GREEN


def series(
    about: About,
    *queries: Query,
    style: str = "line",
    stack: bool = False,
    limits: bool = False,
    points: bool = False,
) -> Panel:
    """A time series; *limits*: the thresholds as lines."""
    panel = _told(timeseries.Panel(), about, queries)
    panel.draw_style(GraphDrawStyle(style)).line_width(1 if stack or style == "bars" else 2)
    panel.fill_opacity(70 if stack or style == "bars" else 8).show_points(
        VisibilityMode.ALWAYS if points else VisibilityMode.NEVER
    )
    panel.point_size(6).axis_soft_min(0)
    panel.legend(_legend()).tooltip(
        common.VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI)
    )
    if stack:
        panel.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL).group("A"))
    if limits:
        panel.thresholds_style(
            common.GraphThresholdsStyleConfig().mode(kinds.GraphThresholdsStyleMode.DASHED)
        )
    return panel


def number(about: About, *queries: Query, calc: str = "last", spark: bool = True) -> Panel:
    """One value in large; *calc* `last` shows no data where the newest bucket is empty."""
    panel = _told(stat.Panel(), about, queries)
    panel.reduce_options(common.ReduceDataOptions().calcs([calc]).values(values=False))
    panel.color_mode(kinds.BigValueColorMode.VALUE)
    graph = kinds.BigValueGraphMode.AREA if spark else kinds.BigValueGraphMode.NONE
    return panel.graph_mode(graph).text_mode(kinds.BigValueTextMode.AUTO)


def word(about: About, words: Mapping[str, tuple[str, str]], query: Query) -> Panel:
    """A text in large, with the colour of its meaning."""
    panel = number(about, query, calc="lastNotNull", spark=False)
    panel.reduce_options(
        common.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False).fields("/.*/")
    )
    return panel.mappings(mapping(words)) if words else panel


def rows(
    about: About, query: Query, *, order: str | None = None, descending: bool = True
) -> Panel:
    """A table, sorted by the column *order*."""
    panel = _told(table.Panel(), about, [query])
    panel.show_header(show_header=True).cell_height(kinds.TableCellHeight.SM)
    if order:
        by = common.TableSortByFieldState().display_name(order).desc(desc=descending)
        panel.sort_by([by])
    return panel


def lanes(about: About, words: Mapping[str, tuple[str, str]], *queries: Query) -> Panel:
    """States over time, one lane each."""
    panel = _told(statetimeline.Panel(), about, queries)
    panel.show_value(VisibilityMode.AUTO).merge_values(merge_values=True).row_height(0.8)
    panel.legend(_legend()).fill_opacity(75)
    return panel.mappings(mapping(words)) if words else panel


def places(about: About, words: Mapping[str, tuple[str, str]], query: Query) -> Panel:
    """A map with a dot for each row, coloured by its column ``standing``."""
    panel = _told(geomap.Panel(), about, [query])
    style = {
        "size": {"fixed": 7, "min": 2, "max": 15},
        "symbol": {"fixed": "img/icons/marker/circle.svg", "mode": "fixed"},
        "color": {"field": "standing", "fixed": "dark-green"},
        "opacity": 0.8,
    }
    where = common.FrameGeometrySource().mode(kinds.FrameGeometrySourceMode.COORDS)
    layer = common.MapLayerOptions().type("markers").name("Drones").tooltip(tooltip=True)
    layer.config({"showLegend": True, "style": style})
    layer.location(where.latitude("lat_deg").longitude("lon_deg"))
    panel.layers([layer]).basemap(common.MapLayerOptions().type("default").name("Map"))
    panel.view(geomap.MapViewConfig().id("fit").lat(48).lon(9).zoom(4).all_layers(all_layers=True))
    return panel.mappings(mapping(words))


def override(panel: Panel, column: str, **properties: Any) -> Panel:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
    """Give *column* other properties; a double underscore stands for the dot of ``custom.``."""
    values = [
        models.DynamicConfigValue(name.replace("__", "."), value)
        for name, value in properties.items()
    ]
    return panel.override_by_name(column, values)


def link(title: str, url: str) -> list[dict[str, Any]]:
    """Value of the property ``links``."""
    return [{"title": title, "url": url, "targetBlank": False}]


def mapping(words: Mapping[str, tuple[str, str]]) -> list[Any]:
    """Words of the collector as people read them, each with a colour."""
    results = {
        value: models.ValueMappingResult(text=text, color=color, index=place)
        for place, (value, (text, color)) in enumerate(words.items())
    }
    return [models.ValueMap(results)]


def steps(base: str, thresholds: Mapping[float, str]) -> Any:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
    """Thresholds: *base* below the first."""
    found = [models.Threshold(value=None, color=base)]
    found += [models.Threshold(value=value, color=color) for value, color in thresholds.items()]
    config = dashboard.ThresholdsConfig()
    return config.mode(models.ThresholdsMode.ABSOLUTE).steps(found)


def as_text(built: object) -> str:
    """As a file."""
    return json.dumps(built, cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"


def _told(panel: Panel, about: About, queries: Sequence[Query]) -> Panel:
    panel.title(about.title).description(about.text).no_value(about.nothing)
    panel.datasource(SOURCE).targets(list(queries)).unit(about.unit)
    return panel.thresholds(steps(about.base, about.thresholds))


def _legend() -> Any:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
    legend = common.VizLegendOptions().show_legend(show_legend=True)
    return legend.display_mode(kinds.LegendDisplayMode.LIST).placement(
        kinds.LegendPlacement.BOTTOM
    )
