"""A definition with a damaged bit is mended where the log itself tells what it was."""

import pytest

from tests.agent.logs.writers import (
    FMT_ITSELF,
    data,
    definition,
    floats,
    fmt,
    keyed,
    row,
    subscribe,
    text,
    ulog,
)
from windsock.agent.logs.reader import read_flight_log

FORMAT = definition("thing:uint64_t timestamp;float x;float[2] y;uint8_t[4] _padding0;")
SUBSCRIPTION = subscribe(1, "thing")
OTHER = definition("other:uint64_t timestamp;float x;") + subscribe(2, "other")
ROWS = [floats(1, 1_000_000 + 1000 * one, one, 0, 0) for one in range(9)]


def with_bit(message, place, bit):
    return message[:place] + bytes([message[place] ^ 1 << bit]) + message[place + 1 :]


def mended(format_message=FORMAT, subscription=SUBSCRIPTION):
    log = ulog(text("a"), format_message, text("b"), subscription, text("c"), OTHER, *ROWS)
    return read_flight_log(log)


def places(message, part):
    first = message.index(part)
    return range(first, first + len(part))


@pytest.mark.parametrize("bit", range(8))
@pytest.mark.parametrize("part", [b"uint64_t", b" ", b"timestamp", b";", b"float", b"[", b"]"])
def test_any_bit_of_a_formats_types_and_signs(part, bit):
    for place in places(FORMAT, part):
        table = mended(with_bit(FORMAT, place, bit)).table("thing")
        assert len(table.boot_us) == 9, place
        assert table.boot_us[0] == 1_000_000, place


@pytest.mark.parametrize("bit", range(4))
def test_the_length_of_an_array_follows_from_the_size_of_the_data(bit):
    place = FORMAT.index(b"2]")
    table = mended(with_bit(FORMAT, place, bit)).table("thing")
    assert list(table.fields) == ["timestamp", "x", "y[0]", "y[1]"]
    assert table["x"].tolist()[-1] == 8


@pytest.mark.parametrize("bit", range(8))
def test_any_bit_of_a_header_of_a_definition(bit):
    for place in range(3):
        assert len(mended(with_bit(FORMAT, place, bit)).table("thing")) == 9, place
        assert len(mended(FORMAT, with_bit(SUBSCRIPTION, place, bit)).table("thing")) == 9, place


@pytest.mark.parametrize("bit", range(8))
def test_any_bit_of_the_name_in_a_subscription(bit):
    for place in places(SUBSCRIPTION, b"thing"):
        assert len(mended(FORMAT, with_bit(SUBSCRIPTION, place, bit)).table("thing")) == 9


def test_a_sound_format_takes_the_place_of_a_mended_one():
    broken = with_bit(FORMAT, FORMAT.index(b"float"), 0)
    log = read_flight_log(ulog(text("a"), broken, text("b"), FORMAT, SUBSCRIPTION, *ROWS))
    assert log.table("thing")["x"].tolist()[-1] == 8


def test_data_without_a_subscription_are_known_by_their_size():
    lost = [data(7, 5, bytes(30)) for _ in range(50)]
    log = read_flight_log(ulog(OTHER, *lost, floats(2, 9, 1), *lost, floats(2, 10, 2)))
    assert log.table("other")["x"].tolist() == [1, 2]
    assert log.tables.keys() == {"other"}
    assert log.damaged_bytes == 100 * len(lost[0])


def test_a_parameter_of_a_wrong_size_is_damage():
    log = read_flight_log(ulog(keyed("P", "float GAIN", b"\x01"), OTHER, floats(2, 9, 1)))
    assert log.parameters == {}
    assert len(log.table("other")) == 1


ATT = fmt(140, "ATT", "Qcc", "TimeUS,Roll,Pitch")
ATT_ROWS = b"".join(row(140, "Qcc", 1000 * one, 100 * one, 0) for one in range(9))


def att(format_message):
    return read_flight_log(FMT_ITSELF + format_message + ATT_ROWS).table("ATT")


@pytest.mark.parametrize(
    ("part", "bits"),
    [
        (b"Qcc", range(8)),
        (bytes([len(row(140, "Qcc", 0, 0, 0))]), range(8)),
        (b"TimeUS", range(8)),
        (b",", [0, 1, 2, 3, 4, 5, 7]),
        (b"\0", range(8)),
        (b"\xa3\x95\x80", range(8)),
    ],
)
def test_any_bit_of_a_dataflash_format(part, bits):
    for bit in bits:
        for place in places(ATT, part):
            table = att(with_bit(ATT, place, bit))
            assert table.boot_us.tolist() == [1000 * one for one in range(9)], (place, bit)


@pytest.mark.parametrize("bit", range(8))
def test_a_bit_behind_the_type_letters_is_no_letter(bit):
    place = ATT.index(b"Qcc") + 3
    assert len(att(with_bit(ATT, place, bit))) == 9


@pytest.mark.parametrize("bit", range(5))
def test_damaged_definitions_in_a_row_are_mended_one_by_one(bit):
    forms = with_bit(FORMAT, FORMAT.index(b"float"), bit) + with_bit(
        definition("other:uint64_t timestamp;float x;"), 30, bit
    )
    size_lost = with_bit(subscribe(2, "other"), 1, 1)
    named = with_bit(SUBSCRIPTION, SUBSCRIPTION.index(b"thing"), bit)
    log = read_flight_log(ulog(text("a"), forms, text("b"), named, size_lost, text("c"), *ROWS))
    assert len(log.table("thing")) == 9
    other = ulog(text("a"), forms, text("b"), named, size_lost, text("c"), floats(2, 9, 1))
    assert len(read_flight_log(other).table("other")) == 1


def test_a_format_whose_fields_lost_their_names_is_not_guessed():
    lost = ATT.replace(b"Roll,Pitch", bytes(10))
    other = fmt(141, "X", "Q", "TimeUS") + row(141, "Q", 5)
    log = read_flight_log(FMT_ITSELF + lost + other + ATT_ROWS + FMT_ITSELF)
    assert log.tables.keys() == {"FMT", "X"}
    assert log.damaged_bytes == len(ATT_ROWS)


def test_an_instance_is_still_told_apart_where_its_fmtu_is_lost():
    units = fmt(134, "FMTU", "QBNN", "TimeUS,FmtType,UnitIds,MultIds")
    log = read_flight_log(
        FMT_ITSELF
        + units
        + fmt(140, "IMU", "QBf", "TimeUS,I,AccZ")
        + row(134, "QBNN", 1, 141, b"s#v", b"F-0")
        + row(140, "QBf", 2, 0, -9.8)
        + row(140, "QBf", 2, 1, -9.7)
    )
    assert log.tables["IMU"].keys() == {0, 1}


def test_of_two_names_that_differ_by_a_bit_the_one_of_known_words_is_believed():
    """Format and subscription are as sound as each other; other topics tell which was hit."""
    said = definition("thing_status:uint64_t timestamp;float x;")
    other = definition("thinf_mode:uint64_t timestamp;float x;")
    log = ulog(said, other, subscribe(1, "thing_mode"), floats(1, 9, 1))
    assert read_flight_log(log).tables.keys() == {"thing_mode"}
    unlikely = [subscribe(2, "thinf_mnde"), subscribe(3, "thing_status")]
    log = ulog(said, other, *unlikely, floats(2, 9, 1))
    assert read_flight_log(log).tables.keys() == {"thinf_mode"}
