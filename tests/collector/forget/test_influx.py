"""What InfluxDB holds of who is forgotten: gone there, too, in each generation."""

import pytest

from tests.collector.world import DAY, T0
from windsock.collector.__main__ import main
from windsock.collector.influx import points
from windsock.collector.influx.client import open_store
from windsock.collector.influx.lines import Points
from windsock.collector.influx.measurements import CUSTOMER_DAY
from windsock.collector.influx.telemetry import Telemetry

pytestmark = pytest.mark.e2e


@pytest.fixture
def config(world, database, tmp_path):
    settings = database.settings
    path = tmp_path / "collector.toml"
    path.write_text(
        f'ledger = "{world.path}"\n[influx]\nurl = "{settings.url}"\napi = "{settings.api}"\n'
        f'database = "{settings.database}"\norg = "{settings.org}"\n'
        + (f'token_file = "{settings.token_file}"\n' if settings.token_file else "")
    )
    return path


@pytest.fixture
def drones(world, database):
    """An autopilot of an old owner and a new one, and a neighbour's."""
    world.roster(
        "D1,px4:01,Old,2025-01-01,2026-01-01", "D1,px4:01,New,2026-01-01", "D2,px4:02,New",
        header="serial,uid,customer,valid_from,valid_until",
    )  # fmt: skip
    flights = [
        world.flight(T0 - DAY), world.flight(T0 + DAY), world.flight(T0 - DAY, uid="px4:02"),
    ]  # fmt: skip
    telemetry = Telemetry(world.ledger, open_store(database.settings))
    rows = [
        world.ledger.execute(
            "SELECT flights.*, '{}' AS firmware, NULL AS changed FROM flights WHERE id = ?",
            (flight,),
        ).fetchone()
        for flight in flights
    ]
    telemetry.write([points.of_flight(row) for row in rows], T0 + 2 * DAY)
    days = [
        Points(CUSTOMER_DAY, {"customer": name}, [T0], {"drones": [1]}) for name in ("Old", "New")
    ]
    telemetry.write(days, T0 + 2 * DAY)


def flights_in(database, uid):
    query = f"SELECT airborne_s FROM flight WHERE drone = '{uid}'"
    rows = database.query(query, "windsock")
    return sorted(row["time"] for row in rows)


@pytest.mark.usefixtures("drones")
def test_only_what_was_theirs_goes(database, config):
    assert main(["forget", "Old", "--yes", "-c", str(config)]) == 0

    assert len(flights_in(database, "px4:01")) == 1
    assert len(flights_in(database, "px4:02")) == 1
    left = database.query("SELECT drones, customer FROM customer_day", "windsock")
    assert [row["customer"] for row in left] == ["New"]


@pytest.mark.usefixtures("drones")
@pytest.mark.parametrize("database", ["1.8 v2"], indirect=True)
def test_a_database_that_is_down_leaves_everything(world, database, config, capsys):
    config.write_text(config.read_text().replace(database.settings.url, "http://127.0.0.1:9"))
    before = world.rows("SELECT * FROM flights")

    assert main(["forget", "D1", "--yes", "-c", str(config)]) == 1
    assert "http://127.0.0.1:9" in capsys.readouterr().err
    assert world.rows("SELECT * FROM flights") == before
