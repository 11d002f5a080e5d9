"""Numbers and moments as people read them."""

from datetime import UTC, datetime
from typing import Final

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_AGO: Final = ((86_400, "day"), (3600, "hour"), (60, "minute"))


def day(moment_us: int | None) -> str:
    """``12 May 2026``, UTC."""
    if moment_us is None:
        return "an unknown day"
    utc = _utc(moment_us)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}"


def short_day(moment_us: int | None) -> str:
    """``2026-05-12``, UTC."""
    return "an unknown day" if moment_us is None else f"{_utc(moment_us):%Y-%m-%d}"


def moment(moment_us: int | None) -> str:
    """``12 May 2026 14:03 UTC``."""
    if moment_us is None:
        return "at an unknown time"
    return f"{day(moment_us)} {_utc(moment_us):%H:%M} UTC"


def ago(moment_us: int | None, now_us: int) -> str:
    """``3 hours ago``."""
    if moment_us is None:
        return "the log holds no date"
    seconds = (now_us - moment_us) // 1_000_000
    for size, name in _AGO:
        if seconds >= size:
            return f"{count(seconds // size, name)} ago"
    return "just now" if seconds >= 0 else "in the future, by its clock"


def days(since_us: int, now_us: int) -> int:
    """Whole days of 24 hours."""
    return (now_us - since_us) // 86_400_000_000


def count(number: int, name: str) -> str:
    """``1 drone``, ``2 drones``."""
    return f"{number:,} {name}" + ("" if number == 1 else "s")


def duration(seconds: float) -> str:
    """``45 s``, ``14 min``, ``48 h``."""
    if seconds < 60:  # noqa: PLR2004 - a minute; two digits
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:,.0f} h"


def place(lat_deg: float | None, lon_deg: float | None) -> str:
    """``near 59.9 N, 10.7 E``: to 0.1 degree, whatever the station sends."""
    if lat_deg is None or lon_deg is None:
        return ""
    north, east = "N" if lat_deg >= 0 else "S", "E" if lon_deg >= 0 else "W"
    return f"near {abs(lat_deg):.1f} {north}, {abs(lon_deg):.1f} {east}"


def number(value: float) -> str:
    """``0.3``, ``7.3``, ``14``, ``138``: as fine as anybody needs to hear."""
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}".removesuffix(".0")  # noqa: PLR2004 - a minute; two digits


def percent(share: float | None) -> str:
    """Down, so that 100 means all."""
    return "0" if share is None else f"{int(share * 100)}"


def _utc(moment_us: int) -> datetime:
    return datetime.fromtimestamp(moment_us // 1_000_000, UTC)
