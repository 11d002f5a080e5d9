"""What one drone's rows can do to the rest of a round: neither its numbers nor its memory."""

import logging
import math

import numpy as np
import pytest

from tests.collector.checkpoints import loaded, packed_wrong, same
from tests.collector.world import DAY, T0
from windsock.collector.fleet import claims
from windsock.collector.fleet.checkpoint import renew
from windsock.collector.fleet.seen import load_counted
from windsock.collector.forget.command import erase
from windsock.collector.forget.scope import scope_of
from windsock.collector.ledger import transaction
from windsock.collector.settings import Settings

UIDS = ("px4:01", "px4:02", "px4:03")
NOW = T0 + 9 * DAY


@pytest.fixture
def three(world):
    """D1, D2 and D3: each flew three times, all of which its counter shows."""
    world.roster(*(f"D{n},{uid},Acme" for n, uid in enumerate(UIDS, 1)))
    for uid in UIDS:
        for day in range(3):
            world.flight(T0 + day * DAY, uid=uid, agent=f"dock-{uid[-1]}")
        world.sighting(T0 - DAY, 0.0, uid=uid)
        world.sighting(T0 + 5 * DAY, 1800.0, uid=uid)
    return world


@pytest.mark.parametrize("nonsense", [1e20, math.inf])
def test_nonsense_of_one_drone_stays_its_own(three, nonsense):
    three.flight(T0, uid="px4:01", airborne_s=nonsense)

    sums = load_counted(three.ledger, ["D1", "D2", "D3"], np.zeros(3, np.int64), NOW, NOW - DAY)

    assert sums[1:].tolist() == [[1800.0, 1800.0, 0.0, 0.0, 0.0]] * 2
    assert sums[0].tolist() == [1800.0, nonsense + 1800.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("name", ["BYTES_AT_ONCE", "DRONES_AT_ONCE"])
def test_small_blocks_give_the_same(three, monkeypatch, name):
    renew(three.ledger)
    serials = ["D0", "D1", "D2", "D3"]
    whole = loaded(three.ledger, NOW, Settings())
    assert [block.size for block in claims.blocks_of(three.ledger, serials)] == [3]

    monkeypatch.setattr(claims, name, 1)

    assert [block.size for block in claims.blocks_of(three.ledger, serials)] == [1, 1, 1]
    assert same(loaded(three.ledger, NOW, Settings()), whole)


def test_a_station_named_like_a_forgotten_customer_is_in_no_pack(world, caplog):
    world.roster("D1,px4:01,Fjord", "D2,px4:02,Beta", "D3,px4:03,Beta")
    for uid, agent in (("px4:01", "fjord"), ("px4:02", "fjord"), ("px4:03", "dock-1")):
        world.flight(T0, uid=uid, agent=agent)
    renew(world.ledger)

    with transaction(world.ledger):
        erase(world.ledger, scope_of(world.ledger, "Fjord"))

    assert [row["words"] for row in world.rows("SELECT words FROM packed")] == ['["dock-1"]']
    assert [row["drone_uid"] for row in world.rows("SELECT * FROM unpacked")] == ["px4:02"]
    renew(world.ledger)
    assert not caplog.records
    assert "fjord" not in str(world.rows("SELECT * FROM packed")).lower()
    assert packed_wrong(world.ledger) == []


def test_of_a_forgotten_name_no_pack_stays_that_its_rows_do_not_explain(three):
    renew(three.ledger)
    three.ledger.execute("UPDATE packed SET words = '[\"fjord\"]' WHERE drone_uid = 'px4:02'")
    three.roster("D9,px4:09,Fjord")

    with transaction(three.ledger):
        erase(three.ledger, scope_of(three.ledger, "Fjord"))

    assert not three.rows("SELECT 1 FROM packed WHERE words LIKE '%fjord%'")
    assert {row["drone_uid"] for row in three.rows("SELECT * FROM unpacked")} == {"px4:02"}


@pytest.mark.parametrize("damage", ["x'00'", "'px4:99'"])
def test_a_pack_whose_name_is_damaged_goes_and_is_packed_anew(three, caplog, damage):
    caplog.set_level(logging.INFO)
    renew(three.ledger)
    query = "SELECT * FROM packed ORDER BY source, drone_uid"
    good = three.rows(query)
    three.ledger.execute(
        f"UPDATE packed SET drone_uid = {damage} WHERE source = 'flights' AND drone_uid = 'px4:02'"
    )

    renew(three.ledger)
    renew(three.ledger)

    assert three.rows(query) == good
    assert ["damaged" in one.message for one in caplog.records] == [True]
