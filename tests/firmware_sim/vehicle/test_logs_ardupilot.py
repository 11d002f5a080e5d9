"""ArduPilot's LOG_REQUEST_*, habit by habit, and what they do to a pilot who wants to arm."""

import pytest

from tests.firmware_sim.vehicle.station import Station, made_log

OLD, NEW = (
    made_log("00000004.BIN", 1000, 1_700_000_000),
    made_log("00000006.BIN", 900, 1_700_009_000),
)
ACCEPTED, FAILED = 0, 4


@pytest.fixture
def station():
    return Station("ardupilot", OLD, NEW)


@pytest.fixture
def slow():
    """It sends a packet of LOG_DATA every 10 ms."""
    return Station("ardupilot", OLD, NEW, log_data_b_s=9000)


def arm(station, order="arm"):
    """The result of an attempt, None without an acknowledgement, and what is said."""
    station.order(order)
    said = station.listen(0, "COMMAND_ACK", "STATUSTEXT")
    results = [m.fields["result"] for m in said if m.name == "COMMAND_ACK"]
    texts = [m.fields["text"] for m in said if m.name == "STATUSTEXT"]
    return (results or [None])[0], texts


def test_ids_count_from_1_and_holes_are_listed_empty(station):
    entries = station.list_logs()

    assert [(e["id"], e["size"], e["time_utc"]) for e in entries] == [
        (1, 1000, 1_700_000_000),
        (2, 0, 0),
        (3, 900, 1_700_009_000),
    ]
    assert {(e["num_logs"], e["last_log_num"]) for e in entries} == {(3, 3)}


def test_no_logs_is_one_entry_of_id_0():
    (entry,) = Station("ardupilot").list_logs()
    assert (entry["id"], entry["num_logs"], entry["size"]) == (0, 0, 0)


def test_the_open_log_grows(station):
    station.list_logs()
    station.storage.kept[-1] = made_log("00000006.BIN", 2000, 1_700_010_000)

    assert station.list_logs()[-1]["size"] == 2000


def test_rotation_moves_the_ids(station):
    station.order("rotate")
    assert [(e["id"], e["size"]) for e in station.list_logs()] == [(1, 900)]


@pytest.mark.parametrize(
    ("start", "end", "ids"), [(0, 0xFFFF, [1, 2, 3]), (2, 2, [2]), (3, 9, [3])]
)
def test_lists_are_clamped(station, start, end, ids):
    assert [entry["id"] for entry in station.list_logs(start, end)] == ids


@pytest.mark.parametrize(("start", "end"), [(4, 0xFFFF), (3, 2)])
def test_out_of_range_it_lists_logs_that_do_not_exist(station, start, end):
    entries = station.list_logs(start, end, seconds=0.5)

    assert [entry["id"] for entry in entries] == list(range(start, start + len(entries)))
    assert len(entries) > 1000
    assert not any(entry["size"] for entry in entries if entry["id"] > 3)


def test_it_lists_all_ids_there_can_be(station):
    station.say("LOG_REQUEST_LIST", start=4, end=0xFFFF)
    frames = [frame for _, frame in station.frames(25) if frame[7] == 118]
    last = [m.fields["id"] for m in station.codec.decode(b"".join(frames[-5:]))]

    assert len(frames) == 65_536
    assert last == [65_535, 0, 1, 2, 3]


def test_end_stops_such_a_list(station):
    station.list_logs(4, seconds=0.5)
    station.end()

    assert station.listen(5, "LOG_ENTRY") == []


@pytest.mark.parametrize(
    ("ofs", "count", "expected"),
    [
        (0, 1, [1]),
        (0, 90, [90]),
        (0, 180, [90, 90]),  # no short packet says that this was all
        (0, 100, [90, 10]),
        (910, 500, [90]),
        (950, 500, [50]),
        (1000, 90, [0]),  # at or past the end: one empty packet
        (5000, 90, [0]),
    ],
)
def test_what_is_sent_of_a_range(station, ofs, count, expected):
    station.ask(1, ofs, count)
    packets = station.data()

    assert [len(data) for *_, data in packets] == expected
    assert b"".join(data for *_, data in packets) == OLD.data[ofs : ofs + sum(expected)]


@pytest.mark.parametrize("log_id", [0, 4, 999])
def test_a_bad_id_is_silence(station, log_id):
    station.ask(log_id)
    assert station.data() == []


def test_a_hole_is_one_empty_packet(station):
    station.ask(2)
    assert station.data() == [(2, 0, b"")]


def test_a_second_request_during_a_transfer_is_dropped(slow):
    slow.ask(1)
    slow.data(0.025)
    slow.ask(3)
    slow.say("LOG_REQUEST_LIST", start=0, end=0xFFFF)
    said = slow.listen(5, "LOG_ENTRY", "LOG_DATA", "STATUSTEXT")

    assert {(m.name, m.fields.get("text", m.fields["id"])) for m in said} == {
        ("LOG_DATA", 1),
        ("STATUSTEXT", "Log download in progress"),
    }


def test_anybody_ends_anybodys_transfer(slow):
    slow.ask(1)
    slow.data(0.025)
    slow.order("station end")

    assert slow.data(5) == []


def test_a_second_station_downloads_for_all_to_see(slow):
    slow.order("station data 3 0 270")
    slow.ask(1)

    assert [log_id for log_id, *_ in slow.data(5)] == [3, 3, 3]


def test_armed_it_does_not_answer(station):
    station.order("arm")
    station.listen(0)
    assert station.list_logs() == []
    station.ask(1)
    station.end()

    assert station.listen(1, "LOG_DATA", "LOG_ENTRY", "STATUSTEXT") == []


def test_armed_it_says_so_once(station):
    station.order("arm")
    station.listen(0)
    station.ask(1)
    station.ask(1)

    (text,) = station.listen(1, "STATUSTEXT")
    assert text.fields["text"] == "Disarm for log download"


def test_a_transfer_cut_by_arming_goes_on_after_disarming(slow):
    slow.ask(1)
    before = slow.data(0.035)
    slow.order("arm force")
    assert slow.data(10) == []
    slow.end()
    slow.listen(0)  # not heard while armed
    slow.order("disarm")
    slow.say("LOG_REQUEST_LIST", start=0, end=0xFFFF)  # dropped: the transfer has the floor
    after = slow.data(5)

    assert after[0][1] == before[-1][1] + 90
    assert b"".join(data for *_, data in [*before, *after]) == OLD.data


def test_end_after_disarming_makes_room_for_a_list(slow):
    slow.ask(1)
    slow.data(0.035)
    slow.order("arm force")
    slow.data(1)
    slow.order("disarm")
    slow.end()

    assert len(slow.list_logs()) == 3


def test_a_transfer_keeps_a_pilot_from_arming(slow):
    slow.ask(1)
    slow.data(0.025)

    assert arm(slow) == (FAILED, ["PreArm: Downloading logs"])
    assert arm(slow, "arm stick") == (None, ["PreArm: Downloading logs"])
    assert not slow.drone.vehicle.craft.armed


def test_arming_is_possible_a_second_after_the_end(slow):
    slow.ask(1)
    slow.data(0.025)
    slow.end()
    slow.listen(0.9)
    assert arm(slow)[0] == FAILED
    slow.listen(0.2)

    assert arm(slow) == (ACCEPTED, ["Arming motors"])


def test_a_transfer_that_ran_out_keeps_nobody_from_arming(slow):
    slow.ask(1, 0, 900)
    slow.data(5)

    assert arm(slow)[0] == ACCEPTED


def test_a_killed_station_blocks_arming_until_its_range_is_done(slow):
    slow.ask(1)
    slow.data(0.025)
    refused_s = 0.0
    while arm(slow)[0] == FAILED:
        slow.listen(0.1)
        refused_s += 0.1

    assert refused_s == pytest.approx(1000 / 9000 + 1, abs=0.2)


def test_ftp_keeps_nobody_from_arming(station):
    station.asked(4, b"/APM/LOGS/00000004.BIN")
    station.ftp(15, size=239)

    assert arm(station)[0] == ACCEPTED
    assert station.answers(2)[-1].data[0] == 6  # and goes on to the end of the file


def test_erase_deletes_everything(station):
    station.say("LOG_ERASE")
    (entry,) = station.list_logs()

    assert entry["num_logs"] == 0


def test_a_command_of_a_station_arms_or_is_refused(slow):
    slow.ask(1)
    slow.data(0.025)
    slow.command(400, 1.0)
    (refused,) = slow.listen(0, "COMMAND_ACK")
    slow.command(400, 1.0, 21196.0)
    (forced,) = slow.listen(0, "COMMAND_ACK")

    assert (refused.fields["result"], forced.fields["result"]) == (FAILED, ACCEPTED)
    assert forced.fields["target_system"] == 250


def test_a_file_that_shrinks_under_a_transfer_ends_it():
    log = made_log("1.bin", 1000)
    slow = Station("ardupilot", log, log_data_b_s=9000)
    slow.ask(1)
    slow.data(0.025)
    log.data = log.data[:450]

    assert [len(data) for *_, data in slow.data(5)][-2:] == [90, 0]
    assert arm(slow)[0] == ACCEPTED
