"""Ledgers of every version open, and keep what they hold."""

import contextlib
import itertools
import sqlite3
from importlib.resources import files

import pytest

from tests.collector.world import T0, World
from windsock.collector import ledger as ledgers
from windsock.collector.ledger import VERSION, LedgerError, open_ledger


def schema_of(ledger):
    rows = ledger.execute("SELECT type, name, tbl_name FROM sqlite_schema ORDER BY name")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_ledger_of_any_version_becomes_the_newest_and_loses_nothing(tmp_path, version):
    old = sqlite3.connect(tmp_path / "old")
    for step in range(1, version + 1):
        name = "schema.sql" if step == 1 else f"schema_{step}.sql"
        old.executescript((files("windsock.collector") / name).read_text("utf-8"))
    old.execute("INSERT INTO stations (agent, first_seen_us, last_seen_us) VALUES ('a', 1, 2)")
    old.execute(f"PRAGMA user_version = {version}")
    old.commit()
    old.close()

    ledger = open_ledger(tmp_path / "old")

    assert ledger.execute("SELECT agent FROM stations").fetchone()[0] == "a"
    assert ledger.execute("PRAGMA user_version").fetchone()[0] == VERSION
    assert schema_of(ledger) == schema_of(open_ledger(tmp_path / "new"))


@pytest.mark.parametrize("fatal", [1, 9, 25, 38])
def test_a_migration_that_is_killed_begins_anew(tmp_path, fatal, monkeypatch):
    old = sqlite3.connect(tmp_path / "old")
    old.executescript((files("windsock.collector") / "schema.sql").read_text("utf-8"))
    old.execute("PRAGMA user_version = 1")
    old.close()
    statements = itertools.count(1)

    def dying(script):
        for statement in split(script):
            if next(statements) == fatal:
                raise KeyboardInterrupt
            yield statement

    split = ledgers._statements
    monkeypatch.setattr(ledgers, "_statements", dying)
    with contextlib.suppress(KeyboardInterrupt):
        open_ledger(tmp_path / "old").close()
    monkeypatch.setattr(ledgers, "_statements", split)

    assert schema_of(open_ledger(tmp_path / "old")) == schema_of(open_ledger(tmp_path / "new"))


def test_a_flight_of_version_1_that_is_taken_back_later_is_noted_for_influxdb(tmp_path):
    world = World(tmp_path / "ledger")
    flight = world.flight(T0)
    assert world.rows("SELECT * FROM stale_rows") == []

    world.retract(flight)

    (stale,) = world.rows("SELECT drone_uid, start_us FROM stale_rows")
    assert stale == {"drone_uid": "px4:01", "start_us": T0}


@pytest.mark.parametrize(("content", "why"), [(b"no ledger" * 100, "not a database")])
def test_what_is_no_ledger_is_named(tmp_path, content, why):
    (tmp_path / "x").write_bytes(content)

    with pytest.raises(LedgerError, match=why):
        open_ledger(tmp_path / "x")


def test_a_ledger_of_a_newer_collector_is_left_alone(tmp_path):
    ledger = open_ledger(tmp_path / "x")
    ledger.execute(f"PRAGMA user_version = {VERSION + 1}")
    ledger.close()

    with pytest.raises(LedgerError, match=f"version {VERSION + 1}"):
        open_ledger(tmp_path / "x")
