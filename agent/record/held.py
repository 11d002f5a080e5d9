"""Facts of a height that was not held in the last seconds before the hardest contact."""

from typing import Final

import numpy as np

from windsock.agent.record.contact import Contact
from windsock.agent.record.grid import STEP_US, cells, runs
from windsock.agent.record.ground import Facts
from windsock.agent.record.motion import Motion
from windsock.agent.record.tracks import Floats, Tracks

BEFORE_S: Final = 5.0
LASTING_S: Final = 1.0
"""PX4's FD_ALT_LOSS_T; ArduCopter's THRUST_LOSS_CHECK_TRIGGER_SEC."""
FULL_THROTTLE: Final = 0.9
"""ArduCopter's THRUST_LOSS_CHECK_MINIMUM_THROTTLE."""
SINKING_M_S: Final = 1.0
"""More than a barometer's drift."""


def held_facts(tracks: Tracks, motion: Motion, contact: Contact | None) -> Facts:
    """How far below the wanted height, and how long sinking at full thrust; none on wings."""
    if contact is None or motion.wings[contact.cell]:
        return {}
    before = slice(max(contact.cell - cells(BEFORE_S), 0), contact.cell + 1)
    facts: Facts = {}
    below = motion.grid.line(tracks.below_wanted_m)[before]
    if np.isfinite(below).any():
        facts["below_wanted_m"] = _lasting(below)
    if motion.throttle_known:
        full = (motion.throttle[before] >= FULL_THROTTLE) & (motion.sink_m_s[before] > SINKING_M_S)
        longest = max((last - first + 1 for first, last in runs(full)), default=0)
        facts["full_thrust_sinking_s"] = longest * STEP_US / 1e6
    return facts


def _lasting(below: Floats) -> float:
    """The greatest value that was held or passed for a second; 0 where it was above."""
    width = min(cells(LASTING_S), len(below))
    known = np.where(np.isfinite(below), below, -np.inf)
    least = np.lib.stride_tricks.sliding_window_view(known, width).min(axis=1)
    return float(max(least.max(), 0.0))
