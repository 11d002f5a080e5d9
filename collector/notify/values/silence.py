"""D1a, D1b, C1, C5 and X2: who flies no more, or less, and whom we can't see."""

from typing import Final

from windsock.collector.notify import phrases as say
from windsock.collector.notify.values.owners import (
    NOBODY,
    OF_CUSTOMER,
    OF_DRONE,
    Facts,
    Values,
    Words,
    of_customer,
    of_drone,
    some,
)

_STATION_KINDS: Final = {"fixed": "fixed", "field": "a field laptop"}


def _inactive(facts: Facts, now_us: int) -> Values:
    return of_drone(facts["who"]) | {
        "days": str(say.days(facts["flown_us"], now_us)),
        "flown": say.moment(facts["flown_us"]),
        "day": say.day(facts["flown_us"]),
        "limit": facts["limit"],
        "read": say.day(facts["read_us"]),
        "station": facts["station"],
        "share": say.percent(facts["online_share"]),
        "flights": say.count(facts["flights"], "flight"),
        "hours": say.duration(facts["airborne_s"]),
        "siblings": _siblings(facts["siblings"], facts["siblings_flying"]),
        "changed": "; ".join(facts["changed"]),
    }


def _siblings(siblings: int | None, flying: int | None) -> str:
    if siblings is None:
        return ""
    if not siblings:
        return "It is the customer's only drone in service."
    if siblings == 1:
        did = "flew" if flying else "did not fly, either,"
        return f"The customer's other drone {did} in that time."
    some = {0: "None", siblings: "All"}.get(flying or 0, str(flying))
    return f"{some} of the customer's {siblings:,} other drones flew in that time."


def _rare(facts: Facts, _: int) -> Values:
    return of_drone(facts["who"]) | _habit(facts)


def _habit(facts: Facts) -> Values:
    return {
        "recent": say.count(facts["recent"], "flight-day"),
        "expected": say.number(facts["expected"]),
        "window": str(facts["window_days"]),
        "rate": say.number(facts["a_year"]),
        "usual": say.number(facts["usual_a_year"]),
    }


def _account(facts: Facts, now_us: int) -> Values:
    return of_customer(facts) | _habit(facts) | {
        "days": str(say.days(facts["flown_us"], now_us)),
        "flown": say.moment(facts["flown_us"]),
        "day": say.day(facts["flown_us"]),
        "limit": facts["limit"],
        "drones": say.count(facts["drones"], "drone"),
    }  # fmt: skip


def _unflown(facts: Facts, _: int) -> Values:
    serials = facts["serials"]
    return of_customer(facts) | {
        "drones": some(serials),
        "count": say.count(len(serials), "drone"),
        "delivered": say.day(facts["delivered_us"]),
        "limit": facts["limit"],
    }


def _unseen(facts: Facts, now_us: int) -> Values:
    drones = facts["drones"]
    names = (
        f"{drone['serial']} ({drone['customer'] or NOBODY},"
        f" {say.days(drone['flown_us'], now_us)} days)"
        for drone in drones
    )
    return {
        "station": facts["station"],
        "station_kind": _STATION_KINDS.get(facts["station_kind"], "kind unknown"),
        "drones": some(names),
        "count": say.count(len(drones), "drone"),
        "share": say.percent(facts["online_share"]),
        "heard": say.moment(facts["heard_us"]) if facts["heard_us"] else "never",
        "version": facts["version"] or "unknown",
        "silent": str(facts.get("silent", "")),
        "known": str(facts.get("known", "")),
    }


_INACTIVE: Final = {
    "days", "flown", "day", "limit", "read", "station", "share", "flights", "hours", "siblings",
    "changed",
}  # fmt: skip
_HABIT: Final = {"recent", "expected", "window", "rate", "usual"}
_UNSEEN: Final = {
    "station", "station_kind", "drones", "count", "share", "heard", "version", "silent", "known",
}  # fmt: skip
SILENCE: Final = {
    "D1a": Words(_inactive, OF_DRONE | _INACTIVE),
    "D1b": Words(_rare, OF_DRONE | _HABIT),
    "C1": Words(_account, OF_CUSTOMER | {"days", "flown", "day", "limit", "drones"} | _HABIT),
    "C5": Words(_unflown, OF_CUSTOMER | {"drones", "count", "delivered", "limit"}),
    "X2": Words(_unseen, frozenset(_UNSEEN)),
}
