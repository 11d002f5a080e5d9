"""What damage makes up is not believed: records out of range or time, definitions said again."""

import numpy as np
import pytest

from tests.agent.logs.writers import (
    FMT_ITSELF,
    definition,
    flags,
    floats,
    fmt,
    row,
    subscribe,
    ulog,
)
from windsock.agent.logs.reader import read_flight_log

COUNT = 200
# Begins as a message of an unknown kind, so the message before it counts.
ULOG_DAMAGE = b"\x55" * 40
DATAFLASH_DAMAGE = b"\xa3\x95\xee" + ULOG_DAMAGE
THING = definition("thing:uint64_t timestamp;float x;")
SUBSCRIBED = THING + subscribe(1, "thing")
ATT = fmt(130, "ATT", "Qcc", "TimeUS,Roll,Pitch")


def ulog_with(bogus, before=SUBSCRIBED):
    good = [floats(1, 2_000_000 + 10_000 * one, one) for one in range(COUNT)]
    return read_flight_log(ulog(flags(), before, *good[:90], ULOG_DAMAGE, bogus, *good[90:]))


def dataflash_with(bogus, before=ATT):
    good = [row(130, "Qcc", 2_000_000 + 10_000 * one, one, -one) for one in range(COUNT)]
    log = b"".join([FMT_ITSELF, before, *good[:90], DATAFLASH_DAMAGE, bogus, *good[90:]])
    return read_flight_log(log)


@pytest.mark.parametrize("time_us", [0, 500, 1 << 40, 1 << 62, (1 << 63) - 1, (1 << 64) - 1])
def test_a_record_of_an_impossible_time_is_damage(time_us):
    log = ulog_with(floats(1, time_us, 7e7))
    assert log.table("thing")["x"].tolist() == list(range(COUNT))
    assert (log.first_boot_us, log.last_boot_us) == (1_000_000, 3_990_000)
    log = dataflash_with(row(130, "Qcc", time_us, 30_000, 0))
    assert log.table("ATT")["Pitch"].tolist() == [-one / 100 for one in range(COUNT)]
    assert (log.first_boot_us, log.last_boot_us) == (2_000_000, 3_990_000)


def test_records_of_no_topics_size_or_of_no_topic_are_damage():
    too_short, foreign = floats(1, 2_900_000), floats(9, 2_900_000, 7e7)
    log = ulog_with(too_short + foreign + ULOG_DAMAGE)
    assert log.table("thing")["x"].tolist() == list(range(COUNT))
    assert log.tables.keys() == {"thing"}
    log = dataflash_with(row(77, "Qcc", 2_900_000, 1, 1) + DATAFLASH_DAMAGE)
    assert len(log.table("ATT")) == COUNT
    assert log.tables.keys() == {"ATT", "FMT"}


BITS = np.arange(8)


@pytest.mark.parametrize("bit", BITS)
def test_a_damaged_format_never_takes_the_place_of_a_good_one(bit):
    for place in range(len(THING)):
        again = THING[:place] + bytes([THING[place] ^ 1 << bit]) + THING[place + 1 :]
        for bogus in (again, again + subscribe(1, "thing", 5)):
            table = ulog_with(bogus).table("thing")
            assert list(table.fields) == ["timestamp", "x"], place
            assert table["x"].tolist() == list(range(COUNT)), place


@pytest.mark.parametrize("bit", BITS)
def test_a_damaged_fmt_never_takes_the_place_of_a_good_one(bit):
    for place in range(3, len(ATT)):
        again = ATT[:place] + bytes([ATT[place] ^ 1 << bit]) + ATT[place + 1 :]
        table = dataflash_with(again).table("ATT")
        assert list(table.fields) == ["TimeUS", "Roll", "Pitch"], place
        assert table["Pitch"].tolist() == [-one / 100 for one in range(COUNT)], place


@pytest.mark.parametrize("bit", BITS)
def test_a_good_format_is_found_behind_a_damaged_one(bit):
    for place in range(3, len(THING)):
        broken = THING[:place] + bytes([THING[place] ^ 1 << bit]) + THING[place + 1 :]
        table = ulog_with(b"", broken + THING + subscribe(1, "thing")).table("thing")
        assert len(table) == COUNT, place
