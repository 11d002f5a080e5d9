"""D3 and C3: who runs old software."""

from typing import Final

from windsock.collector.notify import phrases as say
from windsock.collector.notify.values.owners import (
    OF_CUSTOMER,
    OF_DRONE,
    Facts,
    Values,
    Words,
    of_drone,
    some,
    who,
)


def _outdated(facts: Facts, now_us: int) -> Values:
    before = facts["next"] != facts["version"]
    asked = facts["mailed_us"]
    return of_drone(facts["who"]) | {
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
    return {
        "customer": facts["customer"],
        "who": who(facts["who"]),
        "version": facts["version"],
        "mailed": say.day(facts["mailed_us"]),
        "days": str(say.days(facts["mailed_us"], now_us)),
        "grace": f"{facts['grace_days']:g}",
        "drones": some(f"{drone['serial']} (runs {drone['runs']})" for drone in drones),
        "count": say.count(len(drones), "drone"),
        "of": str(facts["of_drones"]),
    }


_OUTDATED: Final = {
    "runs", "seen", "version", "next", "since", "days", "grace", "powered", "mailed",
}  # fmt: skip
_DEAF: Final = {"version", "mailed", "days", "grace", "drones", "count", "of"}
SOFTWARE: Final = {
    "D3": Words(_outdated, OF_DRONE | _OUTDATED),
    "C3": Words(_deaf, OF_CUSTOMER | _DEAF),
}
