"""Urgency: crash signs first."""

import pytest

from windsock.protocol.urgency import urgency


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({}, 0),
        ({"peak_force_m_s2": 49.9, "tilt_max_deg": 59.9, "ends_in_air": 0}, 0),
        ({"peak_force_m_s2": 50}, 1),
        ({"tilt_max_deg": 60}, 1),
        ({"ends_in_air": 1}, 1),
        ({"disarm_in_air": 1, "tilt_max_deg": 90}, 2),
        ({"peak_force_m_s2": 90, "tilt_max_deg": 90, "ends_in_air": 1}, 2),
    ],
)
def test_signs_of_a_crash_leave_first(facts, level):
    assert urgency(facts) == level
