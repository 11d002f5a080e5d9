"""A log read in small pieces is the log read whole, wherever a piece ends."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agent.logs.test_damage import REAL, SMALL, flipped, shortened, zeroed
from windsock.agent.logs.dataflash import read_dataflash
from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.pieces import Pieces
from windsock.agent.logs.rows import Wanted
from windsock.agent.logs.ulog import read_ulog

REACH = 1 << 12  # of logs whose messages are smaller


def read(data, piece_bytes, reach=REACH, tables=None):
    pieces = Pieces(io.BytesIO(data), piece_bytes, reach)
    is_ulog = data.startswith(b"ULog") or b":uint64_t timestamp;" in data
    wanted = Wanted(None if tables is None else dict.fromkeys(tables))
    return (read_ulog if is_ulog else read_dataflash)(pieces, wanted)


def assert_equal(one, other):
    assert (one.damaged_bytes, one.first_boot_us, one.last_boot_us, one.size_bytes) == (
        other.damaged_bytes,
        other.first_boot_us,
        other.last_boot_us,
        other.size_bytes,
    )
    for said in ("parameters", "parameter_defaults", "parameter_changes", "messages", "info"):
        assert getattr(one, said) == getattr(other, said)
    assert one.dropouts == other.dropouts
    assert one.tables.keys() == other.tables.keys()
    for name, instances in one.tables.items():
        assert instances.keys() == other.tables[name].keys()
        for instance, table in instances.items():
            again = other.tables[name][instance]
            assert np.array_equal(table.boot_us, again.boot_us)
            for field in table.fields:
                assert table[field].tobytes() == again[field].tobytes()


@pytest.mark.parametrize("kind", SMALL)
@given(piece_bytes=st.integers(200, 3000))
def test_any_piece_will_do(kind, piece_bytes):
    data = SMALL[kind]

    assert_equal(read(data, piece_bytes, reach=400), read(data, len(data)))


@pytest.mark.parametrize("path", REAL)
def test_a_real_log_in_pieces_is_the_same(path, shared_logs):
    data = (shared_logs / path).read_bytes()

    assert_equal(read(data, 70_000), read(data, len(data)))


@pytest.mark.parametrize("path", REAL)
def test_tables_that_are_asked_for_are_those_of_everything(path, shared_logs):
    """They grow piece by piece, while everything is copied at the end."""
    data = (shared_logs / path).read_bytes()
    everything = read(data, 300_000)

    assert_equal(read(data, 300_000, tables=everything.tables), everything)


@pytest.mark.parametrize("damage", [zeroed, flipped, shortened])
@pytest.mark.parametrize("path", REAL)
def test_a_damaged_log_in_pieces_loses_no_more(path, damage, shared_logs):
    log = np.fromfile(shared_logs / path, np.uint8)
    broken, _ = damage(log, np.random.default_rng(5))
    data = broken.tobytes()
    whole, parts = read(data, len(data)), read(data, 200_000)

    assert parts.parameters == whole.parameters
    assert rows(parts) == pytest.approx(rows(whole), rel=0.005)
    assert parts.damaged_bytes == pytest.approx(whole.damaged_bytes, rel=0.1, abs=5000)


def rows(log):
    return sum(len(table) for tables in log.tables.values() for table in tables.values())


@pytest.mark.parametrize("filler", [b"\0", b"\xff"])
def test_padding_longer_than_a_piece_is_no_damage(filler):
    data = SMALL["dataflash"]
    padded = data + filler * 30_000 + data

    log = read(padded, 8_000)
    assert log.damaged_bytes == 0
    assert rows(log) == 2 * rows(read(data, len(data)))


@pytest.mark.parametrize("kind", SMALL)
def test_damage_longer_than_a_piece_is_gone_round(kind):
    data = SMALL[kind]
    foreign = np.random.default_rng(3).integers(0, 255, 40_000, np.uint8).tobytes()

    log = read(data + foreign + data[len(data) // 2 :], 8_000)
    assert log.damaged_bytes > 20_000
    assert rows(log) >= rows(read(data, len(data)))


class Shrinking(io.BytesIO):
    """A file of which a part is gone once it is read: a card that is pulled out."""

    def seek(self, offset, whence=0):
        place = super().seek(offset, whence)
        return place + 5000 if whence == io.SEEK_END else place


@pytest.mark.parametrize("kind", SMALL)
def test_a_file_that_ends_early_is_read_as_far_as_it_goes(kind):
    data = SMALL[kind]
    pieces = Pieces(Shrinking(data), 1000, 400)
    log = (read_ulog if kind == "ulog" else read_dataflash)(pieces, Wanted())

    assert_equal(log, read(data, len(data)))


class Gone(io.BytesIO):
    """A file of which nothing is left when it is read."""

    def readinto(self, _buffer):
        return 0


@pytest.mark.parametrize("read_log", [read_ulog, read_dataflash])
def test_a_file_that_vanishes_is_no_flight_log(read_log):
    with pytest.raises(LogError):
        read_log(Pieces(Gone(SMALL["ulog"])), Wanted())


@given(st.binary(max_size=3000), st.integers(200, 1000))
def test_garbage_in_pieces_is_refused_or_read(garbage, piece_bytes):
    for magic in (b"ULog\x01\x12\x35", b"\xa3\x95\x80"):
        with contextlib.suppress(LogError):
            read(magic + garbage, piece_bytes, reach=400)


class Truncated(io.BytesIO):
    """A file that is cut in the middle once it was read."""

    def readinto(self, buffer):
        count = super().readinto(buffer)
        if self.tell() == len(self.getbuffer()):
            self.truncate(len(self.getbuffer()) // 2)
        return count


def test_a_log_that_is_cut_while_it_is_read():
    """Everything of a DataFlash log is copied in a second reading."""
    data = SMALL["dataflash"]

    with pytest.raises(LogError, match="became shorter"):
        read_dataflash(Pieces(Truncated(data), 400, 200), Wanted())
