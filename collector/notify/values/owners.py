"""Whose drone or account it is, in words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

Facts = Mapping[str, Any]
Values = dict[str, str]

NOBODY: Final = "no customer on record"
OF_DRONE: Final = frozenset({"drone", "customer", "who"})
"""Placeholders of every rule about a drone."""
OF_CUSTOMER: Final = frozenset({"customer", "who"})
MOST: Final = 5
"""Drones or tickets that are named; of more only their number is."""


class Words(NamedTuple):
    """How one rule's facts become words, and which placeholders that fills."""

    fill: Callable[[Facts, int], Values]
    """From a case's facts, at a moment."""
    names: frozenset[str]


def some(names: Iterable[str]) -> str:
    """``a, b and 3 more``."""
    listed = list(names)
    rest = len(listed) - MOST
    return ", ".join(listed[:MOST]) + (f" and {rest} more" if rest > 0 else "")


def who(owner: Facts | None) -> str:
    """``Fjord Inspection (ops@fjord.example), end user of Northern Drones``."""
    if not owner or not owner.get("customer"):
        return NOBODY
    name = _with_email(owner["customer"], owner.get("customer_email"))
    dealer = owner.get("distributor")
    if not dealer:
        return name
    return f"{name}, end user of {_with_email(dealer, owner.get('distributor_email'))}"


def _with_email(name: str, email: str | None) -> str:
    return f"{name} ({email})" if email else name


def of_drone(owner: Facts) -> Values:
    """Placeholders of `OF_DRONE`."""
    serial, product = owner["serial"], owner.get("product")
    drone = f"drone {serial} ({product})" if product else f"drone {serial}"
    return {
        "drone": serial,
        "customer": owner.get("customer") or NOBODY,
        "who": f"{who(owner)}; {drone}",
    }


def of_customer(facts: Facts) -> Values:
    """Placeholders of `OF_CUSTOMER`."""
    owner = facts["who"]
    return {"customer": owner["customer"], "who": who(owner)}
