"""The checkpoint is noticed to be out of date, damaged or another program's, and packed anew."""

import json
import logging
import sqlite3
from importlib.resources import files

import pytest

from tests.collector.checkpoints import packed_wrong
from tests.collector.world import DAY, T0
from windsock.collector.fleet import checkpoint
from windsock.collector.fleet.checkpoint import PACKINGS, load_columns, renew
from windsock.collector.fleet.packed import FLIGHTS, SIGHTINGS
from windsock.collector.fleet.rows import load_fleet
from windsock.collector.forget.command import erase
from windsock.collector.forget.scope import scope_of
from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.sql import insert

OTHER = {
    "drone_uid": "'px4:03'", "agent": "'dock-9'", "retracted": "1", "merged_into": "2",
    "source": "'log'", "quality": "'gps'",
}  # fmt: skip
"""What a column does not hold; of numbers, 9 more."""
NO_ROWS = ("json_each", "sqlite_master")


def read_by(ledger, packing):
    """(table, column) for all that SQLite reads for *packing*."""
    read = set()

    def authorize(action, table, column, *_):
        if action == sqlite3.SQLITE_READ and table not in NO_ROWS:
            read.add((table, column))
        return sqlite3.SQLITE_OK

    ledger.set_authorizer(authorize)
    ledger.execute(packing.query, {"uids": '["px4:01"]'}).fetchall()
    ledger.set_authorizer(None)
    return read


def unpacked(world):
    return {tuple(row.values()) for row in world.rows("SELECT * FROM unpacked")}


def fill(world, packing):
    """A row in which every column has a value, and one of another autopilot; which it is."""
    if packing is SIGHTINGS:
        world.sighting(T0, 100.0)
        world.sighting(T0, 100.0, uid="px4:02")
        return "drone_uid = 'px4:01'"
    stands = world.flight(T0)
    world.flight(T0 + DAY, uid="px4:02")
    return f"id = {stands}"


@pytest.mark.parametrize("packing", PACKINGS, ids=lambda packing: packing.source)
def test_every_column_that_is_packed_is_watched(world, packing):
    """Asked of SQLite itself, so that a query can't read what no trigger watches."""
    world.ledger.execute("PRAGMA foreign_keys = OFF")
    row = fill(world, packing)
    columns = read_by(world.ledger, packing)
    assert {table for table, _ in columns} == {packing.source}
    assert len(columns) > len(packing.fields)

    for _, column in sorted(columns):
        renew(world.ledger)
        assert unpacked(world) == set()
        world.ledger.execute("SAVEPOINT change")
        world.ledger.execute(
            f"UPDATE {packing.source} SET {column} = {_other(column)} WHERE {row}"
        )
        expected = {(packing.source, "px4:01")}
        if column == "drone_uid":
            expected.add((packing.source, "px4:03"))
        assert unpacked(world) == expected, column
        assert packed_wrong_within(world) == [], column
        world.ledger.execute("ROLLBACK TO change")
        world.ledger.execute("RELEASE change")


def packed_wrong_within(world):
    """`packed_wrong`, in a transaction that is open."""
    wrong = []
    for packing in PACKINGS:
        for uid in ("px4:01", "px4:02", "px4:03"):
            found = load_columns(world.ledger, packing, [uid])
            world.ledger.execute("SAVEPOINT bare")
            world.ledger.execute("DELETE FROM packed")
            wanted = load_columns(world.ledger, packing, [uid])
            world.ledger.execute("ROLLBACK TO bare")
            if found.rows.tobytes() != wanted.rows.tobytes() or found.words != wanted.words:
                wrong.append(uid)
    return wrong


def _other(column):
    """Something that the column does not hold."""
    return {
        "drone_uid": "'px4:03'",
        "agent": "'dock-9'",
        "retracted": "1",
        "merged_into": "2",
    }.get(column, f"coalesce({column}, 0) + 9")


@pytest.mark.parametrize("packing", PACKINGS, ids=lambda packing: packing.source)
def test_rows_that_come_and_go_are_noted(world, packing):
    row = fill(world, packing)
    assert unpacked(world) == {(packing.source, "px4:01"), (packing.source, "px4:02")}
    renew(world.ledger)

    world.ledger.execute("DELETE FROM unjudged")
    world.ledger.execute(f"DELETE FROM {packing.source} WHERE {row}")

    assert unpacked(world) == {(packing.source, "px4:01")}
    renew(world.ledger)
    assert world.rows("SELECT drone_uid FROM packed") == [{"drone_uid": "px4:02"}]
    assert unpacked(world) == set()


def test_of_a_forgotten_customer_nothing_is_packed_and_the_drones_new_owner_keeps_theirs(world):
    world.roster("D1,px4:01,Acme", "D1,,Beta,,,,,2026-01-05", "D2,px4:02,Acme", "D3,px4:03,Beta")
    for day, uid in ((0, "px4:01"), (9, "px4:01"), (0, "px4:02"), (0, "px4:03")):
        world.flight(T0 + day * DAY, uid=uid)
    renew(world.ledger)

    with transaction(world.ledger):
        erase(world.ledger, scope_of(world.ledger, "Acme"))

    assert world.rows("SELECT drone_uid FROM packed") == [{"drone_uid": "px4:03"}]
    assert {uid for _, uid in unpacked(world)} == {"px4:01"}
    assert packed_wrong(world.ledger) == []


def test_what_did_not_change_is_not_read_again(world):
    """Else this were no checkpoint: the rows are not even looked at."""
    world.roster("D1,px4:01", "D2,px4:02")
    for uid in ("px4:01", "px4:02"):
        world.flight(T0, uid=uid)
    renew(world.ledger)
    world.flight(T0 + DAY)
    world.ledger.execute("DROP TRIGGER flight_repacked")
    world.ledger.execute("UPDATE flights SET airborne_s = 100.0")

    found = load_fleet(world.ledger, T0 + 2 * DAY).told.airborne_s

    assert found.tolist() == [200.0, 600.0]


def test_a_ledger_from_before_is_packed_at_its_first_round(tmp_path):
    old = sqlite3.connect(tmp_path / "ledger")
    for name in ("schema.sql", "schema_2.sql", "schema_3.sql"):
        old.executescript((files("windsock.collector") / name).read_text("utf-8"))
    insert(old, "flights", {
        "drone_uid": "px4:01", "log_id": "0", "armed_boot_us": 0, "flight": 1, "end_boot_us": 0,
        "start_quality": "none", "simulated": 0, "facts_version": 1, "agent": "dock-1",
        "received_us": 0, "facts": b"", "events": "[]",
    })  # fmt: skip
    old.execute("PRAGMA user_version = 3")
    old.commit()
    old.close()

    ledger = open_ledger(tmp_path / "ledger")
    renew(ledger)

    assert [row["drone_uid"] for row in ledger.execute("SELECT * FROM packed")] == ["px4:01"]


@pytest.mark.parametrize(
    ("change", "said", "level"),
    [
        ("rows = zeroblob(length(rows))", "damaged as packed", logging.WARNING),
        ("rows = x'00'", "damaged as packed", logging.WARNING),
        ("rows = 'text'", "damaged as packed", logging.WARNING),
        ("words = x'00'", "damaged as packed", logging.WARNING),
        ("words = '[]'", "damaged as packed", logging.WARNING),
        ("digest = digest + 1", "damaged as packed", logging.WARNING),
        ("made_by = made_by + 1", "packed by another version", logging.INFO),
    ],
)
def test_what_is_damaged_or_anothers_is_never_used_and_packed_anew(
    world, caplog, change, said, level
):
    caplog.set_level(logging.INFO)
    world.flight(T0)
    world.flight(T0, uid="px4:02")
    renew(world.ledger)
    good = world.rows("SELECT * FROM packed ORDER BY drone_uid")
    world.ledger.execute(f"UPDATE packed SET {change} WHERE drone_uid = 'px4:01'")

    assert packed_wrong(world.ledger) == []
    assert not caplog.records
    renew(world.ledger)

    assert world.rows("SELECT * FROM packed ORDER BY drone_uid") == good
    (one,) = caplog.records
    assert (one.levelno, said in one.message, "1 autopilots" in one.message) == (level, True, True)
    renew(world.ledger)
    assert len(caplog.records) == 1


def test_a_query_that_changes_is_another_way_of_packing():
    """So that nobody has to remember a number."""
    others = [
        FLIGHTS._replace(query=FLIGHTS.query.replace("-1.0", "-2.0")),
        FLIGHTS._replace(fields=FLIGHTS.fields[1:]),
        FLIGHTS._replace(fields=[("id", "<f8"), *FLIGHTS.fields[1:]]),
    ]
    assert len({one.made_by for one in (FLIGHTS, *others)}) == 4


def commits_of(ledger):
    """Those that come from now on."""
    commits = []
    ledger.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    return commits


def test_many_are_packed_in_steps_that_others_can_write_between(world, monkeypatch):
    monkeypatch.setattr(checkpoint, "AUTOPILOTS_A_STEP", 2)
    for n in range(5):
        world.flight(T0, uid=f"px4:{n}")
    commits = commits_of(world.ledger)

    renew(world.ledger)
    renew(world.ledger)

    assert len(commits) == 3
    assert len(world.rows("SELECT * FROM packed")) == 5
    assert packed_wrong(world.ledger) == []


def test_a_step_ends_early_where_histories_are_long(world, monkeypatch):
    monkeypatch.setattr(checkpoint, "BYTES_A_STEP", 1)
    for n in range(3):
        world.flight(T0, uid=f"px4:{n}")
    commits = commits_of(world.ledger)

    renew(world.ledger)

    assert len(commits) == 3
    assert len(world.rows("SELECT * FROM packed")) == 3


def test_words_that_are_no_ascii_and_none_at_all(world):
    world.flight(T0, agent='Dock "Ä"')
    renew(world.ledger)

    columns = load_columns(world.ledger, FLIGHTS, ["px4:00", "px4:01"])
    assert columns.edges.tolist() == [0, 0, 1]
    assert columns.words == ['Dock "Ä"']
    assert json.loads(world.rows("SELECT words FROM packed")[0]["words"]) == ['Dock "Ä"']
