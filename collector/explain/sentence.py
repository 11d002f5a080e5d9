"""A verdict as one plain sentence, and how sure it is. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from windsock.collector.detect.crash import Evidence
from windsock.collector.explain.judged import Check, Judged
from windsock.collector.explain.quantities import in_g, listed, number, span
from windsock.collector.explain.words import MEANING, words
from windsock.protocol.verdicts import Kind, Verdict

Facts = Mapping[str, float]

_FALLEN_M: Final = 1.0
_SINKING_M_S: Final = 1.0
_SHOCK_M_S2: Final = 20.0
_TURNED_DEG: Final = 45.0
_LOST_S: Final = 0.3
_WEAK_S: Final = 1.0
_LOST_DEG: Final = 60.0
_UPSIDE_DOWN_DEG: Final = 135.0
_STRONG: Final = 3
_FAR: Final = 2.0
_PAIR: Final = 2


def sentence(verdict: Verdict, kind: Kind, facts: Facts, event_s: float | None = None) -> str:
    """What happened and when; `event_s` is seconds since boot, as the facts' times are."""
    said = _KINDS[kind](facts, event_s)
    if said.startswith((" ", ":")):
        return f"{_CALLED.get(verdict, 'Event')}{said}"
    return f"Possible crash: {said}" if verdict == "crash" else said[:1].upper() + said[1:]


_CALLED: Final[Mapping[Verdict, str]] = {
    "crash": "Possible crash",
    "crash-like": "Crash-like event",
}


def certainty(one: Judged) -> str:
    """How much speaks for a crash, by how many witnesses that can't err together."""
    if one.verdict == "unknown":
        return "Not judged: too little was logged."
    if one.kind == "not-airborne":
        return "By its height and its motors' output it stayed where it was."
    return _kept(one.checks) if one.verdict == "none" else _agreement(one.evidence)


def meaning(one: Judged) -> str:
    """What the verdict asks for, or why a limit that was crossed asks for nothing."""
    beyond = dict.fromkeys(check.fact for check in one.checks if check.holds)
    if one.kind == "normal" and beyond:
        crossed = listed([words(fact).about.lower() for fact in beyond])
        return f"Too little to mean a crash was beyond its limit: {crossed}."
    return MEANING[one.kind]


def _agreement(found: Sequence[Evidence]) -> str:
    witnesses = _witnesses(found)
    if not witnesses:
        return "Nothing but the rule's word for it."
    if len(witnesses) == 1:
        return f"Weak: one witness only ({witnesses[0]})."
    said = f"{len(witnesses)} independent witnesses agree ({listed(witnesses)})"
    far = _witnesses([one for one in found if one["value"] >= _FAR * one["threshold"]])
    if len(far) > 1:
        whole = len(far) == len(witnesses)
        count = ("both" if len(far) == _PAIR else "all") if whole else f"{len(far)} of them"
        return f"Strong: {said}, {count} far beyond the limit."
    return f"{'Strong' if len(witnesses) >= _STRONG else 'Fair'}: {said}."


def _kept(checks: Sequence[Check]) -> str:
    """How many checks a flight without a finding passed."""
    beyond = sum(one.holds for one in checks)
    unmeasured = sum(one.value is None for one in checks)
    parts = [f"{len(checks) - beyond - unmeasured} of {len(checks)} checks within their limits"]
    if beyond:
        parts.append(f"{beyond} beyond, too little to mean a crash")
    if unmeasured:
        parts.append(f"{unmeasured} without anything to measure")
    return f"{listed(parts)}."


def _witnesses(evidence: Iterable[Evidence]) -> list[str]:
    return list(dict.fromkeys(words(item["fact"]).witness for item in evidence))


def when(facts: Facts, event_s: float | None) -> str:
    """`` 13 s after take-off``; empty for an event that nobody dated."""
    if event_s is None:
        return ""
    takeoff = facts.get("takeoff_boot_s")
    if takeoff is None:
        return f" {span(event_s)} after the autopilot's start"
    if event_s < takeoff:
        return f" {span(takeoff - event_s)} before take-off"
    return f" {span(event_s - takeoff)} after take-off"


def _impact(facts: Facts, event_s: float | None) -> str:
    parts = [*_before(facts, event_s), _hit(facts), *_after(facts)]
    tilt = facts.get("tilt_at_contact_deg", 0)
    if tilt >= _LOST_DEG and not _after(facts) and _tilt_before(facts, event_s) is None:
        parts.append(f"tipped to {tilt:.0f}°")
    return f"{when(facts, event_s)}: {_stopped(facts)}it {listed(parts)}."


def _stopped(facts: Facts) -> str:
    if not facts.get("disarm_in_air"):
        return ""
    return f"its motors were stopped in the air{_at_height(facts, 'disarm_height_m')}; "


def _before(facts: Facts, event_s: float | None) -> list[str]:
    """How it came to fall."""
    tilt = _tilt_before(facts, event_s)
    parts = [] if tilt is None else [f"tilted up to {tilt:.0f}°"]
    weak_s = facts.get("full_thrust_sinking_s", 0)
    if weak_s >= _WEAK_S:
        parts.append(f"sank for {span(weak_s)} with its motors at full")
    fall_m, fall_s = facts.get("fall_m", 0), facts.get("fall_boot_s")
    if fall_m >= _FALLEN_M and fall_s is not None and event_s is not None and fall_s < event_s:
        parts.append(f"fell {fall_m:.0f} m in {span(event_s - fall_s)}")
    return parts


def _tilt_before(facts: Facts, event_s: float | None) -> float | None:
    """The greatest tilt where attitude was lost before the event, else None."""
    lost_s = facts.get("tilt_over_60_boot_s")
    if facts.get("tilt_over_60_s", 0) >= _LOST_S and (lost_s or 0) <= (event_s or 0):
        return facts.get("tilt_max_deg")
    tilt = facts.get("tilt_before_contact_deg")
    return tilt if (tilt or 0) >= _LOST_DEG else None


def _hit(facts: Facts) -> str:
    sink, force = facts.get("sink_at_contact_m_s", 0), facts.get("contact_force_m_s2", 0)
    speed = f" at {number(sink)} m/s" if sink >= _SINKING_M_S else ""
    shock = f" with {number(force)} m/s² ({in_g(force)} g)" if force >= _SHOCK_M_S2 else ""
    return f"hit the ground{speed}{shock}"


def _after(facts: Facts) -> list[str]:
    if _turned(facts) < _TURNED_DEG:
        return []
    return [f"came to rest {_lying(facts['rest_tilt_deg'])}"]


def _lying(tilt_deg: float) -> str:
    if tilt_deg >= _UPSIDE_DOWN_DEG:
        return "upside down"
    return (
        f"on its side ({tilt_deg:.0f}°)" if tilt_deg >= _LOST_DEG else f"tilted by {tilt_deg:.0f}°"
    )


def _turned(facts: Facts) -> float:
    if "rest_tilt_deg" not in facts:
        return 0.0
    return abs(facts["rest_tilt_deg"] - facts.get("rest_tilt_before_deg", 0))


def _at_height(facts: Facts, name: str) -> str:
    height = facts.get(name)
    return "" if height is None else f" at {number(height)} m"


def _then(said: str) -> str:
    """After a comma: numbers of seconds and of metres would read as one."""
    return f",{said}" if said else ""


def _not_recorded(facts: Facts, event_s: float | None) -> str:
    parts = _before(facts, event_s) or ([] if facts.get("disarm_in_air") else ["fell"])
    before = _stopped(facts) + (f"it {listed(parts)}; " if parts else "")
    sink = facts.get("end_sink_m_s", 0)
    falling = f", still falling at {number(sink)} m/s" if sink >= _SINKING_M_S else ""
    end = f"the log ends{_at_height(facts, 'end_height_m')}{falling}, before the ground"
    return f"{when(facts, event_s)}: {before}{end}."


def _autopilot_only(facts: Facts, event_s: float | None) -> str:
    parts = ["the autopilot reported a crash"]
    if facts.get("contact_force_m_s2", 0) >= _SHOCK_M_S2:
        parts.append(f"the shock was {number(facts['contact_force_m_s2'])} m/s²")
    parts += [f"it {after}" for after in _after(facts)]
    return f"{when(facts, event_s)}: {listed(parts)}."


def _hard_landing(facts: Facts, event_s: float | None) -> str:
    return f"hard landing{when(facts, event_s)}: it {listed([_hit(facts), *_after(facts)])}."


def _fly_away(facts: Facts, event_s: float | None) -> str:
    lasted, far = facts.get("return_away_s"), facts.get("return_away_m")
    spent = "" if lasted is None else f" for {span(lasted)}"
    where = "" if far is None else f", {number(far)} m further"
    return f"possible fly-away{when(facts, event_s)}: called back, it went away{spent}{where}."


def _failsafe_landing(facts: Facts, event_s: float | None) -> str:
    far = facts.get("failsafe_landing_m")
    where = "away" if far is None else f"{number(far)} m"
    acted = f" that acted{when(facts, event_s)}" if event_s is not None else ""
    return f"a failsafe{acted} landed it {where} from the nearest place where it was to land."


def _log_end(facts: Facts, event_s: float | None) -> str:
    where = when(facts, event_s) + _then(_at_height(facts, "end_height_m"))
    return f"the log ends in the air{where}: nobody recorded what followed."


def _disarmed(facts: Facts, event_s: float | None) -> str:
    where = when(facts, event_s) + _then(_at_height(facts, "disarm_height_m"))
    return f"its motors were stopped in the air{where}."


def _lost_attitude(facts: Facts, event_s: float | None) -> str:
    tilt, lasted = facts.get("tilt_max_deg"), facts.get("tilt_over_60_s")
    up_to = "" if tilt is None else f", up to {tilt:.0f}°"
    spent = "" if lasted is None else f" for {span(lasted)}"
    return f"it lost its attitude{when(facts, event_s)}: beyond 60°{spent}{up_to}."


def _tip_over(facts: Facts, event_s: float | None) -> str:
    rest = facts.get("rest_tilt_deg")
    lay = "" if rest is None else f": it came to rest {_lying(rest)}"
    return f"it tipped over{when(facts, event_s)}{lay}."


def _normal(facts: Facts, _: float | None) -> str:
    height, force = facts.get("height_max_m"), facts.get("contact_force_m_s2")
    up = "" if height is None else f", up to {number(height)} m"
    shock = "" if force is None else f"; it touched down with {number(force)} m/s²"
    soft = f"{shock} ({in_g(force)} g)" if force else shock
    return f"normal flight: {span(facts.get('airborne_s', 0))} in the air{up}{soft}."


def _not_airborne(facts: Facts, _: float | None) -> str:
    return f"it never left the ground: armed for {span(facts.get('armed_s', 0))}."


def _missing(facts: Facts, _: float | None) -> str:
    sources = (("attitude_hz", "attitude"), ("force_hz", "acceleration"), ("height_hz", "height"))
    gone = [name for fact, name in sources if not facts.get(fact)]
    what = f"it holds no {listed(gone)}" if gone else "it does not say whether the drone flew"
    return f"this log can't tell whether the flight was a good one: {what}."


_KINDS: Final[Mapping[Kind, Callable[[Facts, float | None], str]]] = {
    "no-flight": lambda _, __: "no flight in this log: the drone was never armed.",
    "not-airborne": _not_airborne,
    "normal": _normal,
    "impact": _impact,
    "impact-not-recorded": _not_recorded,
    "autopilot-only": _autopilot_only,
    "hard-landing": _hard_landing,
    "fly-away": _fly_away,
    "failsafe-landing": _failsafe_landing,
    "in-flight-log-end": _log_end,
    "disarm-in-air": _disarmed,
    "lost-attitude": _lost_attitude,
    "tip-over": _tip_over,
    "facts-missing": _missing,
    "unreadable": lambda _, __: "this log can't be read.",
}
