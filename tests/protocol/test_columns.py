"""The column codec: what goes in comes out, and nothing else comes out of anything else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from windsock.protocol.columns import (
    DELTA,
    RICE,
    ROWS_LIMIT,
    SPARSE_DELTA,
    SPARSE_RICE,
    VALUE_LIMIT,
    decode_column,
    decode_columns,
    encode_column,
)
from windsock.protocol.errors import WireError
from windsock.protocol.series import decode_values, encode_columns

WIDTHS = st.sampled_from([1, 4, 30, 1000, 2**20, 2**40, VALUE_LIMIT])


@st.composite
def tables(draw):
    """Columns of as many rows, of small numbers or large ones, present or not."""
    rows, columns = draw(st.integers(0, 200)), draw(st.integers(1, 5))
    table = []
    for _ in range(columns):
        width = draw(WIDTHS)
        values = draw(arrays(np.int64, rows, elements=st.integers(-width, width)))
        present = draw(st.just(np.ones(rows, bool)) | arrays(np.bool_, rows))
        table.append((values, present))
    return table


@given(tables(), st.booleans())
def test_columns_survive_one_by_one_and_together(table, alone):
    encoded = [encode_column(values, present, alone=alone) for values, present in table]

    together = decode_columns(encoded, len(table[0][0]))

    for index, (values, present) in enumerate(table):
        for decoded, there in (
            decode_column(encoded[index], len(values)),
            (together[0][index], together[1][index]),
        ):
            assert np.array_equal(there, present)
            assert np.array_equal(decoded, np.where(present, values, 0))


RAMP = np.arange(0, 500, 5)


@pytest.mark.parametrize(
    ("values", "codec"),
    [
        (RAMP, RICE),
        (RAMP % 7, RICE),
        (RAMP * 2**40 * (-1) ** RAMP, DELTA),
        (np.tile(RAMP, 10), DELTA),
    ],
    ids=["second differences", "noise", "too wide", "too long"],
)
def test_alone_a_column_takes_the_shorter_codec(values, codec):
    there = np.ones(len(values), bool)

    column = encode_column(values, there, alone=True)

    assert column[0] == codec
    assert len(column) <= len(encode_column(values, there))


def test_rice_columns_of_both_orders_are_decoded_together():
    ramp, zigzag = RAMP, np.resize([3, -4], len(RAMP))
    encoded = [encode_column(one, one < 500, alone=True) for one in (ramp, zigzag, ramp)]
    assert [column[1] >= 0x20 for column in encoded] == [True, False, True]

    values, _ = decode_columns(encoded, len(RAMP))

    assert np.array_equal(values, [ramp, zigzag, ramp])


def test_rice_codes_are_as_documented():
    """The example of docs/wire-format.md."""
    column = encode_column(np.array([300, 301, 303, 302, 300]), np.ones(5, bool), alone=True)

    assert column == bytes.fromhex("0301d8044d30")


@given(
    st.integers(1, 200).flatmap(lambda n: arrays(np.int64, n, elements=st.integers(-9, 99))),
    st.data(),
)
def test_damaged_rice_codes_raise_the_named_error(values, data):
    column = bytearray(encode_column(values, np.ones(len(values), bool), alone=True))
    column[data.draw(st.integers(0, len(column) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        decoded, _ = decode_column(bytes(column), len(values))
    except WireError:
        return
    assert len(decoded) == len(values)


@given(st.binary(max_size=300), st.integers(-1, 400))
def test_garbage_raises_the_named_error(garbage, rows):
    try:
        values, present = decode_column(garbage, rows)
    except WireError:
        return
    assert len(values) == len(present) == rows


@pytest.mark.parametrize("change", [*range(7), 8])
def test_a_column_of_another_length_is_refused(change):
    column = encode_column(np.array([300, -5, 70_000, 1]), np.array([1, 1, 0, 1], bool))
    assert column == bytes([SPARSE_DELTA, 0b1011, 0xD8, 0x04, 0xE1, 0x04, 0x0C])

    with pytest.raises(WireError):
        decode_column((column + b"\0")[:change], 4)


@pytest.mark.parametrize(
    ("column", "rows", "reason"),
    [
        (b"", 1, "an empty column"),
        (b"\x09\x00", 1, "unknown column codec 9"),
        (bytes([DELTA]) + b"\xff" * 10 + b"\x01", 1, "does not fit 64 bits"),
        (bytes([DELTA]) + b"\xff" * 9 + b"\x02", 1, "does not fit 64 bits"),
        (bytes([DELTA]) + b"\xff" * 9 + b"\x01", 1, "beyond"),
        (bytes([SPARSE_DELTA]), 9, "bitmap is cut"),
        (bytes([0]), ROWS_LIMIT + 1, "rows"),
        (bytes([0, 0]), 3, "other than"),
        (bytes([SPARSE_RICE, 0]), 3, "without a value"),
        (bytes([RICE]), 1, "from the future"),
        (bytes([RICE, 64, 0]), 1, "from the future"),
        (bytes([RICE, 0]), 1, "column is cut"),
        (bytes([RICE, 0]) + b"\xff" * 9 + b"\x02", 1, "does not fit 64 bits"),
        (bytes([RICE, 0, 0, 0b0100_0000]), 3, "stream is cut"),
        (bytes([RICE, 4, 0, 0b1100_0000]), 3, "stream does not end"),
        (bytes([RICE, 0, 0, 0b1110_0000]), 3, "stream does not end"),
        (bytes([RICE, 0, 0, 0b1100_0000, 0]), 3, "stream does not end"),
        (bytes([RICE, 0, 0]) + bytes(8) + b"\x03", 3, "too long"),
    ],
)
def test_the_error_says_why(column, rows, reason):
    with pytest.raises(WireError, match=reason):
        decode_column(column, rows)


def test_values_that_a_double_could_not_hold_are_not_sent():
    with pytest.raises(ValueError, match="beyond"):
        encode_column(np.array([VALUE_LIMIT + 1]), np.array([True]))


@given(st.lists(st.decimals(-1000, 1000, places=1) | st.none(), min_size=1))
def test_a_signal_arrives_as_the_decimal_that_was_measured(height):
    column = np.array([np.nan if value is None else float(value) for value in height])

    encoded = encode_columns({"height_m": column})

    if not encoded:
        assert np.isnan(column).all()
        return
    values, present = decode_values("height_m", encoded["height_m"], len(column))
    assert np.array_equal(np.where(present, values, np.nan), column, equal_nan=True)
