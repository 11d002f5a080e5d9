"""How soon a flight's facts should leave the station."""

from collections.abc import Mapping

HARD_FORCE_M_S2 = 50.0
"""Between a firm landing (42 m/s2 seen) and what an autopilot calls an impact (80 m/s2)."""
LOST_TILT_DEG = 60.0
"""PX4's attitude trip, `FD_FAIL_R`."""


def urgency(facts: Mapping[str, float]) -> int:
    """0, 1 or 2 of these point to a crash: hard force, lost attitude, a log that ends in the air.

    It orders sending and dropping on the station and is never shown or judged on, so it errs
    towards urgent and knows nothing of modes or vehicles.
    """
    signs = (
        facts.get("peak_force_m_s2", 0.0) >= HARD_FORCE_M_S2,
        facts.get("tilt_max_deg", 0.0) >= LOST_TILT_DEG,
        facts.get("ends_in_air", 0.0) > 0,
        facts.get("disarm_in_air", 0.0) > 0,
    )
    return min(2, sum(signs))
