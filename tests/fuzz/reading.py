"""What must hold of whatever bytes are read as a flight log."""

import io

from tests.fuzz.work import counted
from windsock.agent.logs.dataflash import read_dataflash
from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.pieces import Pieces
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.logs.rows import Wanted
from windsock.agent.logs.ulog import read_ulog
from windsock.agent.record.wanted import PREFERRED, WANTED

PIECE_BYTES, REACH_BYTES = 512, 1024
"""So small that inputs of a few kB have many pieces."""
CALLS_MAX = 20_000, 60
BYTES_MAX = 200_000, 400
"""At most, of a log of no bytes and for each byte more: many times what sound ones take."""


def try_to_read(data, read):
    """The log, read within the limits of work and found to be sound; None where it is refused."""
    limits = tuple(least + each * len(data) for least, each in (CALLS_MAX, BYTES_MAX))
    with counted(limits):
        try:
            log = read(data)
        except LogError:
            return None
        assert_sound(log, len(data))
    return log


def assert_sound(log, size):
    """Columns of one length, times in order, and no more damage than bytes."""
    assert log.size_bytes == size
    assert 0 <= log.damaged_bytes <= size
    for instances in log.tables.values():
        for table in instances.values():
            assert len(table) == len(table.boot_us) > 0
            assert all(len(table[name]) == len(table) for name in table.fields)
    if log.first_boot_us is not None:
        assert log.first_boot_us <= log.last_boot_us
    assert all(isinstance(change.value, (int, float)) for change in log.parameter_changes)
    assert all(isinstance(one.text, str) for one in log.messages)


def in_small_pieces(data):
    """Read as whichever format the bytes begin with, in pieces smaller than some messages."""
    pieces = Pieces(io.BytesIO(data), PIECE_BYTES, REACH_BYTES)
    read = read_ulog if data.startswith(b"ULog") else read_dataflash
    return read(pieces, Wanted())


def for_a_record(data):
    """Read as the agent does."""
    return read_flight_log(data, WANTED, PREFERRED)


WAYS = (read_flight_log, in_small_pieces, for_a_record)
