"""The column codec: what goes in comes out, and nothing else comes out of anything else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from windsock.protocol.columns import (
    DELTA,
    ROWS_LIMIT,
    SPARSE_DELTA,
    VALUE_LIMIT,
    decode_column,
    encode_column,
)
from windsock.protocol.errors import WireError
from windsock.protocol.series import decode_values, encode_columns

INTEGERS = st.integers(-VALUE_LIMIT, VALUE_LIMIT)
COLUMNS = st.integers(0, 200).flatmap(
    lambda rows: st.tuples(arrays(np.int64, rows, elements=INTEGERS), arrays(np.bool_, rows))
)


@given(COLUMNS)
def test_a_column_survives(column):
    values, present = column

    decoded, there = decode_column(encode_column(values, present), len(values))

    assert np.array_equal(there, present)
    assert np.array_equal(decoded[present], values[present])


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
        (bytes([0, 0]), 3, "1 values where 0 belong"),
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
