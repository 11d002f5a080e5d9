"""What the placeholders in a rule's template stand for.

A case's facts are numbers and names (`collector/cases/judge`); here they become words.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from windsock.collector.notify import phrases as say
from windsock.collector.notify.words import KINDS, evidence_in_words, signs_in_words

Facts = Mapping[str, Any]
Values = dict[str, str]

_NOBODY: Final = "no customer on record"
_DAY_S: Final = 86_400
_MOST_DRONES: Final = 5
_STATION_KINDS: Final = {"fixed": "fixed", "field": "a field laptop"}


def values_of(rule: str, facts: Facts, now_us: int) -> Values:
    """Words for every placeholder that *rule*'s template may have."""
    return _OF_RULE[rule](facts, now_us)


def who(owner: Facts | None) -> str:
    """``Fjord Inspection (ops@fjord.example), end user of Northern Drones``."""
    if not owner or not owner.get("customer"):
        return _NOBODY
    name = _with_email(owner["customer"], owner.get("customer_email"))
    dealer = owner.get("distributor")
    if not dealer:
        return name
    return f"{name}, end user of {_with_email(dealer, owner.get('distributor_email'))}"


def _with_email(name: str, email: str | None) -> str:
    return f"{name} ({email})" if email else name


def _drone(owner: Facts) -> Values:
    serial, product = owner["serial"], owner.get("product")
    drone = f"drone {serial} ({product})" if product else f"drone {serial}"
    return {
        "drone": serial,
        "customer": owner.get("customer") or _NOBODY,
        "who": f"{who(owner)}; {drone}",
    }


def _crash(facts: Facts, now_us: int) -> Values:
    clock = "" if facts["quality"] in ("gps", "boot_utc") else "The time is not the drone's own."
    where = say.place(facts["lat_deg"], facts["lon_deg"])
    more, before = len(facts["of_incidents"]) - 1, facts["flights_before"]
    return _drone(facts["who"]) | {
        "happened": KINDS[facts["kind"]],
        "when": say.moment(facts["event_us"]),
        "day": say.day(facts["event_us"]),
        "ago": say.ago(facts["event_us"], now_us),
        "others": f"{say.count(more, 'more event')} in this case." if more else "",
        "evidence": evidence_in_words(facts["evidence"]),
        "severity": str(facts["severity"]),
        "clock": clock,
        "simulated": "A simulated flight." if facts["simulated"] else "",
        "place": f"{where[:1].upper()}{where[1:]}; " if where else "",
        "flight": say.duration(facts["airborne_s"] or 0) + " in the air" + _height(facts),
        "flights_before": say.count(before, "flight") if before else "none that we know of",
        "changed": "; ".join(facts["changed"]),
        "flew_again": say.moment(facts.get("flew_again_us")),
    }


def _height(facts: Facts) -> str:
    height_m = facts["height_max_m"]
    return "" if height_m is None else f", up to {say.number(height_m)} m high"


def _inactive(facts: Facts, now_us: int) -> Values:
    return _drone(facts["who"]) | {
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
    return _drone(facts["who"]) | _habit(facts)


def _habit(facts: Facts) -> Values:
    return {
        "recent": say.count(facts["recent"], "flight-day"),
        "expected": say.number(facts["expected"]),
        "window": str(facts["window_days"]),
        "rate": say.number(facts["a_year"]),
        "usual": say.number(facts["usual_a_year"]),
    }


def _customer(facts: Facts) -> Values:
    owner = facts["who"]
    return {"customer": owner["customer"], "who": who(owner)}


def _account(facts: Facts, now_us: int) -> Values:
    return _customer(facts) | _habit(facts) | {
        "days": str(say.days(facts["flown_us"], now_us)),
        "flown": say.moment(facts["flown_us"]),
        "day": say.day(facts["flown_us"]),
        "limit": facts["limit"],
        "drones": say.count(facts["drones"], "drone"),
    }  # fmt: skip


def _unflown(facts: Facts, _: int) -> Values:
    serials = facts["serials"]
    rest = len(serials) - _MOST_DRONES
    return _customer(facts) | {
        "drones": ", ".join(serials[:_MOST_DRONES]) + (f" and {rest} more" if rest > 0 else ""),
        "count": say.count(len(serials), "drone"),
        "delivered": say.day(facts["delivered_us"]),
        "limit": facts["limit"],
    }


def _unseen(facts: Facts, now_us: int) -> Values:
    drones = facts["drones"]
    names = [
        f"{drone['serial']} ({drone['customer'] or _NOBODY},"
        f" {say.days(drone['flown_us'], now_us)} days)"
        for drone in drones[:_MOST_DRONES]
    ]
    rest = len(drones) - len(names)
    more = f" and {rest} more" if rest else ""
    return {
        "station": facts["station"],
        "station_kind": _STATION_KINDS.get(facts["station_kind"], "kind unknown"),
        "drones": f"{', '.join(names)}{more}" if names else "",
        "count": say.count(len(drones), "drone"),
        "share": say.percent(facts["online_share"]),
        "heard": say.moment(facts["heard_us"]) if facts["heard_us"] else "never",
        "version": facts["version"] or "unknown",
        "silent": str(facts.get("silent", "")),
        "known": str(facts.get("known", "")),
    }


def _outdated(facts: Facts, now_us: int) -> Values:
    before = facts["next"] != facts["version"]
    asked = facts["mailed_us"]
    return _drone(facts["who"]) | {
        "runs": facts["runs"],
        "seen": say.day(facts["seen_us"]),
        "version": facts["version"],
        "next": f"Install {facts['next']} now." if before and facts["next"] else "",
        "since": say.day(facts["since_us"]),
        "days": str(say.days(facts["since_us"], now_us)),
        "grace": f"{facts['grace_days']:g}",
        "powered": say.day(facts["powered_us"]),
        "mailed": f"Asked by e-mail on {say.day(asked)}." if asked else "No e-mail on record.",
    }


def _deaf(facts: Facts, now_us: int) -> Values:
    drones = facts["drones"]
    names = [f"{drone['serial']} (runs {drone['runs']})" for drone in drones[:_MOST_DRONES]]
    rest = len(drones) - len(names)
    return {
        "customer": facts["customer"],
        "who": who(facts["who"]),
        "version": facts["version"],
        "mailed": say.day(facts["mailed_us"]),
        "days": str(say.days(facts["mailed_us"], now_us)),
        "grace": f"{facts['grace_days']:g}",
        "drones": ", ".join(names) + (f" and {rest} more" if rest else ""),
        "count": say.count(len(drones), "drone"),
        "of": str(facts["of_drones"]),
    }


def _worn(facts: Facts, _: int) -> Values:
    return _drone(facts["who"]) | {"signs": signs_in_words(facts["signs"])}


_OF_RULE: Final[dict[str, Callable[[Facts, int], Values]]] = {
    "X1": _crash,
    "D1a": _inactive,
    "D3": _outdated,
    "C3": _deaf,
    "X3": _worn,
    "D1b": _rare,
    "C1": _account,
    "C5": _unflown,
    "X2": _unseen,
}

_OF_CASE: Final = {"case", "opened", "due", "closed", "answer", "playbook"}
"""Filled in where the notice is made, for every rule."""
_X1: Final = {
    "drone", "customer", "who", "happened", "when", "day", "ago", "others", "evidence", "severity",
    "simulated", "clock", "place", "flight", "flights_before", "changed", "flew_again",
}  # fmt: skip
_D1A: Final = {
    "drone", "customer", "who", "days", "flown", "day", "limit", "read", "station", "share",
    "flights", "hours", "siblings", "changed",
}  # fmt: skip
_X2: Final = {"station", "station_kind", "drones", "count", "share", "heard", "version",
    "silent", "known",}  # fmt: skip
_D3: Final = {
    "drone", "customer", "who", "runs", "seen", "version", "next", "since", "days", "grace",
    "powered", "mailed",
}  # fmt: skip
_C3: Final = {
    "customer", "who", "version", "mailed", "days", "grace", "drones", "count", "of",
}  # fmt: skip
_X3: Final = {"drone", "customer", "who", "signs"}
_HABIT: Final = {"recent", "expected", "window", "rate", "usual"}
_D1B: Final = {"drone", "customer", "who"} | _HABIT
_C1: Final = {"customer", "who", "days", "flown", "day", "limit", "drones"} | _HABIT
_C5: Final = {"customer", "who", "drones", "count", "delivered", "limit"}
PLACEHOLDERS: Final = {
    rule: frozenset(names | _OF_CASE)
    for rule, names in (
        ("X1", _X1),
        ("D1a", _D1A),
        ("D3", _D3),
        ("C3", _C3),
        ("X2", _X2),
        ("X3", _X3),
        ("D1b", _D1B),
        ("C1", _C1),
        ("C5", _C5),
    )
}
"""What each rule's template may ask for."""
