"""Equal to pymavlink's DFReader on every undamaged DataFlash log there is.

All messages are counted; their values are compared for some messages of each type and instance,
spread over the whole log, as DFReader takes minutes for all.
"""

import array
from itertools import groupby

import numpy as np
import pytest
from pymavlink.DFReader import DFReader_binary

from tests.agent.logs.test_pieces import assert_equal
from windsock.agent.logs.reader import read_flight_log

DAMAGED = "tara__00000001.BIN"
SAMPLES = 40


def undamaged(shared_logs):
    paths = sorted(shared_logs.glob("*/*.[bB][iI][nN]"))
    return [path for path in paths if path.name != DAMAGED]


def test_the_number_of_logs(shared_logs):
    assert len(undamaged(shared_logs)) == 72


@pytest.fixture(params=range(72))
def both(request, shared_logs):
    path = undamaged(shared_logs)[request.param]
    with DFReader_binary(str(path)) as theirs:
        data = path.read_bytes()
        ours = read_flight_log(data)
        yield ours, read_flight_log(data, list(ours.tables)), theirs


def test_counts_fields_and_values_are_equal(both):
    """Of everything; and the tables that are asked for, as the agent does, are the same."""
    ours, asked, theirs = both
    assert_equal(asked, ours)
    assert ours.damaged_bytes == 0
    counts = {
        theirs.formats[kind].name: count for kind, count in enumerate(theirs.counts) if count
    }
    found = {name: sum(map(len, tables.values())) for name, tables in ours.tables.items()}
    assert whole(theirs, counts) == found
    for kind in map(theirs.name_to_id.get, found.keys() - {"FMT"}):
        definition = theirs.formats[kind]
        for instance, offsets in by_instance(theirs, kind):
            table = ours.table(definition.name, instance)
            assert list(table.fields) == definition.columns
            rows = np.unique(np.linspace(0, len(table) - 1, SAMPLES, dtype=int)).tolist()
            messages = [message_at(theirs, offsets[row]) for row in rows]
            for field in definition.columns:
                expected = [comparable(getattr(message, field)) for message in messages]
                values = [comparable(value) for value in table[field][rows].tolist()]
                assert repr(values) == repr(expected), (definition.name, field)


def whole(theirs, counts):
    """DFReader counts a last message that is cut off, too."""
    last = max(offsets[-1] for offsets in theirs.offsets if len(offsets))
    kind = theirs.data_map[last + 2]
    cut_off = last + theirs.formats[kind].len > theirs.data_len
    counts[theirs.formats[kind].name] -= cut_off
    return {name: count for name, count in counts.items() if count}


def by_instance(theirs, kind):
    definition, offsets = theirs.formats[kind], list(theirs.offsets[kind])
    if definition.instance_field is None or definition.instance_len > 1:
        return [(0, offsets)]
    place = 3 + definition.instance_ofs
    numbered = sorted((theirs.data_map[offset + place], offset) for offset in offsets)
    groups = groupby(numbered, key=lambda pair: pair[0])
    return [(number, [offset for _, offset in group]) for number, group in groups]


def message_at(theirs, offset):
    theirs.offset = offset
    return theirs.recv_msg()


def comparable(value):
    if isinstance(value, array.array):
        return list(value)
    if isinstance(value, bytes):
        value = value.rstrip(b"\0")
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value.decode("latin-1")
    return value
