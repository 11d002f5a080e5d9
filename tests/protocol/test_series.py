"""Signals to columns and back."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from windsock.protocol.columns import encode_column
from windsock.protocol.errors import WireError
from windsock.protocol.series import (
    decode_samples,
    decode_values,
    encode_columns,
    encode_samples,
    values,
)
from windsock.protocol.signals import WINDOW_BY_NAME

anything = arrays(float, st.integers(1, 40), elements=st.floats(-1e9, 1e9) | st.just(np.nan))


@given(anything)
def test_a_column_has_the_value_to_the_signals_step_or_none(signal):
    columns = encode_columns({"height_m": signal}, WINDOW_BY_NAME)
    if np.isnan(signal).all():
        assert columns == {}
        return
    found, present = decode_values("height_m", columns["height_m"], len(signal), WINDOW_BY_NAME)

    np.testing.assert_array_equal(present, ~np.isnan(signal))
    np.testing.assert_allclose(found[present], signal[present], atol=0.00501, rtol=1e-15)
    assert [one is not None for one in values("height_m", columns["height_m"], len(signal))] == (
        present.tolist()
    )


@given(st.lists(st.tuples(st.integers(0, 2**50), st.integers(-(2**40), 2**40)), min_size=1))
def test_samples_come_back_with_their_times(pairs):
    times, steps = (np.array(part, np.int64) for part in zip(*pairs, strict=True))
    found_times, found = decode_samples(encode_samples(times, steps / 10, 10), 10)

    np.testing.assert_array_equal(found_times, times)
    np.testing.assert_array_equal(np.rint(found * 10), steps)


@pytest.mark.parametrize("field", ["times", "values"])
def test_a_sample_has_both_time_and_value(field):
    whole = encode_samples(np.array([1, 2]), np.array([3.0, 4.0]), 10)
    gap = encode_column(np.array([1, 0]), np.array([True, False]))

    for column in (gap, b"\x00", b"", b"\x09"):
        with pytest.raises(WireError):
            decode_samples(msgspec.structs.replace(whole, **{field: column}), 10)
