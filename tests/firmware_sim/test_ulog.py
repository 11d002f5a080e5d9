"""pyulog, written by other people, reads back what was written, value for value."""

import io

import numpy as np
import pytest
from pyulog import ULog

from windsock.firmware_sim.boards import PIXHAWK, Board, Logger
from windsock.firmware_sim.flights import accidents, winged
from windsock.firmware_sim.ulog import write_ulog
from windsock.firmware_sim.ulog_topics import FIELDS, topics

FLIGHTS = {
    "a quadcopter that falls": accidents.tumbling_fall(np.random.default_rng(5)),
    "a tailsitter": winged.tailsitter_cruise(np.random.default_rng(6)),
}


@pytest.fixture(scope="module", params=FLIGHTS)
def flight(request):
    return FLIGHTS[request.param]


@pytest.fixture(scope="module")
def read(flight):
    return ULog(io.BytesIO(write_ulog(flight)))


def names(field, values):
    """pyulog's names of the columns of a field, with their values."""
    if values.ndim == 1:
        return {field: values}
    return {f"{field}[{part}]": column for part, column in enumerate(values.T)}


def test_every_value_of_every_topic(flight, read):
    log = Logger.over(flight, PIXHAWK, 1.0)
    written = list(topics(flight, PIXHAWK, log))

    assert not read.file_corruption
    assert {data.name for data in read.data_list} == set(FIELDS)
    for topic in written:
        data = read.get_dataset(topic.name, topic.instance).data
        assert data["timestamp"].tolist() == log.boot_us(topic.rows).tolist()
        for field, values in topic.values.items():
            whole = np.asarray(values)
            whole = np.broadcast_to(whole, (len(topic.rows), *whole.shape[1:]))
            for name, column in names(field, whole).items():
                assert np.array_equal(
                    data[name], column.astype(data[name].dtype), equal_nan=data[name].dtype == "f4"
                ), (topic.name, name)


def test_who_it_is(read):
    assert read.msg_info_dict["sys_uuid"] == PIXHAWK.uid.hex()
    assert read.msg_info_dict["ver_hw"] == "PX4_FMU_V6X"
    assert read.get_version_info_str() == "v1.15.4"
    assert read.initial_parameters["COM_FLIGHT_UUID"] == PIXHAWK.flights
    assert read.initial_parameters["MPC_MANTHR_MIN"] == np.float32(0.08)


def test_flight_time_is_counted_at_disarming(flight, read):
    changed = {name: value for _, name, value in read.changed_parameters}
    flown_s = (changed["LND_FLIGHT_T_HI"] << 32 | changed["LND_FLIGHT_T_LO"] & 0xFFFFFFFF) / 1e6

    assert changed["COM_FLIGHT_UUID"] == PIXHAWK.flights + 1
    assert 10.0 < flown_s - PIXHAWK.flown_s < len(flight) / 500


def test_what_it_says_in_order(read):
    said = [one.message.strip() for one in read.logged_messages]

    assert said[0] == "[commander] Armed by RC"
    assert said[1] == "[commander] Takeoff detected"
    assert "Disarmed" in said[-1]


def test_it_begins_at_arming_and_ends_a_second_after_disarming(flight, read):
    ends = [mark.t_s for mark in flight.marks if mark.what.startswith("disarmed")]

    assert read.start_timestamp == PIXHAWK.first_boot_us + round(flight.when("armed")[0] * 1e6)
    assert read.last_timestamp - PIXHAWK.first_boot_us == pytest.approx(
        ends[-1] * 1e6 + 1e6, abs=5e3
    )


def test_a_cut_log_has_no_disarming():
    flight = accidents.power_lost(np.random.default_rng(1))
    read = ULog(io.BytesIO(write_ulog(flight)))

    assert read.get_dataset("vehicle_status").data["arming_state"].tolist()[-1] == 2
    assert read.last_timestamp <= PIXHAWK.first_boot_us + flight.cut_s * 1e6


def test_a_simulated_board_says_so():
    flight = accidents.power_lost(np.random.default_rng(1))
    board = Board(hardware="PX4_SITL", version=(1, 16, 0), uid=b"", in_the_loop=True)
    read = ULog(io.BytesIO(write_ulog(flight, board)))

    assert read.initial_parameters["SYS_HITL"] == 1
    assert read.msg_info_dict["ver_hw"] == "PX4_SITL"
    assert "sys_uuid" not in read.msg_info_dict


def test_without_a_fix_there_is_no_utc():
    flight = accidents.power_lost(np.random.default_rng(1))
    board = Board(hardware="PX4_FMU_V5", version=(1, 14, 0), boot_utc_us=None)
    gps = ULog(io.BytesIO(write_ulog(flight, board))).get_dataset("vehicle_gps_position").data

    assert gps["time_utc_usec"].max() == 0
    assert gps["fix_type"].max() < 2
