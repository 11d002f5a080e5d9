"""What the rule looks at, and where its thresholds come from, in words. Pure."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from windsock.collector.explain.quantities import NO_VALUE, in_g, number
from windsock.protocol.facts import FACTS
from windsock.protocol.verdicts import Kind, Verdict


class Words(NamedTuple):
    """A fact: what it is, its unit, whose word it is, and the plot that shows it."""

    about: str
    unit: str
    witness: str
    panel: str | None = None


EVIDENCE: Final = {
    "contact_force_m_s2": Words("Shock at ground contact", "m/s²", "accelerometer", "force_m_s2"),
    "contact_clips": Words(
        "Accelerometer samples at full scale around it", "", "accelerometer", "force_m_s2"
    ),
    "tilt_at_contact_deg": Words(
        "Greatest tilt around ground contact", "°", "attitude", "tilt_deg"
    ),
    "tilt_before_contact_deg": Words(
        "Greatest tilt in the second before it", "°", "attitude", "tilt_deg"
    ),
    "sink_at_contact_m_s": Words("Sink speed just before it", "m/s", "height", "climb_m_s"),
    "below_wanted_m": Words(
        "Below the height that it held, just before it", "m", "autopilot's set-point", "height_m"
    ),
    "full_thrust_sinking_s": Words(
        "Sinking with its motors at full, just before it", "s", "motors", "throttle_pct"
    ),
    "rest_tilt_deg": Words("Tilt at rest afterwards", "°", "attitude", "tilt_deg"),
    "autopilot_crash": Words("The autopilot's own crash check fired", "", "autopilot"),
    "autopilot_failure": Words(
        "The autopilot reported a failure of attitude or motors, a parachute or a termination",
        "",
        "autopilot",
    ),
    "disarm_in_air": Words("Motors were stopped in the air", "", "arming state", "height_m"),
    "tilt_over_60_s": Words("Longest time beyond 60°", "s", "attitude", "tilt_deg"),
    "attitude_error_s": Words(
        "Longest time more than 30° away from what was commanded", "s", "attitude", "tilt_deg"
    ),
    "ends_in_air": Words("The log ends with the drone in the air", "", "log", "height_m"),
    "end_height_m": Words("Height at the end of the log", "m", "height", "height_m"),
    "end_sink_m_s": Words("Sink speed at the end of the log", "m/s", "height", "climb_m_s"),
    "return_away_s": Words("Called back, and going further away for", "s", "GPS"),
    "failsafe_landing_m": Words(
        "Landed by a failsafe, so far from the nearest planned landing place", "m", "GPS"
    ),
}
"""Every fact that the rule can hold against a flight."""

SOURCES: Final = {
    "impact_m_s2": "3 g, more than rotors can do",
    "impact_on_wings_m_s2": "on wings: planes land on their bellies",
    "strong_impact_m_s2": "PX4's impact test (FD_IMPACT_THR)",
    "contact_clips": "full scale is 16 g",
    "lost_tilt_deg": "PX4's attitude trip (FD_FAIL_R)",
    "lost_tilt_s": "PX4's attitude trip (FD_FAIL_R_TTRI)",
    "attitude_error_s": "ArduCopter's crash check",
    "fall_sink_m_s": "free fall of 1 m, three times PX4's fastest descent",
    "below_wanted_m": "PX4's altitude loss check (FD_ALT_LOSS), lasting 1 s",
    "full_thrust_sinking_s": "ArduCopter's thrust loss check",
    "return_away_s": "longer than turning for home takes",
    "failsafe_landing_m": "further than a landing drifts",
    "hard_sink_m_s": "10 ft/s, the most that landing gear is built for (14 CFR 23.473)",
    "rest_change_deg": "away from its usual rest: half-way to its side",
    "stood_s": "longer than a fall from upright to 15 degrees takes",
    "end_height_m": "ArduPilot LogAnalyzer's brown-out test",
}
"""Every threshold of CrashRule: where it comes from."""

CALLED: Final[Mapping[Verdict, str]] = {
    "crash": "Possible crash",
    "crash-like": "Worth a look",
    "none": "No crash",
    "unknown": "Can't be judged",
}

KINDS: Final[Mapping[Kind, str]] = {
    "impact-not-recorded": "fell out of the log",
    "autopilot-only": "on the autopilot's word",
    "in-flight-log-end": "log ends in flight",
    "disarm-in-air": "stopped in the air",
    "not-airborne": "stayed on the ground",
    "normal": "normal flight",
    "tip-over": "tipped over",
    "facts-missing": "too little was logged",
}
"""Kinds whose own name says less."""

MEANING: Final[Mapping[Kind, str]] = {
    "no-flight": "The autopilot wrote a log, but its motors were never armed.",
    "not-airborne": "Bench runs, carried drones and aborted starts look like this.",
    "normal": "Nothing in this flight crossed a limit.",
    "impact": "Check the drone before it flies again, and ask whether anybody was hurt.",
    "impact-not-recorded": (
        "Recording stopped before the ground. Find the drone, and check it before it flies again."
    ),
    "autopilot-only": (
        "This rests on the autopilot's word more than on its sensors: ask what the pilot saw."
    ),
    "hard-landing": "Landing gear, arms and camera mount may have suffered: have them checked.",
    "fly-away": "Ask whether the drone came back, and what the wind and the compass were like.",
    "failsafe-landing": "Ask why the failsafe acted, and whether the place it chose was safe.",
    "in-flight-log-end": (
        "Power was lost, or the memory card was pulled. A normal flight later on clears it up."
    ),
    "disarm-in-air": "A switch, a failsafe or a mistaken landing detection stopped the motors.",
    "lost-attitude": "No shock was recorded: ask the pilot whether this was meant.",
    "tip-over": "Propellers and arms may have struck the ground: have them checked.",
    "facts-missing": "That is not the same as a good flight: look at what is missing, below.",
    "unreadable": "Another copy of this log may be whole.",
}

MOMENTS: Final = {
    "contact_boot_s": "hardest touchdown",
    "disarm_boot_s": "motors stopped",
    "return_away_boot_s": "called back, going away",
    "failsafe_landing_boot_s": "failsafe begins to land",
    "end_boot_s": "end of the log",
    "tilt_over_60_boot_s": "beyond 60°",
    "autopilot_crash_boot_s": "autopilot's crash check",
    "rest_boot_s": "lies still",
    "autopilot_failure_boot_s": "autopilot's failure report",
    "peak_force_boot_s": "hardest shock",
    "tilt_max_boot_s": "greatest tilt",
}
"""What a window can be around: the fact that dates it."""

_ABOUT: Final = {fact.name: fact.about for fact in FACTS}
_MASKS: Final = {"autopilot_crash", "autopilot_failure", "disarm_in_air", "ends_in_air"}
_WITH_LOSS: Final = 2


def words(fact: str) -> Words:
    """The fact in words, those of the catalogue for one that is new here."""
    return EVIDENCE.get(fact) or Words(_ABOUT.get(fact, fact).capitalize(), "", "sensors")


def value(fact: str, measured: float | None) -> str:
    """A fact's value with its unit; shocks in g, too."""
    if measured is None:
        return NO_VALUE
    if fact in _MASKS:
        loss = fact == "autopilot_crash" and measured >= _WITH_LOSS
        return "yes, with loss of control" if loss else "yes" if measured else "no"
    unit = words(fact).unit
    shown = number(measured) + (unit if unit in ("", "°") else f" {unit}")
    return f"{shown} ({in_g(measured)} g)" if unit == "m/s²" else shown


def threshold(fact: str, limit: float) -> str:
    """The limit with its unit."""
    if fact in _MASKS:
        return NO_VALUE
    unit = words(fact).unit
    return number(limit) + (unit if unit in ("", "°") else f" {unit}")


def moment_name(facts: Mapping[str, float], boot_s: float, kind: Kind) -> str:
    """What happened at the time of a window."""
    near = 0.02
    dated = (fact for fact in MOMENTS if abs(facts.get(fact, -1e9) - boot_s) < near)
    fact = next(dated, "")
    if fact == "contact_boot_s" and kind == "impact":
        return "impact"
    return MOMENTS.get(fact, "liveliest moment")
