"""The catalogue of facts: what the agent measures of a flight.

Facts are numbers, so that millions of flights load into one float32 matrix, a column a fact, and
are judged at once. A fact that could not be measured is absent in JSON and on the wire and NaN in
the matrix: never zero. Masks are 0 or 1. Times are seconds since the autopilot's boot.

A changed meaning or order needs a new `FACTS_VERSION`; new facts are appended.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

FACTS_VERSION: Final = 2


class Fact(NamedTuple):
    """One number; ``decimals`` is how fine it is worth keeping."""

    name: str
    decimals: int
    about: str


FACTS: Final = (
    # The flight
    Fact("armed_s", 2, "from arming to disarming, or to the end of the log"),
    Fact("airborne_s", 2, "time in the air; 10 s and more count as flying"),
    Fact("takeoff_boot_s", 2, "first moment in the air"),
    Fact("height_max_m", 2, "greatest height above the place of arming"),
    Fact("distance_max_m", 1, "greatest horizontal distance from the place of arming"),
    Fact("ground_speed_max_m_s", 2, "fastest over ground"),
    # Impact and fall, at the ground contact that looks hardest
    Fact("peak_force_m_s2", 1, "peak specific force (10 ms mean) in the air or shortly after"),
    Fact("peak_force_boot_s", 2, "when"),
    Fact("contact_boot_s", 2, "the hardest ground contact"),
    Fact("sink_at_contact_m_s", 2, "greatest sink speed in the second before contact"),
    Fact("fall_m", 2, "height lost at more than 5 m/s before contact or the end; 0 for none"),
    Fact("fall_boot_s", 2, "when that fall began"),
    # Attitude
    Fact(
        "tilt_max_deg", 1, "greatest angle between the drone's and the world's vertical, airborne"
    ),
    Fact("tilt_max_boot_s", 2, "when"),
    Fact("tilt_over_60_s", 2, "longest time beyond 60 degrees, aerobatic modes left out"),
    Fact("tilt_over_60_boot_s", 2, "when it began"),
    Fact("attitude_error_s", 2, "longest time with 30 degrees of error and 15 of lean, motors on"),
    Fact("attitude_error_boot_s", 2, "when it began"),
    # Rest
    Fact("rest_tilt_deg", 1, "tilt at rest after the hardest contact"),
    Fact("rest_tilt_before_deg", 1, "tilt at rest before take-off: this drone's usual"),
    Fact("rest_boot_s", 2, "when that rest began"),
    # How it ended
    Fact("ends_in_air", 0, "1: the log ends with the drone in the air"),
    Fact("end_height_m", 2, "height above the place of arming at the last sample"),
    Fact("end_sink_m_s", 2, "greatest sink speed in the last half second"),
    Fact("end_boot_s", 2, "the last sample"),
    Fact("disarm_in_air", 0, "1: disarmed in the air"),
    Fact("disarm_height_m", 2, "height above ground at disarming"),
    Fact("disarm_boot_s", 2, "disarming"),
    # What the autopilot said
    Fact("autopilot_crash", 0, "1: its crash check fired, 2: with loss of control"),
    Fact("autopilot_crash_boot_s", 2, "when first"),
    Fact("autopilot_failure", 0, "1: attitude or motor failure, parachute, termination"),
    Fact("autopilot_failure_boot_s", 2, "when first"),
    Fact("failsafe", 0, "1: a failsafe acted while airborne"),
    Fact("failsafe_boot_s", 2, "when first"),
    Fact("aerobatic_s", 2, "time in acro, flip or similar modes"),
    Fact("throttle_max_pct", 1, "greatest throttle while armed: 0 idles, 100 is full"),
    # Health
    Fact("voltage_start_v", 2, "battery at arming"),
    Fact("voltage_min_v", 2, "lowest while armed"),
    Fact("used_mah", 0, "charge drawn"),
    Fact("vibration_m_s2", 2, "95th percentile of the autopilot's own vibration metric"),
    Fact("clips", 0, "accelerometer samples at full scale"),
    Fact("estimator_ratio_max", 2, "worst innovation test ratio in the air; 1 rejects"),
    Fact("motor_asymmetry_pct", 1, "greatest mean difference of one motor from all, in the air"),
    # What there was to measure with
    Fact("attitude_hz", 1, "attitude samples per second armed"),
    Fact("force_hz", 1, "accelerometer samples per second armed"),
    Fact("height_hz", 1, "height samples per second armed"),
    # More of the hardest contact
    Fact("contact_force_m_s2", 1, "peak specific force within a second of that contact"),
    Fact("tilt_at_contact_deg", 1, "greatest tilt from 1 s before to 2 s after it, in any mode"),
    Fact("tilt_before_contact_deg", 1, "greatest tilt in the second before it, in any mode"),
    Fact("fixed_wing", 0, "1: on wings at that contact, or at the end in the air"),
    Fact("stood_s", 1, "longest time upright on the ground, motors idle, before it toppled"),
    Fact("contact_clips", 0, "accelerometer samples at full scale around that contact"),
    # Height that was not held, in the last 5 s before that contact
    Fact("below_wanted_m", 1, "how far it was below the height it held, for a second at least"),
    Fact("full_thrust_sinking_s", 1, "longest time sinking at 90 % of throttle and more"),
    # Where it was to go
    Fact("return_away_s", 1, "longest time called back in which each 5 s led 5 m further away"),
    Fact("return_away_boot_s", 2, "when that began"),
    Fact("return_away_m", 1, "how much further away it went in that time"),
    Fact("failsafe_landing_m", 1, "from where a failsafe landed it to the nearest planned place"),
    Fact("failsafe_landing_boot_s", 2, "when the failsafe ordered that landing"),
)
NAMES: Final = tuple(fact.name for fact in FACTS)
COLUMN: Final = {name: index for index, name in enumerate(NAMES)}
_DECIMALS: Final = {fact.name: fact.decimals for fact in FACTS}

Matrix = npt.NDArray[np.float32]


def rounded(facts: Mapping[str, float | None]) -> dict[str, float]:
    """The facts that were measured, at the catalogue's decimals, in its order.

    Raises KeyError for a name that is not in the catalogue.
    """
    unknown = set(facts) - set(NAMES)
    if unknown:
        raise KeyError(f"not in the catalogue of facts: {sorted(unknown)}")
    return {
        name: round(float(value), _DECIMALS[name])
        for name in NAMES
        if (value := facts.get(name)) is not None and np.isfinite(value)
    }


def matrix(rows: Sequence[Mapping[str, float]]) -> Matrix:
    """Facts of n flights as (n, len(FACTS)) float32, NaN where absent; unknown names are left out.

    They come from a newer agent: the ledger keeps its message, this reader can't judge by them.
    """
    table = np.full((len(rows), len(FACTS)), np.nan, np.float32)
    for row, facts in enumerate(rows):
        for name, value in facts.items():
            if name in COLUMN:
                table[row, COLUMN[name]] = value
    return table
