"""A dashboard: rows of panels on Grafana's grid of 24 columns, variables, annotations, links."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tools.dashboards.parts import SOURCE, Annotation, Panel, dashboard, models

WIDTH = 24
UIDS = {
    "fleet": "windsock-fleet",
    "drone": "windsock-drone",
    "stations": "windsock-stations",
}
DRONE_URL = (
    "/d/windsock-drone/?var-customer=All&var-drone=${__data.fields.drone}&${__url_time_range}"
)


@dataclass(frozen=True)
class Row:
    """Panels beside each other; widths and one height in units of the grid."""

    height: int
    panels: Sequence[tuple[int, Panel]]
    title: str = ""
    """Of a heading above them."""


@dataclass(frozen=True)
class Variable:
    """A choice at the top, filled by a query; *pairs*: ``TEXT VALUE`` in each row."""

    name: str
    label: str
    query: str
    many: bool = True
    pairs: bool = False


@dataclass(frozen=True)
class Board:
    """One dashboard."""

    uid: str
    title: str
    about: str
    since: str
    """Default time range, such as ``now-90d``."""
    rows: Sequence[Row]
    variables: Sequence[Variable]
    annotations: Sequence[tuple[str, str, Annotation]] = field(default_factory=list)
    """Name, colour, query."""

    def build(self) -> Any:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
        """As the SDK's model."""
        board = dashboard.Dashboard(self.title).uid(self.uid).description(self.about)
        board.tags(["windsock"]).time(self.since, "now").refresh("5m").timezone("browser")
        board.editable().tooltip(models.DashboardCursorSync.CROSSHAIR)
        board.variables([_variable(one) for one in self.variables])
        board.annotations([_annotation(*one) for one in self.annotations])
        board.links([_others()])
        built = board.build()
        # Not through the builder: it moves what stands at (0, 0), and ours say where they are.
        built.panels = list(_placed(self.rows))
        return built


def _placed(rows: Sequence[Row]) -> Iterator[Any]:
    """All panels and headings, numbered from 1, row under row."""
    y = 0
    number = count(1)
    for row in rows:
        if row.title:
            yield _heading(row.title, next(number), y)
            y += 1
        x = 0
        for width, panel in row.panels:
            position = models.GridPos(h=row.height, w=width, x=x, y=y)
            yield panel.id(next(number)).grid_pos(position).build()
            x += width
        y += row.height


def _heading(title: str, number: int, y: int) -> Any:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
    position = models.GridPos(h=1, w=WIDTH, x=0, y=y)
    row = dashboard.Row(title).id(number).grid_pos(position).collapsed(collapsed=False)
    return row.build()


def _variable(one: Variable) -> Any:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
    variable = dashboard.QueryVariable(one.name).label(one.label).datasource(SOURCE)
    variable.query(one.query).refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
    variable.sort(models.VariableSort.ALPHABETICAL_ASC).multi(one.many).include_all(one.many)
    if one.many:
        variable.all_value(".*").current(models.VariableOption(text="All", value="$__all"))
    if one.pairs:
        variable.regex(r"/^(?<text>.*) (?<value>\S+)$/")
    return variable


def _annotation(name: str, color: str, query: Annotation) -> Any:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
    annotation = dashboard.AnnotationQuery().name(name).datasource(SOURCE).enable(enable=True)
    return annotation.icon_color(color).target(query)


def _others() -> Any:  # noqa: ANN401 - the SDK's builders and Grafana's JSON have no types
    """The other dashboards of windsock, with the same time range."""
    link = dashboard.DashboardLink("windsock").type(models.DashboardLinkType.DASHBOARDS)
    return link.tags(["windsock"]).keep_time(keep_time=True).include_vars(include_vars=False)
