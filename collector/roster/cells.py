"""What may stand in a cell of the roster. Each reader raises ValueError with what it expected."""

import re
from datetime import UTC, datetime
from typing import Final, Literal, get_args

ServiceState = Literal["in_service", "ordered", "stock", "repair", "paused", "retired"]
SERVICE_STATES: Final[tuple[ServiceState, ...]] = get_args(ServiceState)
LONGEST: Final = 200
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069]"
)
"""Control characters, and those that turn the order of writing around."""
_UID: Final = re.compile(r"(px4|ap|as|unidentified):[!-~]{1,96}")
_SERIAL: Final = re.compile(r"[!-~]{1,96}")
_EMAIL: Final = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\]+")


def clean(text: str) -> str:
    """*text* without the space around it; no control or invisible characters."""
    text = text.strip()
    if len(text) > LONGEST:
        raise ValueError(f"{len(text)} characters, at most {LONGEST} are kept")
    odd = _UNPRINTABLE.search(text)
    if odd:
        raise ValueError(f"has the character U+{ord(odd[0]):04X}, which can't be seen")
    return text


def serial(text: str) -> str:
    """A drone's serial number, as printed on it."""
    if not _SERIAL.fullmatch(text):
        raise ValueError(f"expected a serial number without spaces, got {text!r}")
    return text


def uid(text: str) -> str:
    """An autopilot, as `windsock-agent read` prints it."""
    if not _UID.fullmatch(text):
        raise ValueError(f"expected an autopilot such as px4:0002... or ap:003f..., got {text!r}")
    return text


def email(text: str) -> str:
    """One address."""
    if not _EMAIL.fullmatch(text) or not text.isascii():
        raise ValueError(f"expected one e-mail address, got {text!r}")
    return text


def service_state(text: str) -> str:
    """A word for whether anybody can fly the drone."""
    if text not in SERVICE_STATES:
        raise ValueError(f"expected one of {', '.join(SERVICE_STATES)}, got {text!r}")
    return text


def moment_us(text: str) -> int:
    """``2026-05-01`` (00:00 UTC) or ``2026-05-01T14:00+02:00``; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a date such as 2026-05-01, got {text!r}") from None
    utc = moment.replace(tzinfo=moment.tzinfo or UTC)
    if not datetime(1970, 1, 1, tzinfo=UTC) <= utc < datetime(2200, 1, 1, tzinfo=UTC):
        raise ValueError(f"expected a date from 1970 to 2199, got {text!r}")
    return int(utc.timestamp()) * 1_000_000
