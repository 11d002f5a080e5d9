"""The rule's thresholds where they can be drawn. Pure."""

from collections.abc import Mapping

from windsock.collector.detect.crash import CrashRule
from windsock.collector.explain.plots import Limit
from windsock.collector.explain.quantities import number


def limits(signal: str, facts: Mapping[str, float], greatest: float) -> tuple[Limit, ...]:
    """The thresholds on one signal; `greatest` of it decides whether the next one is of use."""
    rule = CrashRule()
    fallen = facts.get("sink_at_contact_m_s", 0.0) >= rule.fall_sink_m_s
    if signal == "force_m_s2":
        return _force(rule, facts, greatest)
    if signal == "tilt_deg":
        return (_limit(rule.lost_tilt_deg, "lost attitude", "°"),)
    if signal == "climb_m_s":
        if facts.get("sink_at_contact_m_s", 0.0) >= rule.hard_sink_m_s and not fallen:
            return (_limit(-rule.hard_sink_m_s, "hard landing", " m/s"),)
        return (_limit(-rule.fall_sink_m_s, "fall", " m/s"),)
    if signal == "height_m" and facts.get("ends_in_air"):
        return (_limit(rule.end_height_m, "in flight", " m"),)
    return ()


def _force(rule: CrashRule, facts: Mapping[str, float], greatest: float) -> tuple[Limit, ...]:
    if facts.get("fixed_wing"):
        return (_limit(rule.impact_on_wings_m_s2, "impact on wings", " m/s²"),)
    impact = _limit(rule.impact_m_s2, "impact", " m/s²")
    strong = _limit(rule.strong_impact_m_s2, "strong impact", " m/s²")
    return (impact, strong) if greatest >= rule.impact_m_s2 else (impact,)


def _limit(value: float, name: str, unit: str) -> Limit:
    return Limit(value, f"{name}: {number(value)}{unit}")
