"""PX4's MAVLink FTP, habit by habit."""

import zlib

import pytest

from tests.firmware_sim.vehicle.station import Station, content, made_log
from windsock.firmware_sim.vehicle.model import Version

ACK, NAK = 128, 129
INVALID_SESSION, NO_SESSIONS, EOF, FILE_NOT_FOUND = 4, 5, 6, 10
TERMINATE, RESET, LIST, OPEN, READ, CRC, BURST = 1, 2, 3, 4, 5, 14, 15
LOG = made_log("2026-11-20/11_12_13.ulg", 100_000)
PATH = b"/fs/microsd/log/2026-11-20/11_12_13.ulg"
OLD_ENOUGH = {"version": Version(1, 15, 0)}


@pytest.fixture
def station():
    return Station("px4", LOG, **OLD_ENOUGH)


def opened(station, path=PATH):
    answer = station.asked(OPEN, path, session=0)
    assert answer.opcode == ACK
    return answer


def why(answer):
    assert answer.opcode == NAK
    return answer.data[0]


def test_an_open_tells_session_0_and_the_size(station):
    answer = station.asked(OPEN, PATH, session=7)

    assert (answer.session, answer.req_opcode, answer.seq) == (0, OPEN, station.seq + 1)
    assert int.from_bytes(content(answer), "little") == LOG.size


def test_a_second_open_finds_no_session(station):
    opened(station)
    assert why(station.asked(OPEN, PATH)) == NO_SESSIONS


@pytest.mark.parametrize("opcode", [TERMINATE, RESET])
def test_terminate_and_reset_make_room(station, opcode):
    opened(station)
    assert station.asked(opcode, session=0).opcode == ACK
    opened(station)


def test_a_session_nobody_asks_about_is_closed_after_10_s(station):
    opened(station)
    station.listen(10)
    opened(station)


def test_a_missing_file_is_not_found(station):
    assert why(station.asked(OPEN, b"/fs/microsd/log/none.ulg")) == FILE_NOT_FOUND


@pytest.mark.parametrize(
    ("offset", "size", "expected"), [(0, 239, 239), (0, 80, 80), (99_990, 239, 10)]
)
def test_reads(station, offset, size, expected):
    opened(station)
    answer = station.asked(READ, offset=offset, size=size, session=0)

    assert content(answer) == LOG.data[offset : offset + expected]
    assert answer.offset == offset


def test_a_read_past_the_end_or_of_another_session_is_refused(station):
    opened(station)
    assert why(station.asked(READ, offset=LOG.size, size=239, session=0)) == EOF
    assert why(station.asked(READ, offset=0, size=239, session=3)) == INVALID_SESSION


def test_a_burst_is_147_packets_whatever_size_is_asked_for(station):
    opened(station)
    station.ftp(BURST, size=80, session=0)
    packets = station.answers(5)

    assert len(packets) == 147
    assert {packet.size for packet in packets} == {239}
    assert [packet.burst_complete for packet in packets] == [False] * 146 + [True]
    assert [packet.seq for packet in packets] == [station.seq + 1 + n for n in range(147)]
    assert b"".join(map(content, packets)) == LOG.data[: 147 * 239]


def test_the_end_of_the_file_is_a_nak_of_its_own(station):
    opened(station)
    station.ftp(BURST, offset=99_700, session=0)
    *packets, last = station.answers(1)

    assert [(p.size, p.burst_complete) for p in packets] == [(239, False), (61, False)]
    assert (why(last), last.req_opcode, last.burst_complete) == (EOF, BURST, False)


def test_reads_are_answered_in_the_middle_of_a_burst(station):
    opened(station)
    station.ftp(BURST, session=0)
    station.answers(0.5)
    station.ftp(READ, offset=90_000, size=239, session=0)
    first, *others = station.answers(0.5)

    assert (first.req_opcode, first.offset) == (READ, 90_000)
    assert {packet.req_opcode for packet in others} == {BURST}


def test_ftp_is_held_to_12_kb_a_second(station):
    opened(station)
    station.ftp(BURST, session=0)
    assert sum(packet.size for packet in station.answers(2)) == pytest.approx(24_000, rel=0.03)


@pytest.mark.parametrize("version", [Version(1, 16, 0), Version(1, 17, 0, 192)])
def test_versions_1_16_and_1_17_cut_a_session_after_4_7_s(version):
    station = Station("px4", LOG, version=version)
    opened(station)
    offset = cut = 0
    while not cut:
        station.ftp(BURST, offset=offset, session=0)
        for packet in station.answers(3.2):
            cut = cut or (packet.opcode == NAK and why(packet))
            offset += packet.size if packet.opcode == ACK else 0

    assert cut == NO_SESSIONS
    assert offset == pytest.approx(4.7 * 12_000, rel=0.1)
    assert why(station.asked(READ, offset=offset, size=239, session=0)) == INVALID_SESSION
    opened(station)  # at once, and on from there
    assert (
        content(station.asked(READ, offset=offset, size=239, session=0)) == LOG.data[offset:][:239]
    )


def test_older_versions_do_not(station):
    opened(station)
    for offset in range(0, 90_000, 147 * 239):
        station.ftp(BURST, offset=offset, session=0)
        assert {packet.opcode for packet in station.answers(3.2)} <= {ACK, NAK}
    assert why(station.asked(OPEN, PATH)) == NO_SESSIONS


def listing(station, path):
    entries, offset = [], 0
    while True:
        answer = station.asked(LIST, path, offset=offset)
        if answer.opcode == NAK:
            assert why(answer) == EOF
            return entries
        found = content(answer).split(b"\0")[:-1]
        entries += found
        offset += len(found)


def test_folders_hold_placeholders_that_count(station):
    assert listing(station, b"/fs/microsd/log") == [b"S", b"S", b"D2026-11-20"]
    assert listing(station, PATH.rpartition(b"/")[0]) == [b"S", b"S", b"F11_12_13.ulg\t100000"]
    assert why(station.asked(LIST, b"/no/such")) == FILE_NOT_FOUND


def test_a_long_listing_takes_several_requests():
    logs = [made_log(f"2026-11-20/{number:02}_00_00.ulg", 10) for number in range(30)]
    entries = listing(Station("px4", *logs), b"/fs/microsd/log/2026-11-20")

    assert sorted(entries[2:]) == [b"F%02d_00_00.ulg\t10" % number for number in range(30)]
    assert entries[2:] != sorted(entries[2:])  # in no order


def test_in_simulation_the_root_is_the_working_directory():
    station = Station("px4", made_log("b.ulg", 10, 0), board_paths=False)
    assert listing(station, b"/") == [b"S", b"S", b"Dlog"]
    assert listing(station, b"log") == [b"S", b"S", b"Dsess001"]
    assert opened(station, b"/log/sess001/b.ulg")


def test_a_repeated_request_gets_its_answer_again(station):
    opened(station)
    again = station.asked(OPEN, PATH, session=0, seq=station.seq)

    assert again.opcode == ACK  # not "no session": the open is not done twice


def test_the_checksum_is_zlibs_without_inversions(station):
    # It is linear: what the inversions add is the checksum of as many zeros.
    expected = zlib.crc32(LOG.data) ^ zlib.crc32(bytes(LOG.size))

    assert int.from_bytes(content(station.asked(CRC, PATH)), "little") == expected


def test_writing_is_refused(station):
    for opcode in (6, 7, 8, 9, 10, 11, 12, 13):
        assert station.asked(opcode, PATH).opcode == NAK
    assert listing(station, b"/fs/microsd/log") == [b"S", b"S", b"D2026-11-20"]
