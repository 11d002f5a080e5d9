"""A fleet's years, from the simulator's files into a ledger."""

import csv
import json
from datetime import UTC, date, datetime, time, timedelta

import pytest

from windsock.collector.__main__ import main as collector
from windsock.collector.cases.judge import judge_fleet, judge_new, judge_wear
from windsock.collector.ledger import open_ledger
from windsock.collector.receive.batch_file import read_batches
from windsock.collector.settings import Judge, Settings
from windsock.firmware_sim.__main__ import main as simulator
from windsock.protocol.errors import WireError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fleet")
    simulator(["fleet", "--drones", "60", "--months", "18", "--seed", "3", str(folder)])
    (folder / "collector.toml").write_text(
        f'ledger = "{folder}/ledger"\nroster = "{folder}/roster.csv"\n'
    )
    code = collector(
        ["take", "-c", str(folder / "collector.toml"), str(folder / "batches.msgpack")]
    )
    assert code == 0
    return folder


@pytest.fixture
def ledger(folder):
    ledger = open_ledger(folder / "ledger")
    yield ledger
    ledger.close()


def truth(folder):
    return list(csv.DictReader((folder / "truth.csv").read_text().splitlines()))


def test_what_comes_in_is_what_was_flown_but_for_what_got_lost(folder, ledger):
    met = [row for row in truth(folder) if row["never_connected"] == "False"]
    flown = sum(int(row["flight_days"]) for row in met)
    (stored,) = ledger.execute("SELECT count(*) FROM live_flights").fetchone()

    assert 0.93 * flown < stored < flown
    assert not ledger.execute("SELECT * FROM quarantine").fetchall()
    assert not ledger.execute("SELECT * FROM gaps").fetchall()


def test_the_truth_twice(folder):
    whole = json.loads((folder / "truth.json").read_text())

    assert [str(row["stops"]) for row in whole["drones"]] == [
        row["stops"] for row in truth(folder)
    ]
    assert whole["parameters"]["drones"] == 60


def test_the_drones_that_stopped_long_ago_are_found(folder, ledger):
    now_us = int(datetime(2025, 6, 30, tzinfo=UTC).timestamp() * 1e6)
    settings = Settings(judge=Judge(simulated=True))
    judge_new(ledger, now_us, settings)
    judge_fleet(ledger, now_us, settings)
    found = {row[0] for row in ledger.execute("SELECT subject FROM cases WHERE rule = 'D1a'")}

    stopped = {
        row["serial"]
        for row in truth(folder)
        if row["stops"] and row["stops"] < "2025-03" and not row["handed"]
        and row["never_connected"] == "False"
        and not row["paused_from"] and int(row["flight_days"]) > 5
    }  # fmt: skip
    assert stopped
    assert stopped <= found


def test_a_drone_that_wears_is_found_in_the_ledger_while_it_does(folder, ledger):
    worn = next(row for row in truth(folder) if row["serial"] == "F000013")
    begins, repaired = (date.fromisoformat(worn[name]) for name in ("wears_from", "repaired"))
    settings = Settings(judge=Judge(simulated=True))
    signs = {}
    for weeks in range(-10, (repaired - begins).days // 7):
        day = datetime.combine(begins + timedelta(weeks=weeks), time(), UTC)
        judge_wear(ledger, int(day.timestamp() * 1e6), settings)
        case = ledger.execute(
            "SELECT facts FROM cases WHERE rule = 'X3' AND subject = ? AND state <> 'resolved'",
            (worn["serial"],),
        ).fetchone()
        signs[weeks] = [one["sign"] for one in json.loads(case[0])["signs"]] if case else []

    assert worn["wears"] == "vibration"
    assert not any(found for weeks, found in signs.items() if weeks <= 0)
    assert ["vibration_m_s2"] in signs.values()


@pytest.mark.parametrize("data", [b"hello", b"\x93\x01\x02\x03", b"\xc1"])
def test_another_file_is_refused(tmp_path, data):
    path = tmp_path / "file"
    path.write_bytes(data)

    with pytest.raises(WireError):
        list(read_batches(path))
