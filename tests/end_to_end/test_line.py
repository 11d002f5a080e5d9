"""A real flight log in at one end; rows in a real InfluxDB and one real mail out at the other."""

import json
import signal

import msgspec
import pytest

from tests.end_to_end.line import CRASH, NORMAL, Line, run
from windsock.collector.ledger import open_ledger

pytestmark = pytest.mark.e2e

INFLUX = ("url", "api", "database", "org", "token_file")


@pytest.fixture
def line(tmp_path, mosquitto, mail_server):
    return Line(tmp_path / "line", mosquitto.port, mail_server.port)


def influx_table(settings):
    """As in a settings file."""
    said = msgspec.structs.asdict(settings)
    named = (f'{name} = "{said[name]}"\n' for name in INFLUX if said[name])
    return "[influx]\n" + "".join(named)


def read(log, serial):
    """What the agent reads in *log*, with its series."""
    out = run("windsock.agent", "read", "--json", "--series", "--positions", "full",
              "--drone", serial, log)  # fmt: skip
    return json.loads(out)


def test_rows_in_influxdb_equal_the_record_and_one_mail_goes_out(line, database, mail_server):
    line.write_settings(influx_table(database.settings))

    with line.collector():
        line.send("station-1", CRASH, "SN-1")
        mail_server.wait_for(1)

    record = read(CRASH, "SN-1")
    (flight,) = record["flights"]
    (row,) = database.query('SELECT * FROM "flight"', "windsock")
    assert row["time"] == flight["start"]["us"] // 1000
    assert row["drone"] == record["drone_uid"] == "as:SN-1"
    assert row["flight_id"] == f"{record['log_id']}/{flight['armed_boot_us']}"
    assert {name: row[name] for name in flight["facts"]} == flight["facts"]
    assert {name for name, value in row.items() if value is None} <= set(row) - set(
        flight["facts"]
    )
    for series in record["series"]:
        rows = database.query('SELECT * FROM "series"', "windsock")
        assert len(rows) == series["rows"]
        assert rows[0]["time"] == series["start"]["us"] // 1000
        for name, values in series["columns"].items():
            assert [one.get(name) for one in rows] == values
    (verdict,) = database.query('SELECT * FROM "verdict"', "windsock")
    assert (verdict["verdict"], verdict["time"]) == ("crash", row["time"])
    states = database.query('SELECT * FROM "drone_state"', "windsock")
    assert {(state["serial"], state["customer"]) for state in states} == {
        ("SN-1", "Alpine Survey"),
        ("SN-2", "Hafen Inspect"),
    }
    assert len(mail_server.messages) == 1


def test_the_same_log_again_from_two_stations_and_after_a_restart_is_one_of_each(
    line, mail_server
):
    with line.collector():
        line.send("station-1", CRASH, "SN-1")
        line.send("station-1", CRASH, "SN-1", "--again")
        mail_server.wait_for(1)
    with line.collector():
        line.send("station-2", CRASH, "SN-1")
        line.send("station-2", NORMAL, "SN-2")

    (mail,) = mail_server.messages
    assert mail["To"] == "mara@maker.example"
    assert "SN-1" in mail["Subject"]
    (case,) = line.table("cases")
    assert (case["rule"], case["subject"], case["state"]) == ("X1", "SN-1", "open")
    fleet = {drone["serial"]: drone for drone in line.table("fleet")}
    assert [fleet[serial]["flights"] for serial in ("SN-1", "SN-2")] == [1, 1]
    assert len(line.notices()) == 1


def test_a_killed_collector_loses_nothing_and_tells_once(line, mail_server):
    with line.collector() as process:
        line.send("station-1", NORMAL, "SN-2")
        process.send_signal(signal.SIGKILL)
    with line.collector():
        line.send("station-1", CRASH, "SN-1")
        mail_server.wait_for(1)
    with line.collector():
        pass

    assert len(mail_server.messages) == 1
    assert sorted(drone["flights"] for drone in line.table("fleet")) == [1, 1]


def test_after_a_month_without_station_and_drone_support_hears_of_it(line, mail_server):
    with line.collector():
        line.send("station-1", NORMAL, "SN-2")
    with line.collector(now="2026-12-23T20:24:00Z"):
        pass
    early = {case["rule"] for case in line.table("cases")}
    assert early == {"C5"}, "30 days less a minute: only drones of the roster that never flew"

    later = "2026-12-23T20:26:00Z"
    with line.collector(now=later):
        mail_server.wait_for(1)

    cases = {case["rule"]: case["subject"] for case in line.table("cases", later)}
    assert cases.pop("X2") == "station-1"
    assert cases.keys() == {"C5"}, "drones of the roster that never flew, told to nobody"
    assert "SN-2" in mail_server.messages[0].get_body(("plain",)).get_content()
    assert [mail["To"] for mail in mail_server.messages] == ["support@maker.example"]


def test_both_ends_outlive_the_broker(line, mosquitto):
    with line.collector():
        line.send("station-1", NORMAL, "SN-2")
        mosquitto.kill()
        with line.agent("station-1", CRASH, "SN-1") as agent:
            while "trying again" not in agent.stderr.readline():
                pass
            mosquitto.restart()
            assert agent.wait() == 0

    assert sorted(drone["flights"] for drone in line.table("fleet")) == [1, 1]


def test_a_station_that_was_stopped_is_said_to_be_offline(line):
    with line.collector():
        line.send("station-1", NORMAL, "SN-2")

    rows = open_ledger(line.folder / "ledger").execute("SELECT agent, online FROM stations")
    assert [tuple(row) for row in rows] == [("station-1", 0)]
