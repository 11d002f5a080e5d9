"""ULog: https://docs.px4.io/main/en/dev_log/ulog_file_format, one test for each of its rules."""

import struct

import numpy as np
import pytest

from tests.agent.logs.writers import (
    SYNC,
    data,
    definition,
    flags,
    floats,
    keyed,
    message,
    small_ulog,
    subscribe,
    tagged,
    text,
    ulog,
    unsubscribe,
)
from windsock.agent.logs.flightlog import Dropout, LogError, LogMessage, ParameterChange
from windsock.agent.logs.reader import read_flight_log

X = definition("x:uint64_t timestamp;float x;")


def test_a_small_log_in_full():
    log = read_flight_log(small_ulog())
    assert log.format == "ulog"
    assert {name: list(table) for name, table in log.tables.items()} == {"accel": [0, 1]}
    table = log.table("accel")
    assert list(table.fields) == ["timestamp", "a[0]", "a[1]", "a[2]"]
    assert table.boot_us.dtype == np.int64
    assert table.boot_us.tolist() == [2_000_000 + 20_000 * row for row in range(15)]
    assert table["a[2]"].dtype == np.float32
    assert log.parameters == {"GAIN": 0.5}
    assert log.parameter_changes == [ParameterChange(2_290_000, "GAIN", 0.75)]
    assert log.messages == [LogMessage(2_000_000, 4, "Takeoff detected")]
    assert log.info == {"ver_hw": "PX4_FMU_X"}
    assert log.dropouts == [Dropout(2_290_000, 0.12)]
    assert log.dropouts_s == 0.12
    assert (log.first_boot_us, log.last_boot_us) == (1_000_000, 2_290_000)
    assert log.damaged_bytes == 0


def test_nested_types_are_flattened_as_pyulog_names_them():
    log = read_flight_log(
        ulog(
            definition("esc:int8_t id;uint16_t[2] rpm;"),
            definition("status:uint64_t timestamp;esc[2] esc;esc one;bool ok;"),
            subscribe(1, "status"),
            data(1, 7, struct.pack("<bHHbHHbHHB", 1, 10, 11, 2, 20, 21, 3, 30, 31, 1)),
        )
    )
    table = log.table("status")
    assert {name: column[0] for name, column in table.fields.items()} == {
        "timestamp": 7,
        "esc[0].id": 1,
        "esc[0].rpm[0]": 10,
        "esc[0].rpm[1]": 11,
        "esc[1].id": 2,
        "esc[1].rpm[0]": 20,
        "esc[1].rpm[1]": 21,
        "one.id": 3,
        "one.rpm[0]": 30,
        "one.rpm[1]": 31,
        "ok": 1,
    }


@pytest.mark.parametrize(
    "body",
    ["x:x[2] again;", "x:unknown_t a;", "x:" + "y[9999] a;" * 9, "x:uint8_t[3] _padding0;"],
)
def test_a_type_that_cannot_be_laid_out_costs_only_its_own_topic(body):
    bomb = definition("y:y[9999] y;")
    good = definition("z:uint64_t timestamp;")
    lost = data(1, 5, bytes(9))
    log = read_flight_log(
        ulog(bomb, definition(body), good, subscribe(1, "x"), subscribe(2, "z"), lost, data(2, 6))
    )
    assert log.tables.keys() == {"z"}
    assert log.damaged_bytes == len(lost)


def test_types_nested_without_end_are_not_followed():
    deep = [definition(f"t{one}:t{one + 1} a;") for one in range(3_000)]
    log = read_flight_log(ulog(X, *deep, subscribe(1, "t0"), subscribe(2, "x"), floats(2, 5, 1)))
    assert log.tables.keys() == {"x"}


@pytest.mark.parametrize("padding_bytes", [0, 1, 4])
def test_trailing_padding_may_be_left_out_of_data(padding_bytes):
    log = read_flight_log(
        ulog(
            definition("x:uint64_t timestamp;float x;uint8_t[4] _padding0;"),
            subscribe(1, "x"),
            data(1, 5, struct.pack("<f", 1.5) + bytes(padding_bytes)),
        )
    )
    assert log.table("x")["x"].tolist() == [1.5]
    assert list(log.table("x").fields) == ["timestamp", "x"]


def test_subscriptions_may_come_between_data_and_end():
    log = read_flight_log(
        ulog(
            X,
            definition("y:uint64_t timestamp;double y;"),
            subscribe(1, "x"),
            *(floats(1, row, row) for row in range(5)),
            subscribe(2, "y"),
            *(data(2, row, struct.pack("<d", row)) for row in range(5, 9)),
            unsubscribe(1),
            subscribe(1, "y", instance=1),
            *(data(1, row, struct.pack("<d", row)) for row in range(9, 12)),
            subscribe(9, "x"),
            floats(9, 12, 12),
        )
    )
    assert log.table("x")["x"].tolist() == [0, 1, 2, 3, 4, 12]
    assert log.table("y")["y"].tolist() == [5, 6, 7, 8]
    assert log.table("y", 1)["y"].tolist() == [9, 10, 11]


def test_the_first_definition_stays():
    log = read_flight_log(
        ulog(
            X,
            definition("x:uint64_t timestamp;float wrong;"),
            subscribe(1, "x"),
            floats(1, 1, 1),
            subscribe(1, "y"),
            subscribe(1, "x", instance=4),
            floats(1, 2, 2),
        )
    )
    assert log.table("x")["x"].tolist() == [1, 2]
    assert log.tables["x"].keys() == {0}


def test_parameters_and_their_defaults():
    log = read_flight_log(
        ulog(
            keyed("P", "int32_t SYS_AUTOSTART", struct.pack("<i", 4001)),
            keyed("Q", "int32_t SYS_AUTOSTART", struct.pack("<i", 6), before=b"\x02"),
            keyed("Q", "int32_t SYS_AUTOSTART", struct.pack("<i", 5), before=b"\x01"),
            keyed("Q", "float MPC_XY_CRUISE", struct.pack("<f", 7), before=b"\x01"),
            keyed("P", "float MPC_XY_CRUISE", struct.pack("<f", 5)),
            X,
            subscribe(1, "x"),
            floats(1, 3_000_000, 0),
            keyed("P", "float MPC_XY_CRUISE", struct.pack("<f", 5)),
            keyed("P", "int32_t SYS_AUTOSTART", struct.pack("<i", 4002)),
        )
    )
    assert log.parameters == {"SYS_AUTOSTART": 4001, "MPC_XY_CRUISE": 5.0}
    assert log.parameter_defaults == {"SYS_AUTOSTART": 6, "MPC_XY_CRUISE": 7.0}
    assert log.parameter_changes == [(3_000_000, "SYS_AUTOSTART", 4002)]


def test_info_of_all_kinds():
    log = read_flight_log(
        ulog(
            keyed("I", "uint32_t ver_sw_release", struct.pack("<I", 0x010E00FF)),
            keyed("I", "int32_t time_ref_utc", struct.pack("<i", -3600)),
            keyed("I", "uint8_t[3] raw", b"\x01\x02\x03"),
            keyed("M", "char[4] perf", b"one ", before=b"\x00"),
            keyed("M", "char[4] perf", b"more", before=b"\x01"),
            keyed("M", "char[3] perf", b"two", before=b"\x00"),
        )
    )
    assert log.info == {
        "ver_sw_release": 0x010E00FF,
        "time_ref_utc": -3600,
        "raw": b"\x01\x02\x03",
        "perf": ["one more", "two"],
    }


def test_lines_of_text_with_and_without_tag():
    log = read_flight_log(ulog(text("a\t", 5, "0"), tagged("b\r\n", 6, "7"), text("é\xff", 7)))
    assert log.messages == [(5, 0, "a"), (6, 7, "b"), (7, 4, "é\xff")]


def test_data_appended_after_a_crash_is_read_behind_what_was_cut_off():
    cut = floats(1, 3, 3)[:-2]
    before = ulog(flags(), X, subscribe(1, "x"), floats(1, 1, 1), floats(1, 2, 2)) + cut
    log = ulog(flags(1, (len(before), 0, 0))) + before[len(ulog(flags())) :] + floats(1, 4, 4)
    assert read_flight_log(log).table("x")["x"].tolist() == [1, 2, 4]
    assert read_flight_log(log).damaged_bytes == 0


@pytest.mark.parametrize("incompatible", [2, 3, 1 << 8, 1 << 63])
def test_unknown_incompatible_flags_are_refused(incompatible):
    with pytest.raises(LogError, match=f"unknown incompatible flags {incompatible:#x}$"):
        read_flight_log(ulog(flags(incompatible), X))


def test_kinds_of_messages_that_are_not_known_are_stepped_over():
    log = read_flight_log(
        ulog(X, message("Z", b"new"), subscribe(1, "x"), floats(1, 1, 1), message("w", bytes(90)))
        + message("S", SYNC)
        + floats(1, 2, 2)
    )
    assert log.table("x")["x"].tolist() == [1, 2]
    assert log.damaged_bytes == 0


def test_a_topic_without_time_takes_that_of_its_neighbours():
    log = read_flight_log(
        ulog(
            X,
            definition("y:uint16_t y;"),
            subscribe(1, "x"),
            subscribe(2, "y"),
            floats(1, 4_000_000, 0),
            message("D", struct.pack("<HH", 2, 77)),
        )
    )
    assert log.table("y").boot_us.tolist() == [4_000_000]
    assert log.table("y")["y"].tolist() == [77]


def test_stamps_may_be_older_than_the_file():
    log = read_flight_log(ulog(X, subscribe(1, "x"), floats(1, 400, 0), floats(1, 2_000_000, 1)))
    assert log.table("x").boot_us.tolist() == [400, 2_000_000]
    assert (log.first_boot_us, log.last_boot_us) == (1_000_000, 2_000_000)
