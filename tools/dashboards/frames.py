"""What Grafana would ask InfluxDB for a panel, and what it would make of the answer.

Not Grafana's code: its rules, as its InfluxDB data source has them for InfluxQL. ``$timeFilter``
and ``$__interval`` are the data source's, ``${__to}`` and variables come before it. A variable of
several values is ``(a|b)`` with regular expressions escaped, one of a single value is escaped
inside of ``/.../`` only. A table is one frame with the tags of GROUP BY after its time; a time
series is a frame for each column of each group.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_STEPS_S = (
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800,
    3600, 7200, 10800, 21600, 43200, 86400, 604800,
)  # fmt: skip
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_POINTS = 1000
_SPECIAL = re.compile(r"[\\^$*+?.()|[\]{}/]")
_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_MACROS = ("timeFilter", "__interval")

Ask = Callable[[str], Any]
"""Sends InfluxQL, gives the JSON of the answer with times in milliseconds."""


class PanelError(Exception):
    """InfluxDB refused a query."""


@dataclass(frozen=True)
class Frame:
    """One result: columns of equal length. `time` is milliseconds, where there is one."""

    name: str
    columns: dict[str, list[Any]]
    tags: dict[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


@dataclass(frozen=True)
class View:
    """What somebody looks at: a time range, and what is chosen."""

    from_ms: int
    to_ms: int
    variables: Mapping[str, str | Sequence[str]]
    """One value, several, or ``.*`` for all."""

    def expand(self, query: str, interval_s: float | None = None) -> str:
        """*query* as InfluxDB gets it; *interval_s*: the panel's least interval."""
        between = f"time >= {self.from_ms}ms and time <= {self.to_ms}ms"
        step = _interval((self.to_ms - self.from_ms) / 1000, interval_s)
        text = query.replace("$timeFilter", between).replace("$__interval", step)
        return _VARIABLE.sub(self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name in ("__from", "__to"):
            return str(self.from_ms if name == "__from" else self.to_ms)
        value = self.variables[name]
        if value == ".*":
            return value
        if not isinstance(value, str):
            return "(" + "|".join(map(escaped, value)) + ")"
        in_regex = re.search(rf"/[^/]*\$\{{?{name}\b[^/]*/", found.string)
        return escaped(value) if in_regex else value


def escaped(value: str) -> str:
    """For a regular expression."""
    return _SPECIAL.sub(lambda found: "\\" + found[0], value)


def frames(ask: Ask, target: Mapping[str, Any], query: str) -> list[Frame]:
    """What *query*, expanded of *target*, comes to. Raises PanelError."""
    results = ask(query)["results"]
    if len(results) != 1 or "error" in results[0]:
        raise PanelError(f"{query}: {results}")
    found = results[0].get("series", [])
    if target.get("resultFormat") == "table":
        return [_table(found)] if found else []
    return [frame for one in found for frame in _series(one, target.get("alias", ""))]


def panels(board: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Those with queries."""
    return (panel for panel in board["panels"] if panel.get("targets"))


def of_panel(ask: Ask, panel: Mapping[str, Any], view: View) -> list[Frame]:
    """The frames of all its queries."""
    interval_s = _seconds(panel["interval"]) if panel.get("interval") else None
    return [
        frame
        for target in panel["targets"]
        for frame in frames(ask, target, view.expand(target["query"], interval_s))
    ]


def options(ask: Ask, variable: Mapping[str, Any], view: View) -> list[tuple[str, str]]:
    """Text and value of what can be chosen for *variable*."""
    results = ask(view.expand(variable["query"]))["results"]
    rows = [row for one in results[0].get("series", []) for row in one["values"]]
    values = list(dict.fromkeys(str(row[1]) for row in rows))
    pattern = variable.get("regex")
    if not pattern:
        return [(value, value) for value in values]
    named = re.compile(pattern.strip("/").replace("(?<", "(?P<"))
    return [(found["text"], found["value"]) for found in map(named.search, values) if found]


def read_board(text: str) -> dict[str, Any]:
    """A dashboard's JSON."""
    board: dict[str, Any] = json.loads(text)
    return board


def _interval(range_s: float, least_s: float | None) -> str:
    """About a thousand points, never below *least_s*."""
    wanted = max(range_s / _POINTS, least_s or 0)
    step_s = next((step for step in _STEPS_S if step >= wanted), _STEPS_S[-1])
    for unit, seconds in _UNITS:
        if step_s >= seconds and step_s % seconds == 0:
            return f"{int(step_s // seconds)}{unit}"
    return f"{round(step_s * 1000)}ms"


def _seconds(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text).groups()  # type: ignore[union-attr]  # ours are all such
    return int(number) * (0.001 if unit == "ms" else dict(_UNITS)[unit])


def _table(found: Sequence[Mapping[str, Any]]) -> Frame:
    """Groups one under the other: time, tags, values."""
    tags = list(found[0].get("tags", {}))
    first, *names = found[0]["columns"]
    columns: dict[str, list[Any]] = {"Time" if first == "time" else first: []}
    columns |= {name: [] for name in (*tags, *names)}
    for one in found:
        for row in one["values"]:
            cells = (row[0], *(one["tags"][tag] for tag in tags), *row[1:])
            for column, cell in zip(columns.values(), cells, strict=True):
                column.append(cell)
    return Frame(found[0].get("name", ""), columns)


def _series(one: Mapping[str, Any], alias: str) -> Iterator[Frame]:
    tags = one.get("tags", {})
    times = [row[0] for row in one["values"]]
    for place, column in enumerate(one["columns"][1:], 1):
        known = {"col": column, "m": one["name"], **{f"tag_{k}": v for k, v in tags.items()}}
        name = re.sub(r"\$(\w+)", lambda said: known.get(said[1], said[0]), alias)  # noqa: B023 - used at once
        values = [row[place] for row in one["values"]]
        yield Frame(name or f"{one['name']}.{column}", {"Time": times, "Value": values}, tags)
