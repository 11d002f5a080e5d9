"""Columns of many messages at once: each has what it has by itself, whatever is beside it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from windsock.collector.influx import unpacking
from windsock.collector.influx.unpacking import Packed, Unpacked, unpack
from windsock.protocol.columns import decode_column, encode_column
from windsock.protocol.errors import WireError


@st.composite
def packed(draw):
    """Columns of a message, of different lengths perhaps, and sometimes of garbage."""
    rows, columns = draw(st.lists(st.integers(0, 40), max_size=4)), []
    for count in rows:
        values = draw(arrays(np.int64, count, elements=st.integers(-(2**40), 2**40)))
        present = draw(st.just(np.ones(count, bool)) | arrays(np.bool_, count))
        good = encode_column(values, present, alone=draw(st.booleans()))
        columns.append(draw(st.just(good) | st.just(good) | st.binary(max_size=9)))
    return Packed(columns, rows)


def by_itself(message):
    """Each column alone; None where one is bad."""
    try:
        columns = [decode_column(*one) for one in zip(*message, strict=True)]
    except WireError:
        return None
    kept = [value for values, present in columns for value in values[present].tolist()]
    return kept, [there for _, present in columns for there in present.tolist()]


@given(st.lists(packed(), max_size=5), st.sampled_from([1, 50, 100_000]))
def test_each_message_has_its_own_and_a_bad_one_harms_no_other(messages, together):
    kept, unpacking._TOGETHER = unpacking._TOGETHER, together
    try:
        found = list(unpack(messages))
    finally:
        unpacking._TOGETHER = kept

    assert [
        (one.values.tolist(), one.present.tolist()) if isinstance(one, Unpacked) else None
        for one in found
    ] == list(map(by_itself, messages))
