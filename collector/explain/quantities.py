"""Numbers, times and dates as people read them. Pure."""

import re
from datetime import UTC, datetime
from typing import Final

from windsock.protocol.messages import Utc

G: Final = 9.80665
MINUS: Final = "\u2212"
NO_VALUE: Final = "\u2014"
_UNITS: Final = re.compile(r"(?<=\d) (?=(?:m|s|g|h|min|V|%|m/s|m/s²)\b)|(?<=min) (?=\d)")
_MINUTE: Final = 60
_HOUR: Final = 3600
_FINE: Final = 10.0
_COARSE: Final = 100.0
_LATEST_US: Final = 253_402_300_799_000_000
"""The year 9999."""


def span(seconds: float) -> str:
    """``0.4 s``, ``13 s``, ``1 min 12 s``, ``2 h 05 min``."""
    whole = round(abs(seconds))
    if abs(seconds) < _FINE:
        return f"{number(abs(seconds))} s"
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        minutes, rest = divmod(whole, _MINUTE)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"


def number(value: float) -> str:
    """As fine as it matters: ``0.35``, ``4.5``, ``13.6``, ``356``, with a true minus sign."""
    size = abs(value)
    if size >= _COARSE:
        shown = f"{value:,.0f}"
    elif size >= 1:
        shown = f"{value:.1f}".removesuffix(".0")
    else:
        shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown in ("-0", "") else shown.replace("-", MINUS)


def unbroken(said: str) -> str:
    """The text with each number kept on one line with its unit."""
    return _UNITS.sub("\u00a0", said).replace("take-off", "take\u2011off")


def in_g(force_m_s2: float) -> str:
    """``36``, ``1.5``: a specific force in units of gravity."""
    force = force_m_s2 / G
    return f"{force:.0f}" if abs(force) >= _FINE else number(force)


def signed(seconds: float) -> str:
    """Seconds from a moment: ``+0.45 s``, ``-1.76 s`` with a true minus sign, ``0 s``."""
    rounded = round(seconds, 2)
    if rounded == 0:
        return "0 s"
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):.2f} s"


def clock(seconds: float) -> str:
    """``1:05``, ``1:02:05``."""
    whole = round(abs(seconds))
    sign = MINUS if seconds < 0 and whole else ""
    minutes, rest = divmod(whole, _MINUTE)
    if minutes >= _MINUTE:
        return f"{sign}{minutes // _MINUTE}:{minutes % _MINUTE:02}:{rest:02}"
    return f"{sign}{minutes}:{rest:02}"


def moment(utc: Utc, after_us: int = 0, *, doubts: bool = True) -> str:
    """``23 Nov 2026, 19:52:15 UTC``, with what is not sure about it."""
    if utc.us is None or not 0 <= utc.us + after_us <= _LATEST_US:
        return "at an unknown date"
    at = datetime.fromtimestamp((utc.us + after_us) // 1_000_000, UTC)
    sure = utc.quality in ("gps", "boot_utc") or not doubts
    doubt = "" if sure else " (not the drone's own clock)"
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC{doubt}"


def size(count: int) -> str:
    """``857,623 bytes``, ``8.2 MB``."""
    return f"{count:,} bytes" if count < 10**6 else f"{count / 1e6:.1f} MB"


def plural(count: int, name: str) -> str:
    """``1 flight``, ``2 flights``."""
    return f"{count:,} {name}" + ("" if count == 1 else "s")


def listed(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1] if parts else ""]))
