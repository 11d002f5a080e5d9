"""What flights are judged by, in words that fit into an alert."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from windsock.collector.notify.phrases import number
from windsock.protocol.verdicts import Kind

KINDS: Final[dict[Kind, str]] = {
    "no-flight": "no flight",
    "not-airborne": "never left the ground",
    "normal": "a normal flight",
    "impact": "it hit the ground out of control",
    "impact-not-recorded": "it fell, and the log ends before the ground",
    "autopilot-only": "the autopilot's own crash check fired",
    "hard-landing": "a hard landing",
    "fly-away": "it flew away from where it was told to be",
    "failsafe-landing": "a failsafe landed it away from the plan",
    "in-flight-log-end": "the log ends in the air (power lost, or the card pulled)",
    "disarm-in-air": "the motors stopped in the air",
    "lost-attitude": "it lost its attitude and caught itself",
    "tip-over": "it tipped over on the ground",
    "facts-missing": "too little was logged to judge",
    "unreadable": "the log can't be read",
}

_G: Final = 9.80665
_EVIDENCE: Final = {
    "contact_force_m_s2": ("struck with {} g (from {})", 1 / _G),
    "contact_clips": ("the shock went off its sensors' scale", 1.0),
    "tilt_at_contact_deg": ("tilted by {} deg at the ground (from {})", 1.0),
    "sink_at_contact_m_s": ("came down at {} m/s (from {})", 1.0),
    "below_wanted_m": ("{} m below the height it held (from {})", 1.0),
    "full_thrust_sinking_s": ("sank for {} s at full throttle (from {})", 1.0),
    "rest_tilt_deg": ("lay at {} deg ({} from its usual rest is enough)", 1.0),
    "autopilot_crash": ("its crash check fired", 1.0),
    "autopilot_failure": ("its autopilot reported a failure", 1.0),
    "disarm_in_air": ("motors stopped in the air", 1.0),
    "tilt_over_60_s": ("beyond 60 deg for {} s (from {})", 1.0),
    "attitude_error_s": ("did not follow commands for {} s (from {})", 1.0),
    "ends_in_air": ("log ends in the air", 1.0),
    "end_height_m": ("{} m high at the end (from {})", 1.0),
    "end_sink_m_s": ("sinking at {} m/s at the end (from {})", 1.0),
    "return_away_s": ("went away for {} s while called back (from {})", 1.0),
    "failsafe_landing_m": ("landed by a failsafe {} m from the plan (from {})", 1.0),
}
"""Facts that can speak for a crash: words for value and threshold, and the scale of both."""
MOST: Final = 4


def evidence_in_words(items: Iterable[Mapping[str, Any]]) -> str:
    """The strongest few pieces of evidence, in the rule's order."""
    known = [item for item in items if item["fact"] in _EVIDENCE]
    return "; ".join(_in_words(item) for item in known[:MOST]) or "see the flight's facts"


_SIGNS: Final = {
    "vibration_m_s2": "vibration {} m/s2 (usually {})",
    "motor_asymmetry_pct": "one motor {} % off the others (usually {})",
    "battery_sag_pct": "battery sags by {} % (usually {})",
    "estimator_ratio": "estimator ratio {} (usually {})",
}
"""Signs of wear, now and as the drone usually has them."""


def signs_in_words(items: Iterable[Mapping[str, Any]]) -> str:
    """What rose, and from where."""
    return "; ".join(
        _SIGNS[item["sign"]].format(number(item["now"]), number(item["usual"])) for item in items
    )


def _in_words(item: Mapping[str, Any]) -> str:
    words, scale = _EVIDENCE[item["fact"]]
    return words.format(number(item["value"] * scale), number(item["threshold"] * scale))
