"""Equal to pyulog, bit for bit, on every undamaged ULog there is."""

import math

import pytest
from pyulog import ULog

from windsock.agent.logs.reader import read_flight_log

NAMES = [
    "collected/ae405__AE405testy.ulg",
    "collected/ae405__log3.ulg",
    "collected/frv2__ekf_failure.ulg",
    "collected/mcap__typescript_examples_ulog2mcap_fixtures_test_ulog.ulg",
    "collected/mengch__test2.ulg",
    "collected/px4ulogrs__6ba1abc7-b433-4029-b8f5-3b2bb12d3b6c.ulg",
    "collected/pyulog__sample.ulg",
    "collected/pyulog__sample_appended_multiple.ulg",
    "collected/pyulog__sample_log_small.ulg",
    "collected/pyulog__sample_px4_events.ulg",
    "collected/pyulog__sample_unordered.ulg",
    "collected/roboto__actions_ulog_to_csv_input_test.ulg",
    "collected/surrealist__experiments_m0.ulg",
    "collected/yulelog__core_test_data_input_powers.ulg",
    "collected/yulelog__core_test_data_input_trig_stats.ulg",
    "recorded/px4_g1_two_flights_hwprofile_1.ulg",
    "recorded/px4_k2_terminate.ulg",
    "recorded/px4_k3_force_disarm.ulg",
]
DAMAGED = {"px4ulogrs__corrupt_actuator_armed_wrong_size", "px4ulogrs__corrupt_format_not_utf8"}
STAMP_IN_THE_FUTURE = "pyulog__sample_log_small.ulg"  # of one topic; pyulog's clock stays there


@pytest.fixture(scope="module", params=NAMES)
def both(request, shared_logs):
    path = shared_logs / request.param
    return read_flight_log(path.read_bytes()), ULog(str(path))


def test_every_ulog_is_here(shared_logs):
    assert {path.stem for path in shared_logs.glob("*/*.ulg")} == DAMAGED | {
        name.split("/")[1].removesuffix(".ulg") for name in NAMES
    }


def test_all_data_are_equal(both):
    ours, theirs = both
    assert ours.damaged_bytes == 0
    tables = {(name, one): table for name, of in ours.tables.items() for one, table in of.items()}
    assert list(tables) == [(data.name, data.multi_id) for data in theirs.data_list]
    for data in theirs.data_list:
        table = tables[data.name, data.multi_id]
        assert list(table.fields) == list(data.data)
        for field, column in data.data.items():
            assert table[field].dtype == column.dtype
            assert table[field].tobytes() == column.tobytes(), (data.name, field)
        assert table.boot_us.tolist() == data.data["timestamp"].tolist()


def test_all_that_is_said_is_equal(both):
    ours, theirs = both
    assert {key: ours.info[key] for key in theirs.msg_info_dict} == theirs.msg_info_dict
    for key, values in theirs.msg_info_multiple_dict.items():
        assert ours.info[key] == [type(parts[0])().join(parts) for parts in values]
    assert ours.parameters == theirs.initial_parameters
    assert ours.parameter_defaults == theirs.get_default_parameters(0) | (
        theirs.get_default_parameters(1)
    )
    lines = [(one.timestamp, one.message.rstrip("\t")) for one in theirs.logged_messages]
    assert [(line.boot_us, line.text) for line in ours.messages] == lines
    assert math.isclose(ours.dropouts_s, sum(one.duration for one in theirs.dropouts) / 1000)


def test_times_are_equal(both, request):
    ours, theirs = both
    if STAMP_IN_THE_FUTURE in request.node.name:
        assert ours.last_boot_us < theirs.last_timestamp
        return
    latest = dict(theirs.initial_parameters)
    changes = []
    for boot_us, name, value in theirs.changed_parameters:
        if latest.get(name) != value:
            changes.append((boot_us, name, value))
        latest[name] = value
    assert ours.parameter_changes == changes
    assert [one.boot_us for one in ours.dropouts] == [one.timestamp for one in theirs.dropouts]
    assert ours.last_boot_us == theirs.last_timestamp
