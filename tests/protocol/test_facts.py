"""The catalogue of facts and its matrix."""

import numpy as np
import pytest

from windsock.protocol.facts import COLUMN, NAMES, matrix, rounded


def test_a_missing_fact_is_nan_and_never_zero():
    table = matrix([{"airborne_s": 0.0}, {"tilt_max_deg": 12.5, "from_the_future": 1.0}])

    assert table.shape == (2, len(NAMES))
    assert table[0, COLUMN["airborne_s"]] == 0
    assert table[1, COLUMN["tilt_max_deg"]] == 12.5
    assert np.isnan(table).sum() == table.size - 2


def test_facts_are_rounded_and_what_was_not_measured_is_left_out():
    facts = rounded({"tilt_max_deg": 12.3456, "airborne_s": None, "clips": float("nan")})

    assert facts == {"tilt_max_deg": 12.3}


def test_a_misspelt_fact_is_an_error():
    with pytest.raises(KeyError, match="tilt_mox"):
        rounded({"tilt_mox": 1.0})
