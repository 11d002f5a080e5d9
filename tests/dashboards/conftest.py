"""An InfluxDB of each generation with a simulated fleet in it, filled once."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import Influxd
from tests.servers.any_influx import DATABASE, NAMED, AnyInflux
from tools.dashboards.__main__ import GRAFANA
from tools.dashboards.filling import NOW_US, fill
from tools.dashboards.frames import View
from windsock.collector.settings import Influx
from windsock.firmware_sim.fleet.showcase import Showcase, uid

SHOWCASE = Showcase(NOW_US, drones=12, days=50)
DAY_MS = 86_400_000
NOW_MS = NOW_US // 1000
ALL = {"customer": ".*", "station": ".*", "drone": uid(0)}
BOARDS = {path.stem: json.loads(path.read_text()) for path in GRAFANA.glob("dashboards/*.json")}


@dataclass
class Filled:
    """A database, asked as Grafana asks."""

    influx: object
    database: str
    folder: Path

    def ask(self, query):
        """The JSON of the answer; HTTP errors are RuntimeErrors."""
        return json.loads(
            self.influx.request("POST", "/query", q=query, db=self.database, epoch="ms")
        )


def view(days=90, now_ms=NOW_MS, **variables):
    """The last *days*, all chosen but the drone."""
    return View(now_ms - days * DAY_MS, now_ms, ALL | variables)


@pytest.fixture(scope="session")
def influxd16(tmp_path_factory):
    """InfluxDB 1.6."""
    with Influxd(tmp_path_factory.mktemp("influxd-1.6")) as database:
        yield database


GENERATIONS = {"1.6": ("influxd16", "v1", ""), "1.8": ("influxd18", "v2", "/autogen")} | (
    {"INFLUX_URL": None} if NAMED else {}
)


@pytest.fixture(scope="session", params=GENERATIONS)
def filled(request, tmp_path_factory):
    """The fleet's last two months, by the collector's own code."""
    folder = tmp_path_factory.mktemp("collector")
    if request.param == "INFLUX_URL":
        influx, name = AnyInflux(tmp_path_factory.mktemp("influx")), DATABASE
        settings = influx.settings
    else:
        server, api, policy = GENERATIONS[request.param]
        influx, name = request.getfixturevalue(server), "dashboards"
        settings = Influx(url=influx.url, api=api, database=name + policy)
    influx.create(name)
    fill(folder, settings, SHOWCASE)
    return Filled(influx, name, folder)
