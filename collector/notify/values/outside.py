"""D2, C2, C4, M1: what came from outside, and what did not."""

from typing import Any, Final

from windsock.collector.notify import phrases as say
from windsock.collector.notify.values.owners import (
    MOST,
    NOBODY,
    OF_CUSTOMER,
    OF_DRONE,
    Facts,
    Values,
    Words,
    of_customer,
    of_drone,
    some,
    who,
)


def incidents_in_words(incidents: list[dict[str, Any]], *, named: bool) -> str:
    """``3 May 2026 (ticket T-17); 9 May 2026, drone D-2``; *named*: the drones, too."""
    return "; ".join(_incident(one, named=named) for one in incidents[-MOST:])


def _incident(one: dict[str, Any], *, named: bool) -> str:
    drone = f", drone {one['drone']}" if named and one["drone"] else ""
    ticket = f" (ticket {one['ticket']})" if one["ticket"] else ""
    return f"{say.day(one['at_us'])}{drone}{ticket}"


def _crowd(facts: Facts, *, named: bool) -> Values:
    beside = facts["unconfirmed"]
    return {
        "count": str(len(facts["incidents"])),
        "incidents": incidents_in_words(facts["incidents"], named=named),
        "first": say.day(facts["incidents"][0]["at_us"]),
        "last": say.day(facts["incidents"][-1]["at_us"]),
        "unconfirmed": f"Beside them: {say.count(beside, 'detection')} that nobody confirmed."
        if beside
        else "",
    }


def _of_drone(facts: Facts, _: int) -> Values:
    return of_drone(facts["who"]) | _crowd(facts, named=False)


def _of_customer(facts: Facts, _: int) -> Values:
    return of_customer(facts) | _crowd(facts, named=True)


def _unhappy(facts: Facts, _: int) -> Values:
    scores = facts["scores"]
    said = [f"{say.number(one['score'])} on {say.day(one['at_us'])}" for one in scores[-MOST:]]
    doubt = "" if facts["ever_good"] else "No score above 5 was ever imported: is 7 the best?"
    return of_customer(facts) | {
        "count": str(len(scores)),
        "scores": "; ".join(said),
        "last": say.day(scores[-1]["at_us"]),
        "doubt": doubt,
    }


def _missing(facts: Facts, _: int) -> Values:
    owner = facts["who"]
    return {
        "customer": owner["customer"] if owner else NOBODY,
        "who": who(owner),
        "missing": ", ".join(facts["missing"]),
        "drones": some(facts["drones"]),
        "autopilots": some(facts["autopilots"]),
    }


_CROWD: Final = frozenset({"count", "incidents", "first", "last", "unconfirmed"})
OUTSIDE: Final = {
    "D2": Words(_of_drone, OF_DRONE | _CROWD),
    "C2": Words(_of_customer, OF_CUSTOMER | _CROWD),
    "C4": Words(_unhappy, OF_CUSTOMER | {"count", "scores", "last", "doubt"}),
    "M1": Words(_missing, OF_CUSTOMER | {"missing", "drones", "autopilots"}),
}
