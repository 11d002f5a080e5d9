"""What may stand in a cell of the roster. Each reader raises ValueError with what it expected."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, get_args

from windsock.collector.detect.versions import packed

ServiceState = Literal["in_service", "ordered", "stock", "repair", "paused", "retired"]
SERVICE_STATES: Final[tuple[ServiceState, ...]] = get_args(ServiceState)
LONGEST: Final = 200
AccountKind = Literal["customer", "distributor"]
Tier = Literal["large", "standard", "small"]
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff]"
)
"""Control characters, halves of characters, and those that turn the order of writing around."""
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


def version(text: str) -> str:
    """A version that can be put in order."""
    packed(text)
    return text


def email(text: str) -> str:
    """One address."""
    if not _EMAIL.fullmatch(text) or not text.isascii():
        raise ValueError(f"expected one e-mail address, got {text!r}")
    return text


def one_of(*words: str) -> Callable[[str], str]:
    """A reader of one of *words*, in small letters or not."""

    def word(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"expected {_or(words)}, got {text!r}")
        return text.lower()

    return word


service_state: Final = one_of(*SERVICE_STATES)
"""A word for whether anybody can fly the drone."""
account_kind: Final = one_of(*get_args(AccountKind))
"""Who flies, or who sells to those who do."""
tier: Final = one_of(*get_args(Tier))
"""How much an account matters."""


def yes_or_no(text: str) -> bool:
    """A word."""
    if text.lower() not in ("yes", "no"):
        raise ValueError(f"expected yes or no, got {text!r}")
    return text.lower() == "yes"


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


def _or(words: Sequence[str]) -> str:
    """``a, b or c``."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
