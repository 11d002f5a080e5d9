"""How each autopilot is asked for its logs: in which ways, the likelier first. Pure.

What its habits are: docs/agent.md, and ArduPilot's and PX4's sources.
"""

from typing import Final, NamedTuple

FTP: Final = "FTP"
LOG_DATA: Final = "LOG_DATA"
_PX4_PACE_BYTES_S: Final = 12_000.0
"""PX4 paces FTP, on any link."""
_PX4_FTP_BYTES_S: Final = 15_000.0
"""More than that, whatever a moment's measure says."""


class Habits(NamedTuple):
    """What one kind of autopilot does, and what we may do with it."""

    order: tuple[str, ...]
    one_at_a_time: bool
    checks_any_size: bool
    ceilings: dict[str, float]


PX4_HABITS: Final = Habits((LOG_DATA, FTP), False, False, {FTP: _PX4_FTP_BYTES_S})
ARDUPILOT_HABITS: Final = Habits((FTP,), True, True, {})
ARDUPILOT_SERVICE_HABITS: Final = ARDUPILOT_HABITS._replace(order=(FTP, LOG_DATA))


def px4_habits(line_bytes_s: float | None) -> Habits:
    """On a line that is known to be slower than PX4's FTP, its fuller frames are faster, untried.

    239 of 263 bytes of a frame are the log's, of LOG_DATA's 90 of 109 (docs/agent.md).
    """
    if line_bytes_s is None or line_bytes_s * 239 / 263 > _PX4_PACE_BYTES_S:
        return PX4_HABITS
    ceilings = PX4_HABITS.ceilings | {LOG_DATA: line_bytes_s * 90 / 109}
    return PX4_HABITS._replace(order=(FTP, LOG_DATA), ceilings=ceilings)
