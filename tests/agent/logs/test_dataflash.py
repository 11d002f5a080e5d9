"""DataFlash: ArduPilot's libraries/AP_Logger, one test for each of its rules."""

import struct

import numpy as np
import pytest

from tests.agent.logs.writers import FMT_ITSELF, fmt, row, small_dataflash
from windsock.agent.logs.flightlog import LogMessage, ParameterChange
from windsock.agent.logs.reader import read_flight_log

X = fmt(140, "X", "QB", "TimeUS,X")


def xs(*values):
    return b"".join(row(140, "QB", 1000 * value, value) for value in values)


def test_a_small_log_in_full():
    log = read_flight_log(small_dataflash())
    assert log.format == "dataflash"
    assert list(log.tables) == ["ATT", "FMT", "FMTU", "IMU", "MSG", "PARM"]
    assert list(log.table("ATT").fields) == ["TimeUS", "Roll", "Pitch"]
    assert log.table("ATT").boot_us.tolist() == [2_000_000 + 10_000 * one for one in range(30)]
    assert log.table("ATT")["Pitch"].tolist() == [-float(one) for one in range(30)]
    assert log.tables["IMU"].keys() == {0, 1}
    assert set(log.table("IMU", 1)["I"].tolist()) == {1}
    assert log.parameters == {"GAIN": 0.5}
    assert log.parameter_defaults == {"GAIN": 0.25}
    assert log.parameter_changes == [ParameterChange(2_500_000, "GAIN", 0.75)]
    assert log.messages == [LogMessage(1_900_000, None, "ArduCopter V4.5.5 (12345678)")]
    assert (log.first_boot_us, log.last_boot_us) == (1_900_000, 2_500_000)
    assert log.damaged_bytes == 0


def test_every_type_of_field():
    codes = "abBhHiIfdgnNcC"
    values = [struct.pack("<32h", *range(32)), -1, 255, -2, 65535, -3, 4294967295, 1.5, 2.5]
    values += [0.5, b"name", b"text\0junk", -150, 250]
    more = [-250, 450, 473_977_421, -7, -8, 9, b"Z" * 64]
    log = read_flight_log(
        FMT_ITSELF
        + fmt(140, "ONE", codes, ",".join(codes.replace("c", "cc")).replace("c,c", "cc"))
        + fmt(141, "TWO", "eELMqQZ", "e,E,L,M,q,Q,Z")
        + row(140, codes, *values)
        + row(141, "eELMqQZ", *more)
    )
    one, two = log.table("ONE"), log.table("TWO")
    assert one["a"].tolist() == [list(range(32))]
    assert [one[name].item() for name in "bBhHiIfdg"] == values[1:10]
    assert [one[name].item() for name in ("n", "N", "cc", "C")] == [b"name", b"text", -1.5, 2.5]
    assert [one[name].dtype.str for name in "bHfg"] == ["|i1", "<u2", "<f4", "<f2"]
    assert [two[name].item() for name in "eELMqQZ"] == [
        -2.5,
        4.5,
        47.3977421,
        -7,
        -8,
        9,
        b"Z" * 64,
    ]


def test_the_bytes_of_an_embedded_file_stay_as_they_are():
    log = read_flight_log(
        FMT_ITSELF
        + fmt(140, "FILE", "NIBZ", "FileName,Offset,Length,Data")
        + row(140, "NIBZ", b"@SYS/crash", 0, 4, b"\0\1\0\2")
    )
    assert log.table("FILE")["Data"].item() == b"\0\1\0\2"


def test_a_format_may_come_after_its_first_messages():
    log = read_flight_log(FMT_ITSELF + xs(1, 2) + X + xs(3))
    assert log.table("X")["X"].tolist() == [1, 2, 3]


def test_the_first_sound_format_stays():
    other = fmt(140, "Y", "QB", "TimeUS,Y")
    lying = X[:4] + bytes([200]) + X[5:]
    log = read_flight_log(FMT_ITSELF + lying + X + xs(1) + other + xs(2))
    assert log.table("X")["X"].tolist() == [1, 2]
    assert log.table("Y") is None


@pytest.mark.parametrize("filler", [b"\x00", b"\xff"])
def test_padding_of_flash_pages_is_no_damage(filler):
    log = read_flight_log(FMT_ITSELF + X + xs(1, 2) + filler * 77 + xs(3) + filler * 500)
    assert log.table("X")["X"].tolist() == [1, 2, 3]
    assert log.damaged_bytes == 0


def test_a_vendors_header_and_foreign_bytes_are_gone_round():
    signature = bytes.fromhex("a501020066330604") * 8
    page = bytes.fromhex("314843482c500000d40f00006e9a")
    whole = FMT_ITSELF + X + xs(1, 2, 3)
    log = read_flight_log(signature + whole[:-4] + page + whole[-4:] + xs(4, 5))
    assert log.table("X")["X"].tolist() == [1, 2, 4, 5]  # the third has foreign bytes in it
    assert log.damaged_bytes == len(signature) + len(page) + len(xs(3))


def test_messages_of_a_type_that_is_not_defined_are_left_out():
    log = read_flight_log(FMT_ITSELF + X + xs(1) + row(150, "Q", 5) + xs(2))
    assert log.table("X")["X"].tolist() == [1, 2]
    assert log.damaged_bytes == len(row(150, "Q", 5))


def test_old_logs_have_milliseconds_and_gps_messages_two_clocks():
    log = read_flight_log(
        FMT_ITSELF
        + fmt(140, "ATT", "Ic", "TimeMS,Roll")
        + fmt(141, "GPS", "BIHI", "Status,TimeMS,Week,T")
        + row(140, "Ic", 5_000, 0)
        + row(141, "BIHI", 3, 407_200_000, 1800, 5_010)
    )
    assert log.table("ATT").boot_us.tolist() == [5_000_000]
    assert log.table("GPS").boot_us.tolist() == [5_010_000]
    assert log.table("GPS")["TimeMS"].tolist() == [407_200_000]
    assert log.last_boot_us == 5_010_000


def test_messages_without_time_lie_between_their_neighbours():
    log = read_flight_log(
        FMT_ITSELF
        + fmt(140, "ATT", "Ic", "TimeMS,Roll")
        + fmt(141, "EV", "B", "Id")
        + fmt(142, "GPS", "BI", "Status,TimeMS")
        + row(140, "Ic", 1_000, 0)
        + row(141, "B", 10) * 3
        + row(142, "BI", 3, 407_200_000)
        + row(140, "Ic", 2_000, 0)
        + row(141, "B", 11),
        wanted={"EV"},
    )
    times = log.table("EV").boot_us
    assert (np.diff(times) > 0).all()
    assert times[0] > 1_000_000
    assert times[2] < times[3] == 2_000_000
    assert log.last_boot_us == 2_000_000


def test_a_log_without_any_time_is_read():
    log = read_flight_log(FMT_ITSELF + fmt(140, "EV", "B", "Id") + row(140, "B", 10))
    assert log.table("EV").boot_us.tolist() == [0]
    assert log.first_boot_us is log.last_boot_us is None


def test_an_instance_is_what_fmtu_marks_and_only_a_whole_number():
    units = fmt(134, "FMTU", "QBNN", "TimeUS,FmtType,UnitIds,MultIds")
    log = read_flight_log(
        FMT_ITSELF
        + units
        + fmt(140, "BAT", "QBf", "TimeUS,Inst,Volt")
        + fmt(141, "NVF", "QNf", "TimeUS,Name,Value")
        + row(134, "QBNN", 1, 140, b"s#v", b"F-0")
        + row(134, "QBNN", 1, 141, b"s#-", b"F-0")
        + row(140, "QBf", 2, 3, 11.1)
        + row(140, "QBf", 3, 0, 12.2)
        + row(141, "QNf", 4, b"a", 1)
    )
    assert log.tables["BAT"].keys() == {0, 3}
    assert log.table("BAT", 3).boot_us.tolist() == [2]
    assert log.tables["NVF"].keys() == {0}


def test_the_version_message_is_the_info():
    log = read_flight_log(
        FMT_ITSELF
        + fmt(140, "VER", "QBBBZ", "TimeUS,Maj,Min,Pat,FWS")
        + row(140, "QBBBZ", 5, 4, 6, 3, b"ArduCopter V4.6.3 (00aa8206)")
    )
    banner = "ArduCopter V4.6.3 (00aa8206)"
    assert dict(log.info) == {"TimeUS": 5, "Maj": 4, "Min": 6, "Pat": 3, "FWS": banner}


def test_old_text_is_latin_1():
    log = read_flight_log(
        FMT_ITSELF + fmt(140, "MSG", "Z", "Message") + row(140, "Z", b"Z\xfcrich  \0\xff")
    )
    assert [line.text for line in log.messages] == ["Zürich"]


def test_tables_of_other_types_than_ours_are_left_alone():
    log = read_flight_log(
        FMT_ITSELF
        + fmt(140, "PARM", "QfN", "TimeUS,Name,Value")
        + fmt(141, "MSG", "Qa", "TimeUS,Message")
        + fmt(142, "FMTU", "QfB", "TimeUS,FmtType,UnitIds")
        + row(140, "QfN", 1, 2.5, b"GAIN")
        + row(141, "Qa", 1, bytes(64))
        + row(142, "QfB", 1, 140, 35)
    )
    assert log.parameters == {}
    assert log.messages == []
    assert log.tables["PARM"].keys() == {0}


@pytest.mark.parametrize("wanted", [None, {"PARM": None}, {"PARM": ["Value", ""]}])
def test_a_name_that_damage_took_away_is_an_empty_one(wanted):
    log = read_flight_log(small_dataflash().replace(b",Default", b",", 1), wanted)
    assert "" in log.table("PARM").fields
    assert log.parameters == {"GAIN": 0.5}
