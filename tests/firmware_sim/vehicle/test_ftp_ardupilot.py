"""ArduPilot's MAVLink FTP, habit by habit."""

import zlib

import pytest

from tests.firmware_sim.vehicle.station import Station, content, made_log

ACK, NAK = 128, 129
FAIL, INVALID_SESSION, EOF, FILE_NOT_FOUND = 1, 4, 6, 10
TERMINATE, RESET, LIST, OPEN, READ, CRC, BURST = 1, 2, 3, 4, 5, 14, 15
LOG = made_log("00000001.BIN", 200_000)
PATH = b"/APM/LOGS/00000001.BIN"


@pytest.fixture
def station():
    return Station("ardupilot", LOG)


def opened(station, **rest):
    answer = station.asked(OPEN, PATH, **rest)
    assert answer.opcode == ACK
    return answer


def why(answer):
    assert answer.opcode == NAK
    return answer.data[0]


def test_the_clients_session_number_is_adopted(station):
    answer = opened(station, session=42)

    assert answer.session == 42
    assert int.from_bytes(content(answer), "little") == LOG.size
    assert content(station.asked(READ, size=100, session=42)) == LOG.data[:100]
    assert why(station.asked(READ, size=100, session=41)) == INVALID_SESSION


def test_one_file_is_open_for_all(station):
    opened(station, session=7)
    assert why(station.asked(OPEN, PATH, session=8)) == FAIL
    station.listen(2.5)
    assert why(station.asked(OPEN, PATH, session=8)) == FAIL
    station.listen(4)
    opened(station, session=8)


def test_reset_closes_other_stations_files_and_terminate_does_not(station):
    station.order("station open /APM/LOGS/00000001.BIN")
    station.listen(0.1)
    assert station.asked(TERMINATE, session=7).opcode == ACK
    assert why(station.asked(OPEN, PATH)) == FAIL
    assert station.asked(RESET, session=7).opcode == ACK
    opened(station)


def test_an_idle_file_is_closed_after_20_s(station):
    opened(station)
    station.listen(21)
    assert why(station.asked(READ, size=10)) == FILE_NOT_FOUND


def test_a_burst_is_500_packets(station):
    opened(station)
    station.ftp(BURST, size=239)
    packets = station.answers(10)

    assert [packet.burst_complete for packet in packets] == [False] * 499 + [True]
    assert b"".join(map(content, packets)) == LOG.data[: 500 * 239]
    assert [packet.offset for packet in packets] == [239 * n for n in range(500)]
    assert {packet.session for packet in packets} == {7}


def test_packets_are_as_large_as_asked_for(station):
    opened(station)
    station.ftp(BURST, size=80, offset=199_900)
    assert [packet.size for packet in station.answers(1)] == [80, 20, 1]


@pytest.mark.parametrize("left", [100, 239, 478])
def test_the_last_packet_of_a_file_completes_and_a_nak_follows(station, left):
    opened(station)
    station.ftp(BURST, size=239, offset=LOG.size - left)
    *packets, last = station.answers(1)

    assert [packet.burst_complete for packet in packets] == [False] * (len(packets) - 1) + [True]
    assert sum(packet.size for packet in packets) == left
    assert (why(last), last.burst_complete, last.req_opcode) == (EOF, True, BURST)


def test_other_requests_wait_for_the_end_of_a_burst(station):
    opened(station)
    station.ftp(BURST, size=239)
    station.ftp(LIST, b"/APM/LOGS")
    answers = station.answers(10)

    assert [answer.req_opcode for answer in answers] == [BURST] * 500 + [LIST]


def test_a_full_queue_loses_requests(station):
    opened(station)
    station.ftp(BURST, size=239)
    station.answers(0.1)
    for _ in range(8):
        station.ftp(READ, size=10)

    assert sum(answer.req_opcode == READ for answer in station.answers(10)) == 5


def test_ftp_is_held_to_44_kb_a_second(station):
    opened(station)
    station.ftp(BURST, size=239)
    assert sum(packet.size for packet in station.answers(2)) == pytest.approx(88_000, rel=0.02)


def test_a_session_lives_long(station):
    opened(station)
    for offset in range(0, LOG.size, 500 * 239):
        station.ftp(BURST, size=239, offset=offset)
        assert station.answers(10)[0].opcode == ACK


def test_ftp_works_while_armed(station):
    station.order("arm")
    station.listen(0)
    opened(station)
    assert content(station.asked(READ, size=10)) == LOG.data[:10]


def test_reads(station):
    opened(station)
    assert content(station.asked(READ, offset=199_990, size=239)) == LOG.data[199_990:]
    assert why(station.asked(READ, offset=LOG.size, size=239)) == EOF


@pytest.mark.parametrize("board", [True, False])
def test_folders(board):
    logs = [made_log(f"{number:08}.BIN", 10) for number in range(1, 30)]
    station = Station("ardupilot", *logs, board_paths=board)
    folder = b"/APM/LOGS" if board else b"/logs"
    entries, offset = [], 0
    while (answer := station.asked(LIST, folder, offset=offset)).opcode == ACK:
        found = content(answer).split(b"\0")[:-1]
        entries += found
        offset += len(found)

    assert why(answer) == EOF
    expected = [b"F%08d.BIN\t10" % number for number in range(1, 30)] + [b"FLASTLOG.TXT\t4"]
    assert sorted(entries) == expected
    assert entries != expected  # in no order
    assert why(station.asked(LIST, b"/none")) == FILE_NOT_FOUND


def test_the_newest_log_is_named_in_a_file(station):
    station.asked(OPEN, b"/APM/LOGS/LASTLOG.TXT")
    assert content(station.asked(READ, size=239)) == b"1\r\n"


def test_files_without_a_number_get_one_by_age():
    station = Station("ardupilot", made_log("new.bin", 20, 200), made_log("old.bin", 10, 100))
    assert [entry["size"] for entry in station.list_logs()] == [10, 20]
    answer = station.asked(OPEN, b"/APM/LOGS/00000002.BIN")
    assert int.from_bytes(content(answer), "little") == 20


def test_a_repeated_request_gets_its_answer_again(station):
    opened(station)
    assert station.asked(OPEN, PATH, seq=station.seq).opcode == ACK


def test_the_checksum_is_zlibs_without_inversions(station):
    expected = zlib.crc32(LOG.data) ^ zlib.crc32(bytes(LOG.size))
    assert int.from_bytes(content(station.asked(CRC, PATH)), "little") == expected


def test_writing_is_refused(station):
    for opcode in (6, 7, 8, 9, 10, 11, 12, 13):
        assert station.asked(opcode, PATH).opcode == NAK
