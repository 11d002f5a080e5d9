"""Letting go of the ports for a while, for a firmware update or a ground station.

A file in the state folder says until when, so that the command works whoever runs the service.
"""

import re
from pathlib import Path
from typing import Final

_FILE: Final = "released-until"
_DURATION: Final = re.compile(r"(\d{1,4})([smh]?)")
_UNITS_S: Final = {"": 1, "s": 1, "m": 60, "h": 3600}
_LONGEST_S: Final = 24 * 3600


def duration_s(text: str) -> int:
    """Seconds of ``30m``, ``2h``, ``90s``; at most a day. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    seconds = int(found[1]) * _UNITS_S[found[2]] if found else -1
    if not 0 <= seconds <= _LONGEST_S:
        raise ValueError(f"{text!r} is no duration: 90s, 30m, 2h, at most 24h; 0 ends it")
    return seconds


def release(state: Path, until_us: int) -> None:
    """Ask the service to keep off all ports until then."""
    state.mkdir(parents=True, exist_ok=True)
    new = state / f"{_FILE}.new"
    new.write_text(f"{until_us}\n", "ascii")
    new.replace(state / _FILE)


def released(state: Path, now_us: int) -> bool:
    """Whether the ports are somebody else's now. A clock that fell back holds nobody off."""
    try:
        left_us = int((state / _FILE).read_text("ascii")) - now_us
    except (OSError, ValueError):
        return False
    return 0 < left_us <= _LONGEST_S * 1_000_000
