"""Quantiles are numpy's, and cost no import."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from windsock.agent.record.quantiles import median, quantile

LOG = Path(__file__).parents[2] / "logs" / "h1_v455_normal.BIN"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's: all are missing, or infinite
@given(st.sampled_from([np.float32, np.float64]), st.data())
def test_the_median_is_numpys_without_the_missing(dtype, data):
    values = data.draw(of_numpy.arrays(dtype, st.integers(0, 9)))

    assert np.array_equal(median(values), np.nanmedian(values), equal_nan=True)


@given(
    of_numpy.arrays(np.float64, st.integers(1, 9), elements=st.floats(-1e9, 1e9)), st.floats(0, 1)
)
def test_a_quantile_is_numpys(values, share):
    assert quantile(values, share) == pytest.approx(np.quantile(values, share), abs=1e-6)


def test_a_log_is_measured_without_masked_arrays():
    """They take a megabyte and a hundredth of a second; numpy's quantiles import them."""
    code = (
        "import sys; from windsock.agent.__main__ import main;"
        "main(['read', '--json', sys.argv[1]]); assert 'numpy.ma' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(LOG)], check=True, capture_output=True)
