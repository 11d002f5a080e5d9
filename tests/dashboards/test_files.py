"""The files for Grafana: generated, whole, and naming only what the collector writes."""

import json
import re

import pytest
import yaml

from tests.dashboards.conftest import BOARDS
from tools.dashboards.__main__ import GRAFANA, files
from tools.dashboards.board import UIDS
from tools.dashboards.frames import panels
from tools.dashboards.parts import SOURCE_UID, as_text, models
from windsock.collector.influx.measurements import MEASUREMENTS

SCHEMA = {one.name: {*one.tags, *one.fields} for one in MEASUREMENTS}
WHOLE_FLEET = {"drone_state", "drone_day", "fleet_day", "firmware_day", "customer_day"}
EVERYWHERE = {
    "last", "sum", "count", "max", "min", "non_negative_difference", "non_negative_derivative",
    "acos", "cos", "time", "fill",
}  # fmt: skip
"""Functions that InfluxQL has in 1.6 and, by its documentation, in 3."""
ALERTS = yaml.safe_load((GRAFANA / "provisioning/alerting/windsock.yaml").read_text())
SOURCES = [
    GRAFANA / "provisioning/datasources/windsock.yaml",
    GRAFANA / "datasources/influxdb-1.yaml",
    GRAFANA / "datasources/influxdb-3.yaml",
]
each_board = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)


def rules():
    return ALERTS["groups"][0]["rules"]


def queries(board):
    """All of a dashboard, each with where it stands."""
    for panel in panels(board):
        for target in panel["targets"]:
            yield panel["title"], target["query"]
    for variable in board["templating"]["list"]:
        yield variable["name"], variable["query"]
    for annotation in board["annotations"]["list"]:
        yield annotation["name"], annotation["target"]["query"]


QUERIES = [
    pytest.param(query, id=f"{board}: {place}")
    for board, content in BOARDS.items()
    for place, query in queries(content)
] + [
    pytest.param(rule["data"][0]["model"]["query"], id=f"alert: {rule['title']}")
    for rule in rules()
]
each_query = pytest.mark.parametrize("query", QUERIES)


def measurements(query):
    return set(re.findall(r'FROM "(\w+)"', query))


def test_the_files_are_what_the_code_makes_twice_the_same():
    first, second = files(), files()

    assert first == second
    assert {name: (GRAFANA / name).read_text("utf-8") for name in first} == first, (
        "run `make dashboards`"
    )
    assert sorted(path.name for path in GRAFANA.glob("dashboards/*")) == sorted(
        name.rpartition("/")[2] for name in first if name.startswith("dashboards/")
    )


@each_query
def test_every_name_is_in_the_schema(query):
    known = set().union(*(SCHEMA[name] for name in measurements(query)))
    said = set(re.findall(r'AS "([^"]+)"', query))
    named = set(re.findall(r'"([^"]+)"', query)) - measurements(query) - said

    assert measurements(query)
    assert named <= known


@each_query
def test_every_generation_of_influxql_has_it(query):
    functions = set(re.findall(r"\b(\w+)\(", query)) - {"FROM"}

    assert functions <= EVERYWHERE
    assert query.startswith(("SELECT ", "SHOW TAG VALUES FROM "))
    assert not re.search(r"\bINTO\b|::|;|SLIMIT|SOFFSET|\btz\(", query)


@each_query
def test_every_query_is_bounded(query):
    """In time, or tag values; by variables that there are."""
    assert "$timeFilter" in query or "${__to}" in query or query.startswith("SHOW TAG VALUES")
    names = set(re.findall(r"\$\{?(\w+)", query))
    assert names <= {"timeFilter", "__interval", "__to", "customer", "drone", "station"}


def test_panels_of_the_whole_fleet_read_what_was_added_up():
    found = set().union(*(measurements(query) for _, query in queries(BOARDS["windsock-fleet"])))
    assert found - {"event"} <= WHOLE_FLEET


def test_no_alert_is_over_flights():
    found = set().union(*(measurements(one["data"][0]["model"]["query"]) for one in rules()))
    assert found <= {"drone_state", "pipeline"}
    assert all("$__interval" not in one["data"][0]["model"]["query"] for one in rules())


@each_board
def test_panels_have_ids_and_places_of_their_own(board):
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    taken = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    assert {x for x, _ in taken} == set(range(24))


@each_board
def test_every_panel_says_what_it_is_and_what_nothing_means(board):
    for panel in panels(board):
        assert panel["title"]
        assert len(panel["description"]) > 15
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["noValue"]
        assert defaults["unit"]
        assert defaults["thresholds"]["steps"]
        assert panel["datasource"] == {"type": "influxdb", "uid": SOURCE_UID}
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs)


@each_board
def test_all_of_it_reads_the_provisioned_source(board):
    text = json.dumps(board)
    assert set(re.findall(r'"uid": "([^"]+)"', text)) == {SOURCE_UID, board["uid"]}
    assert '"type": "influxdb"' in text


@each_board
def test_nothing_needs_a_plug_in(board):
    kinds = {panel["type"] for panel in board["panels"]}
    assert kinds <= {"row", "stat", "timeseries", "table", "state-timeline", "geomap"}


@each_board
def test_links_lead_to_dashboards_that_there_are(board):
    links = re.findall(r'"url": "(/d/[^"]*)"', json.dumps(board))
    assert {link.split("/")[2] for link in links} <= set(UIDS.values())
    for link in links:
        assert set(re.findall(r"var-(\w+)=", link)) <= {"customer", "drone"}


def test_the_choice_of_drones_depends_on_the_customers():
    customer, drone = BOARDS["windsock-drone"]["templating"]["list"]
    assert (customer["name"], drone["name"]) == ("customer", "drone")
    assert '"customer" =~ /^$customer$/' in drone["query"]
    assert (customer["multi"], customer["includeAll"], customer["allValue"]) == (True, True, ".*")
    assert not drone["multi"]


def test_dashboards_are_known_by_one_uid():
    assert sorted(board["uid"] for board in BOARDS.values()) == sorted(UIDS.values())


def test_the_sdk_reads_back_what_it_wrote():
    for board in BOARDS.values():
        read = json.loads(as_text(models.Dashboard.from_json(board)))
        assert read["title"] == board["title"]
        assert [panel["id"] for panel in read["panels"]] == [
            panel["id"] for panel in board["panels"]
        ]
        assert read["templating"] == board["templating"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_generation_has_the_same_source(path):
    (source,) = yaml.safe_load(path.read_text())["datasources"]
    assert (source["uid"], source["type"]) == (SOURCE_UID, "influxdb")
    assert source["jsonData"]["version"] == "InfluxQL"
    secrets = source["secureJsonData"].values()
    assert all(re.search(r"\$\{INFLUX_\w+\}$", secret) for secret in secrets)


def test_alerts_are_whole():
    uids = [rule["uid"] for rule in rules()]
    assert len(set(uids)) == len(uids)
    assert all(len(uid) <= 40 for uid in uids)
    for rule in rules():
        asked, *expressions = rule["data"]
        assert asked["datasourceUid"] == SOURCE_UID
        assert [one["datasourceUid"] for one in expressions] == ["__expr__"] * 2
        assert rule["condition"] == expressions[-1]["refId"]
        assert rule["annotations"]["__dashboardUid__"] in UIDS.values()
        said = json.dumps({**rule, "data": None})
        assert "$" not in said, "Grafana would look for an environment variable"
