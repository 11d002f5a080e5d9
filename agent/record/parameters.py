"""Parameters as a hash: the same settings give the same 16 hex digits, whoever reads them."""

import hashlib
from collections.abc import Mapping
from typing import Final

import numpy as np

COUNTERS: Final = ("STAT_", "LND_FLIGHT_T_", "COM_FLIGHT_UUID", "SYS_BOOT_COUNT")
"""They change by themselves, at every boot or flight."""
LEARNED: Final = ("BARO1_GND_PRESS", "BARO2_GND_PRESS", "BARO3_GND_PRESS", "GND_ABS_PRESS",
                  "GND_TEMP", "BARO_GND_TEMP")  # fmt: skip
"""Measured anew at every boot."""


def parameters_hash(parameters: Mapping[str, float]) -> str | None:
    """First 16 hex digits of SHA-256 over sorted lines NAME=value, None without parameters.

    Each line ends in a line feed. A value prints as Python's shortest text of its float32, as
    autopilots hold no more; whole numbers have no decimal point: `1`, `0.15`, `1e-05`.
    """
    lines = [
        f"{name}={value_text(value)}\n"
        for name, value in sorted(parameters.items())
        if not name.startswith(COUNTERS) and not name.startswith(LEARNED)
    ]
    if not lines:
        return None
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def value_text(value: float) -> str:
    """A parameter's value as text, the same for int32 and float32."""
    if float(value).is_integer():
        return str(int(value))
    return str(np.float32(value))
