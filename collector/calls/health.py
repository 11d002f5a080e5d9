"""An account's health in numbers: what to know before a periodic call. Pure."""

from collections.abc import Iterable, Sequence, Set
from typing import Final

import msgspec

from windsock.collector.fleet.states import DroneState
from windsock.collector.notify import phrases as say

_STOCK: Final = ("stock", "ordered")
_ACTIVE: Final = ("active", "slowing", "new")
_IDLE: Final = ("inactive", "lost", "unseen", "delivered-never-flown")


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """Of a distributor and its end users, or of a direct customer. Numbers are of drones."""

    sold: int
    """Not in stock any more."""
    stock: int
    active: int
    """Flown within a month."""
    idle: int
    """In service and not flown for a month, or never."""
    unhealthy: int
    """With an open case about the drone itself: crash, tickets, wear, old software."""
    seen_share: float | None
    """Of the time that their autopilots counted in the air."""
    open_tickets: int


def drones_of(account: str, states: Iterable[DroneState]) -> list[DroneState]:
    """The drones of *account*, and those that came through it."""
    return [state for state in states if account in (state.customer, state.distributor)]


def health_sheet(drones: Sequence[DroneState], unhealthy: Set[str], open_tickets: int) -> Sheet:
    """*drones* of an account; *unhealthy*: serials with an open case about themselves."""
    words = [drone.state for drone in drones]
    stock = sum(word in _STOCK for word in words)
    return Sheet(
        sold=len(drones) - stock,
        stock=stock,
        active=sum(word in _ACTIVE for word in words),
        idle=sum(word in _IDLE for word in words),
        unhealthy=sum(drone.serial in unhealthy for drone in drones),
        seen_share=_seen_share(drones),
        open_tickets=open_tickets,
    )


def in_words(sheet: Sheet) -> str:
    """One line."""
    seen = "an unknown share" if sheet.seen_share is None else f"{say.percent(sheet.seen_share)} %"
    return (
        f"{sheet.sold} sold, {sheet.stock} in stock; {sheet.active} active, {sheet.idle} idle,"
        f" {sheet.unhealthy} unhealthy; {seen} of their time in the air seen;"
        f" {say.count(sheet.open_tickets, 'open ticket')}"
    )


def _seen_share(drones: Iterable[DroneState]) -> float | None:
    """Seen hours over counted hours, of those drones whose counters say anything."""
    known = [(drone.airborne_s, drone.seen_share) for drone in drones if drone.seen_share]
    counted_s = sum(seen_s / share for seen_s, share in known)
    return sum(seen_s for seen_s, _ in known) / counted_s if counted_s else None
