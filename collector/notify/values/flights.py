"""X1 and X3: what a flight, or the last few, showed."""

from typing import Final

from windsock.collector.notify import phrases as say
from windsock.collector.notify.values.owners import OF_DRONE, Facts, Values, Words, of_drone
from windsock.collector.notify.words import KINDS, evidence_in_words, signs_in_words


def _crash(facts: Facts, now_us: int) -> Values:
    clock = "" if facts["quality"] in ("gps", "boot_utc") else "The time is not the drone's own."
    where = say.place(facts["lat_deg"], facts["lon_deg"])
    more, before = len(facts["of_incidents"]) - 1, facts["flights_before"]
    return of_drone(facts["who"]) | {
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


def _worn(facts: Facts, _: int) -> Values:
    return of_drone(facts["who"]) | {"signs": signs_in_words(facts["signs"])}


_CRASH: Final = {
    "happened", "when", "day", "ago", "others", "evidence", "severity", "simulated", "clock",
    "place", "flight", "flights_before", "changed", "flew_again",
}  # fmt: skip
FLIGHTS: Final = {
    "X1": Words(_crash, OF_DRONE | _CRASH),
    "X3": Words(_worn, OF_DRONE | {"signs"}),
}
