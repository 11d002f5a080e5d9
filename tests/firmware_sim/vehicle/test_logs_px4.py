"""PX4's LOG_REQUEST_*, habit by habit."""

import pytest

from tests.firmware_sim.vehicle.station import Station, made_log

LOGS = [made_log(f"{name}.ulg", size, 1_700_000_000 + size) for name, size in
        [("a", 1000), ("b", 900), ("c", 95)]]  # fmt: skip


@pytest.fixture
def station():
    return Station("px4", *LOGS)


def whose(entry):
    """The log that an entry means: recognised by time and size."""
    (log,) = [
        one for one in LOGS if (one.modified_s, one.size) == (entry["time_utc"], entry["size"])
    ]
    return log


def listed(station, log):
    return next(entry["id"] for entry in station.list_logs() if entry["size"] == log.size)


def test_ids_count_from_0_and_last_log_num_is_no_id(station):
    entries = station.list_logs()

    assert [entry["id"] for entry in entries] == [0, 1, 2]
    assert {(entry["num_logs"], entry["last_log_num"]) for entry in entries} == {(3, 3)}
    assert {whose(entry).name for entry in entries} == {"a.ulg", "b.ulg", "c.ulg"}


def test_the_end_of_a_list_request_is_ignored(station):
    assert [entry["id"] for entry in station.list_logs(1, 1)] == [1, 2]
    assert station.list_logs(7) == []


def test_no_logs_is_silence():
    assert Station("px4").list_logs() == []


def test_ids_move_with_every_log_that_comes_or_goes(station):
    before = {whose(entry).name: entry["id"] for entry in station.list_logs()}
    station.order("rotate")  # c.ulg is the oldest
    after = {whose(entry).name: entry["id"] for entry in station.list_logs()}

    assert set(before) - set(after) == {"c.ulg"}
    assert any(before[name] != after[name] for name in after)


def test_ids_hold_until_the_next_listing(station):
    log_id = listed(station, LOGS[0])
    station.storage.kept.insert(0, made_log("new.ulg"))
    station.ask(log_id)

    assert b"".join(data for _, _, data in station.data()) == LOGS[0].data


def test_nothing_is_sent_before_a_listing(station):
    station.ask(0)
    assert station.data() == []


@pytest.mark.parametrize(
    ("ofs", "count", "expected"),
    [
        (0, 1, [90]),  # rounded up to a packet
        (0, 91, [90, 90]),
        (45, 90, [90]),
        (900, 500, [90, 10]),
        (1000, 90, []),  # at the end: silence
        (5000, 90, []),
    ],
)
def test_what_is_sent_of_a_range(station, ofs, count, expected):
    log_id = listed(station, LOGS[0])
    station.ask(log_id, ofs, count)
    packets = station.data()

    assert [len(data) for _, _, data in packets] == expected
    assert [start for _, start, _ in packets] == [ofs + 90 * n for n in range(len(expected))]
    assert b"".join(data for *_, data in packets) == LOGS[0].data[ofs : ofs + sum(expected)]


def test_a_bad_id_is_silence_and_stops_what_went_on(station):
    station.list_logs()
    station.ask(0)
    station.ask(9)

    assert station.data() == []


def slow(kind, *logs, **model):
    """A drone that sends a packet of LOG_DATA every 10 ms."""
    return Station(kind, *logs, log_data_b_s=9000, **model)


def test_a_new_request_replaces_the_old_one():
    station = slow("px4", *LOGS)
    first, second = listed(station, LOGS[0]), listed(station, LOGS[1])
    station.ask(first)
    station.data(0.035)
    station.ask(second)

    assert {log_id for log_id, *_ in station.data()} == {second}


def test_a_list_ends_a_stream():
    station = slow("px4", *LOGS)
    log_id = listed(station, LOGS[0])
    station.ask(log_id)
    station.data(0.035)

    assert len(station.list_logs()) == 3
    assert station.data() == []


def test_old_packets_still_arrive_first():
    station = Station("px4", *LOGS, made_log("d.ulg", 90_000), log_data_b_s=50_000)
    station.drone._down.faults = station.drone._down.faults.__class__(baud=57_600)
    log_id = listed(station, station.storage.kept[-1])
    station.ask(log_id)
    station.data(2)
    station.end()

    late = station.data(2)
    assert 20 < len(late) < 50  # what the buffer of 4096 bytes holds
    assert station.data(2) == []


def test_it_works_while_armed_and_keeps_nobody_from_arming(station):
    log_id = listed(station, LOGS[0])
    station.ask(log_id)
    station.order("arm")

    (ack,) = station.listen(0, "COMMAND_ACK")
    assert ack.fields["result"] == 0
    station.ask(log_id, 0, 90)
    assert len(station.data()) == 1


@pytest.mark.parametrize("modified_s", [0, 1_700_000_000])
def test_the_time_of_an_entry_is_that_of_the_last_write_or_0(modified_s):
    (entry,) = Station("px4", made_log("a.ulg", 10, modified_s)).list_logs()
    assert entry["time_utc"] == modified_s
