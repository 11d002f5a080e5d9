"""Every query of the dashboards and alerts, asked of a real InfluxDB as Grafana would."""

import json
import re

import pytest

from tests.dashboards.conftest import ALL, BOARDS, DAY_MS, NOW_MS, view
from tests.dashboards.test_files import rules
from tools.dashboards.filling import NOW_US
from tools.dashboards.frames import View, escaped, frames, of_panel, options, panels
from windsock.collector.fleet.states import drone_states
from windsock.collector.ledger import open_ledger
from windsock.collector.settings import Judge, Settings
from windsock.firmware_sim.fleet.showcase import uid

PANELS = [
    pytest.param(panel, id=f"{board}: {panel['title']}")
    for board, content in BOARDS.items()
    for panel in panels(content)
]
by_title = {param.id.partition(": ")[2]: param.values[0] for param in PANELS}
pytestmark = pytest.mark.e2e


def names_wanted(panel):
    """Columns, or names of series, that the panel's settings speak of."""
    named = {one["matcher"]["options"] for one in panel["fieldConfig"]["overrides"]}
    text = json.dumps(panel["fieldConfig"])
    named |= set(re.findall(r"__data\.fields\.(\w+)", text))
    for layer in panel["options"].get("layers", []):
        place, style = layer["location"], layer["config"]["style"]
        named |= {place["latitude"], place["longitude"], style["color"]["field"]}
    return named


def displayed(panel, name):
    """How people see a column called."""
    for one in panel["fieldConfig"]["overrides"]:
        for item in one["properties"]:
            if one["matcher"]["options"] == name and item["id"] == "displayName":
                return item["value"]
    return name


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_has_what_it_draws(filled, panel):
    found = of_panel(filled.ask, panel, view())

    assert found
    assert all(len(frame) for frame in found)
    is_table = panel["targets"][0]["resultFormat"] == "table"
    names = {name for frame in found for name in (frame.columns if is_table else [frame.name])}
    assert names_wanted(panel) <= names
    values = [value for frame in found for value in list(frame.columns.values())[-1]]
    assert any(value is not None for value in values)
    if not is_table:
        assert {tuple(frame.columns) for frame in found} == {("Time", "Value")}
    for sort in panel["options"].get("sortBy", []):
        assert sort["displayName"] in {displayed(panel, name) for name in names}


def test_every_annotation_has_title_and_text(filled):
    for board in BOARDS.values():
        for annotation in board["annotations"]["list"]:
            target = annotation["target"]
            (found,) = frames(filled.ask, target, view().expand(target["query"]))
            assert {target["titleColumn"], target["textColumn"], target["tagsColumn"]} <= set(
                found.columns
            )
            assert all(found.columns["title"])


def test_variables_offer_what_there_is(filled):
    customer, drone = BOARDS["windsock-drone"]["templating"]["list"]
    (station,) = BOARDS["windsock-stations"]["templating"]["list"]

    customers = [value for _, value in options(filled.ask, customer, view())]
    assert sorted(customers) == ["Alpine Survey", "Hafen Inspect", "Roche & Fils (Lyon)"]
    assert ("field-laptop", "field-laptop") in options(filled.ask, station, view())
    assert ("K4-0001", uid(0)) in options(filled.ask, drone, view())


@pytest.mark.parametrize(
    ("chosen", "drones"),
    [
        (".*", 12),
        ("Roche & Fils (Lyon)", 5),
        (["Roche & Fils (Lyon)"], 5),
        (["Alpine Survey", "Roche & Fils (Lyon)"], 10),
        (["Alpine", "Roche & Fils"], 0),
    ],
)
def test_customers_choose_drones(filled, chosen, drones):
    _, drone = BOARDS["windsock-drone"]["templating"]["list"]
    assert len(options(filled.ask, drone, view(customer=chosen))) == drones

    found = of_panel(filled.ask, by_title["Where they last flew"], view(customer=chosen))
    assert sum(map(len, found)) == drones
    allowed = [chosen] if isinstance(chosen, str) else chosen
    for frame in found:
        assert chosen == ".*" or set(frame.columns["customer"]) <= set(allowed)


@pytest.mark.parametrize("title", ["Flights", "Crashes and the like"])
def test_a_click_shows_one_flight(filled, title):
    """Where a table's link leads, the panels of one flight have samples."""
    (table,) = of_panel(filled.ask, by_title[title], view())
    newest = max(range(len(table)), key=table.columns["Time"].__getitem__)
    from_ms, until_ms = (table.columns[name][newest] for name in ("from_ms", "until_ms"))
    shown = View(from_ms, until_ms, ALL)

    for panel in ("Height", "Tilt", "Around the strongest moment"):
        found = of_panel(filled.ask, by_title[panel], shown)
        assert min(map(len, found)) >= 10, panel
    force = next(one for one in found if one.name == "force")
    assert max(filter(None, force.columns["Value"])) > 100, "the crash is in it"
    (tilt,) = of_panel(filled.ask, by_title["Tilt"], shown)
    assert 0 <= min(tilt.columns["Value"]) <= max(tilt.columns["Value"]) <= 180


def test_the_numbers_are_the_ledgers(filled):
    def shown(title):
        (frame,) = of_panel(filled.ask, by_title[title], view())
        return frame.columns["Value"][-1]

    settings = Settings(ledger=filled.folder / "ledger", judge=Judge(simulated=True))
    ledger = open_ledger(settings.ledger)
    states = drone_states(ledger, NOW_US, settings)
    ledger.close()
    counts = {
        "Active": sum(one.state in ("active", "slowing", "new") for one in states),
        "Inactive": sum(one.state in ("inactive", "lost", "unseen") for one in states),
        "Overdue software": sum(one.software == "overdue" for one in states),
        "Possible crashes": sum(one.possible_crashes for one in states),
    }
    assert {title: shown(title) for title in counts} == counts
    assert counts["Active"]
    assert counts["Overdue software"]
    assert shown("Silent stations") == 1, "the showcase's first"
    (attention,) = of_panel(filled.ask, by_title["Attention first"], view())
    assert set(attention.columns["serial"]) == {one.serial for one in states if one.open_cases}


def asked(filled, rule, now_ms):
    """The last value of each group that a rule looks at."""
    query = rule["data"][0]
    since_ms = query["relativeTimeRange"]["from"] * 1000
    text = View(now_ms - since_ms, now_ms, {}).expand(query["model"]["query"])
    return [frame.columns["Value"][-1] for frame in frames(filled.ask, query["model"], text)]


def fires(rule, value):
    (condition,) = rule["data"][-1]["model"]["conditions"]
    limit = condition["evaluator"]["params"][0]
    return value > limit if condition["evaluator"]["type"] == "gt" else value < limit


def firing(filled, now_ms):
    """The rules that would fire, by name."""
    found = set()
    for rule in rules():
        values = asked(filled, rule, now_ms)
        if any(fires(rule, value) for value in values) or (
            not values and rule["noDataState"] == "Alerting"
        ):
            found.add(rule["uid"])
    return found


def test_alerts_say_what_is_the_case(filled):
    assert firing(filled, NOW_MS) == {
        "windsock-possible-crashes",
        "windsock-overdue",
        "windsock-stations-silent",
        "windsock-quarantine",
    }
    assert all(asked(filled, rule, NOW_MS) for rule in rules() if rule["uid"].endswith("states"))


def test_a_collector_that_stopped_is_an_alert(filled):
    assert firing(filled, NOW_MS + 3 * 3_600_000) == {"windsock-no-states"}


def test_a_day_that_was_not_judged_shows_no_number(filled):
    """Silence never reads as healthy: `last` is null where the collector wrote nothing."""
    (frame,) = of_panel(filled.ask, by_title["Inactive"], view(now_ms=NOW_MS + 2 * DAY_MS))
    assert frame.columns["Value"][-1] is None
    assert by_title["Inactive"]["options"]["reduceOptions"]["calcs"] == ["last"]


def test_special_characters_are_escaped_as_grafana_does():
    assert escaped("a.b/(c)|d") == r"a\.b\/\(c\)\|d"
    shown = View(0, 1000, {"customer": ["a.b", "c/d"], "drone": "x.y"})
    assert shown.expand("=~ /^$customer$/ AND = '$drone'") == r"=~ /^(a\.b|c\/d)$/ AND = 'x.y'"
    assert shown.expand("$timeFilter, ${__to}ms") == "time >= 0ms and time <= 1000ms, 1000ms"


@pytest.mark.parametrize(
    ("seconds", "least", "step"),
    [(90 * 86400, None, "3h"), (86400, None, "2m"), (86400, "10m", "10m"), (15, "10ms", "20ms"),
     (1, "10ms", "10ms")],
)  # fmt: skip
def test_the_interval_fits_the_range(seconds, least, step):
    panel = {"interval": least, "targets": [{"query": "$__interval"}]}
    asked_for = []

    def ask(query):
        asked_for.append(query)
        return {"results": [{}]}

    of_panel(ask, panel, View(0, seconds * 1000, {}))
    assert asked_for == [step]
