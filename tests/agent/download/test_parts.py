"""The small parts of a download: ranges, lists, rates, payloads."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.agent.download import ftp_payload
from windsock.agent.download.ftp_payload import ACK, FtpPacket
from windsock.agent.download.listing import LogFile, merged, newest_first, same
from windsock.agent.download.ranges import Ranges
from windsock.agent.download.rates import Rates

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=30)


@given(SPANS, st.integers(0, 70), st.integers(0, 70))
def test_ranges_are_a_set_of_bytes(spans, end, start):
    ranges, here = Ranges(), set()
    for first, last in spans:
        new = set(range(first, last)) - here
        assert ranges.add(first, last) == len(new)
        here |= new

    assert {byte for first, last in ranges for byte in range(first, last)} == here
    assert ranges.total == len(here)
    pairs = list(ranges)
    assert all(one[1] < other[0] for one, other in pairwise(pairs))
    gaps = {byte for gap in ranges.missing(end, start) for byte in range(*gap)}
    assert gaps == set(range(start, end)) - here
    assert ranges.beginning == next(byte for byte in range(100) if byte not in here)
    assert list(Ranges(pairs)) == pairs


A = LogFile(500, "/log/2026-11-23/19_52_03.ulg")


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (A, True),
        (A._replace(size=900), True),  # it grew
        (A._replace(path="/log/2026-11-23/20_00_00.ulg"), False),
        (LogFile(500, log_id=3, time_s=77), True),
        (LogFile(501, log_id=3), False),
    ],
)
def test_one_log_in_two_lists(other, is_same):
    assert same(A, other) is is_same
    assert same(other, A) is is_same


def test_ids_are_given_anew_and_say_nothing():
    assert same(LogFile(500, log_id=1, time_s=100), LogFile(500, log_id=7, time_s=102))
    assert not same(LogFile(500, log_id=1, time_s=100), LogFile(500, log_id=1, time_s=200))


def test_files_get_the_id_of_the_only_entry_of_their_size():
    files = [LogFile(1, "/log/a.ulg"), LogFile(2, "/log/b.ulg"), LogFile(2, "/log/c.ulg")]
    entries = [LogFile(1, log_id=9, time_s=5), LogFile(2, log_id=8), LogFile(3, log_id=7)]

    assert merged(files, entries) == [LogFile(1, "/log/a.ulg", 9, 5), *files[1:]]
    assert merged([], entries) == entries


def test_the_newest_is_first_however_it_is_known():
    dated = [f"/log/2026-{month}-01/08_00_00.ulg" for month in ("12", "11")]
    assert [
        log.path for log in newest_first(LogFile(1, path) for path in reversed(dated))
    ] == dated
    counted = [f"/log/sess{s:03}/log{n:03}.ulg" for s, n in ((12, 1), (3, 20), (3, 4))]
    assert [log.path for log in newest_first(LogFile(1, p) for p in sorted(counted))] == counted
    entries = [LogFile(1, log_id=1, time_s=300), LogFile(1, log_id=2, time_s=200)]
    assert newest_first(reversed(entries)) == entries
    wrong = LogFile(1, "/log/2026-99-99/99_99_99.ulg")
    assert newest_first([wrong]) == [wrong]


def test_ardupilots_numbers_begin_anew_after_the_last():
    paths = [f"/APM/LOGS/{number:08}.BIN" for number in (2, 1, 500, 499)]
    logs = [LogFile(1, path) for path in sorted(paths)]

    assert [log.path for log in newest_first(logs, last_number=2)] == paths


def test_the_faster_method_is_taken_until_it_fails():
    rates = Rates(("FTP", "LOG_DATA"))
    both = ["LOG_DATA", "FTP"]
    assert rates.pick(both) == "FTP"
    rates.measured("FTP", 10_000, 1_000_000)
    assert rates.pick(both) == "LOG_DATA"
    rates.measured("LOG_DATA", 30_000, 1_000_000)
    assert rates.pick(both) == "LOG_DATA"
    rates.failed("LOG_DATA")
    assert rates.pick(both) == "LOG_DATA", "still the faster one"
    rates.failed("LOG_DATA")
    assert rates.pick(both) == "FTP"
    for _ in range(3):
        rates.failed("FTP")
    assert rates.pick(["FTP"]) is None
    rates.forgive()
    assert rates.pick(["FTP"]) == "FTP"


def test_a_paced_method_is_not_tried_on_a_fast_link():
    rates = Rates(("LOG_DATA", "FTP"), {"FTP": 15_000})
    rates.measured("LOG_DATA", 10_000, 1_000_000)
    assert rates.pick(["LOG_DATA", "FTP"]) == "FTP"
    rates = Rates(("LOG_DATA", "FTP"), {"FTP": 15_000})
    rates.measured("LOG_DATA", 90_000, 1_000_000)
    assert rates.pick(["LOG_DATA", "FTP"]) == "LOG_DATA"


@given(st.binary(max_size=300))
def test_any_payload_is_an_answer_or_none(payload):
    packet = ftp_payload.unpack(payload)
    assert packet is None or len(packet.data) <= ftp_payload.DATA_BYTES


@given(
    st.integers(0, 65535), st.integers(0, 255), st.integers(0, 2**32 - 1), st.binary(max_size=239)
)
def test_what_is_packed_is_read_again(sequence, session, offset, data):
    packet = FtpPacket(sequence, session, ACK, offset=offset, data=data)
    found = ftp_payload.unpack(bytes(ftp_payload.pack(packet)))

    assert found == packet._replace(size=len(data))
