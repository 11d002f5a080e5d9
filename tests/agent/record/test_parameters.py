"""The hash of the parameters."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.agent.record.parameters import parameters_hash, value_text


def test_the_hash_is_of_sorted_lines():
    lines = b"ATC_RAT_RLL_P=0.135\nFRAME_CLASS=1\nMOT_SPIN_MIN=1e-05\n"
    params = {"MOT_SPIN_MIN": 1e-5, "FRAME_CLASS": 1.0, "ATC_RAT_RLL_P": 0.135}

    assert parameters_hash(params) == hashlib.sha256(lines).hexdigest()[:16]


def test_what_changes_by_itself_changes_nothing():
    base = {"FRAME_CLASS": 1.0}

    changed = base | {"STAT_BOOTCNT": 7.0, "LND_FLIGHT_T_LO": -4, "COM_FLIGHT_UUID": 3}
    changed |= {"BARO1_GND_PRESS": 101_325.0}

    assert parameters_hash(changed) == parameters_hash(base)
    assert parameters_hash(base | {"FRAME_CLASS": 2.0}) != parameters_hash(base)
    assert parameters_hash({}) is None


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_value_reads_back_as_the_same_float32(value):
    assert np.float32(value_text(value)) == np.float32(value)
    assert value_text(value) == value_text(float(np.float32(value)))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_odd_values_have_a_text(value):
    assert value_text(value)
