"""Crash, crash-like, none or unknown: one verdict a flight, from its facts alone.

A crash needs something physical (an impact, an abnormal rest, the autopilot's own crash check) and
something about control (lost attitude, a fall, a disarming in the air). Bench runs and carried
drones never take off, so nothing about them is a crash. `docs/detection.md` explains every
threshold. Nothing here reads `simulated`.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from windsock.protocol.facts import COLUMN, Matrix
from windsock.protocol.verdicts import KINDS, VERDICTS, Kind, Verdict

RULES_VERSION: Final = 2

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Row = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashRule:
    """Every threshold, with its unit in the name. Sources: `docs/detection.md`."""

    impact_m_s2: float = 30.0
    """Specific force at contact: three g, more than rotors do to a craft."""
    impact_on_wings_m_s2: float = 120.0
    """The same on wings: planes land on their bellies."""
    strong_impact_m_s2: float = 80.0
    """PX4's FD_IMPACT_THR as its tests set it."""
    contact_clips: float = 1.0
    """16 g, at which accelerometers clip, is far beyond any touchdown of the labelled logs."""
    lost_tilt_deg: float = 60.0
    """PX4's FD_FAIL_R and FD_FAIL_P."""
    lost_tilt_s: float = 0.3
    """PX4's FD_FAIL_R_TTRI."""
    attitude_error_s: float = 2.0
    """ArduCopter's CRASH_CHECK_TRIGGER_SEC; the agent measured beyond its 30 and 15 degrees."""
    fall_sink_m_s: float = 4.5
    """A free fall of one metre; three times PX4's MPC_Z_VEL_MAX_DN."""
    below_wanted_m: float = 5.0
    """Not held for PX4's FD_ALT_LOSS_T: more than its descents overshoot."""
    full_thrust_sinking_s: float = 1.0
    """ArduCopter's THRUST_LOSS_CHECK_TRIGGER_SEC."""
    hard_sink_m_s: float = 3.05
    """10 ft/s: what 14 CFR 23.473 has landing gear made for at most."""
    rest_change_deg: float = 45.0
    """From this drone's usual rest: half-way to lying on its side."""
    stood_s: float = 0.3
    """Longer than a fall from upright to 15 degrees takes: it had landed before it toppled."""
    end_height_m: float = 3.0
    """LogAnalyzer's brown-out test: a log that ends above it ended in flight."""
    return_away_s: float = 30.0
    """Longer than a plane's climb and turn for home, or a copter's braking, takes."""
    failsafe_landing_m: float = 50.0
    """Several times what a landing drifts and GPS errs: another place."""


class Names(NamedTuple):
    """An atom of evidence: a fact, the threshold it is held against, the fact that dates it."""

    fact: str
    threshold: str | float
    dated_by: str | None
    points: int


ATOMS: Final = {
    "impact": Names("contact_force_m_s2", "impact_m_s2", "contact_boot_s", 1),
    "strong": Names("contact_force_m_s2", "strong_impact_m_s2", "contact_boot_s", 1),
    "clipped": Names("contact_clips", "contact_clips", "contact_boot_s", 1),
    "tilted": Names("tilt_at_contact_deg", "lost_tilt_deg", "contact_boot_s", 2),
    "tilted_before": Names("tilt_before_contact_deg", "lost_tilt_deg", "contact_boot_s", 0),
    "hard": Names("sink_at_contact_m_s", "hard_sink_m_s", "contact_boot_s", 0),
    "hit": Names("sink_at_contact_m_s", "fall_sink_m_s", "contact_boot_s", 1),
    "sunk": Names("below_wanted_m", "below_wanted_m", "contact_boot_s", 1),
    "weak": Names("full_thrust_sinking_s", "full_thrust_sinking_s", "contact_boot_s", 1),
    "tipped": Names("rest_tilt_deg", "rest_change_deg", "rest_boot_s", 2),
    "said": Names("autopilot_crash", 1.0, "autopilot_crash_boot_s", 3),
    "failed": Names("autopilot_failure", 1.0, "autopilot_failure_boot_s", 2),
    "disarmed": Names("disarm_in_air", 1.0, "disarm_boot_s", 2),
    "lost": Names("tilt_over_60_s", "lost_tilt_s", "tilt_over_60_boot_s", 2),
    "astray": Names("attitude_error_s", "attitude_error_s", "attitude_error_boot_s", 1),
    "cut": Names("ends_in_air", 1.0, "end_boot_s", 2),
    "high": Names("end_height_m", "end_height_m", "end_boot_s", 0),
    "falling": Names("end_sink_m_s", "fall_sink_m_s", "end_boot_s", 1),
    "away": Names("return_away_s", "return_away_s", "return_away_boot_s", 2),
    "elsewhere": Names("failsafe_landing_m", "failsafe_landing_m", "failsafe_landing_boot_s", 2),
}


class Evidence(TypedDict):
    """One fact that spoke for the verdict."""

    fact: str
    value: float
    threshold: float
    boot_s: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """Verdicts of n flights; `verdict` and `kind` index VERDICTS and KINDS.

    `severity` is 0 to 100, `event_boot_s` NaN where there is no event. `atoms` holds which
    evidence held, (n,) each, already without what is only context for the verdict `none`.
    """

    verdict: npt.NDArray[np.uint8]
    kind: npt.NDArray[np.uint8]
    severity: npt.NDArray[np.uint8]
    event_boot_s: Floats
    atoms: dict[str, Mask]

    def words(self, row: int) -> tuple[Verdict, Kind]:
        """Verdict and kind of one flight."""
        return VERDICTS[self.verdict[row]], KINDS[self.kind[row]]


class _Facts:
    """The columns of a matrix by name, float64."""

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix

    def __getitem__(self, name: str) -> Floats:
        return self._matrix[:, COLUMN[name]].astype(np.float64)


def judge(matrix: Matrix, rule: CrashRule | None = None) -> Judgement:
    """Judge flights by their facts, (n, len(FACTS)) with NaN for what was not measured."""
    rule = rule or CrashRule()
    facts = _Facts(matrix)
    atoms = _atoms(facts, rule)
    verdict, kind = _verdicts(facts, atoms)
    return Judgement(
        verdict,
        kind,
        _severity(facts, atoms, verdict),
        _event(facts, atoms, verdict, kind),
        atoms,
    )


def _atoms(facts: _Facts, rule: CrashRule) -> dict[str, Mask]:
    """Which evidence holds; comparisons with NaN are false."""
    wings = facts["fixed_wing"] >= 1
    atoms = {
        name: facts[atom.fact] >= _threshold(atom, rule)
        for name, atom in ATOMS.items()
        if name != "tipped"
    }
    atoms["impact"] &= ~wings | (facts["contact_force_m_s2"] >= rule.impact_on_wings_m_s2)
    usual = np.nan_to_num(facts["rest_tilt_before_deg"])
    atoms["tipped"] = np.abs(facts["rest_tilt_deg"] - usual) >= rule.rest_change_deg
    atoms["lost"] &= ~wings  # a plane's bank is its pilot's will
    _forget_toppling(facts, atoms, rule)
    flown = facts["airborne_s"] > 0
    return {name: mask & flown for name, mask in atoms.items()}


def _forget_toppling(facts: _Facts, atoms: dict[str, Mask], rule: CrashRule) -> None:
    """What topples after it stood has lost its feet, not its control."""
    stood = facts["stood_s"] >= rule.stood_s
    atoms["tilted"] &= ~stood
    atoms["tilted_before"] &= ~stood
    late = facts["tilt_over_60_boot_s"] >= facts["contact_boot_s"] - 1.0
    atoms["lost"] &= ~(stood & late)


def _threshold(atom: Names, rule: CrashRule) -> float:
    held = atom.threshold
    return held if isinstance(held, float) else float(getattr(rule, held))


def _held_against(name: str, atom: Names, rule: CrashRule, facts: Row) -> float:
    """The threshold that one flight's fact passed."""
    if name == "impact" and facts[COLUMN["fixed_wing"]] >= 1:
        return rule.impact_on_wings_m_s2
    return _threshold(atom, rule)


def _verdicts(
    facts: _Facts, has: dict[str, Mask]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The first line that holds decides."""
    fell = has["hit"] | has["sunk"] | has["weak"] | has["disarmed"]
    shock = has["impact"] | has["clipped"]
    struck = shock & (has["tilted"] | fell)
    toppled = has["tipped"] & (has["tilted_before"] | fell)
    believed = has["said"] & (has["tilted"] | has["hit"] | has["tipped"] | shock)
    out_of_control = has["disarmed"] | has["lost"] | has["astray"] | has["failed"]
    in_flight_end = has["cut"] & (has["high"] | has["falling"])
    unpowered = has["disarmed"] & ~(facts["fixed_wing"] >= 1)
    lines: tuple[tuple[Mask, Verdict, Kind], ...] = (
        (struck | toppled, "crash", "impact"),
        (believed, "crash", "autopilot-only"),
        (
            in_flight_end & (unpowered | has["falling"] & out_of_control),
            "crash",
            "impact-not-recorded",
        ),
        (has["disarmed"], "crash-like", "disarm-in-air"),
        (has["away"], "crash-like", "fly-away"),
        (in_flight_end, "crash-like", "in-flight-log-end"),
        (has["tipped"], "crash-like", "tip-over"),
        (has["astray"] & ~has["said"], "crash-like", "lost-attitude"),
        (has["hard"] & shock | has["hit"], "crash-like", "hard-landing"),
        (has["said"], "crash-like", "autopilot-only"),
        (has["lost"], "crash-like", "lost-attitude"),
        (has["elsewhere"], "crash-like", "failsafe-landing"),
        (_unmeasured(facts), "unknown", "facts-missing"),
        (facts["airborne_s"] == 0, "none", "not-airborne"),
    )
    masks = [mask for mask, _, _ in lines]
    verdicts = [VERDICTS.index(verdict) for _, verdict, _ in lines]
    kinds = [KINDS.index(kind) for _, _, kind in lines]
    return (
        np.select(masks, verdicts, VERDICTS.index("none")).astype(np.uint8),
        np.select(masks, kinds, KINDS.index("normal")).astype(np.uint8),
    )


def _unmeasured(facts: _Facts) -> Mask:
    """True where nobody knows whether it flew, or it flew and attitude or motion is missing."""
    no_force, no_height = np.isnan(facts["force_hz"]), np.isnan(facts["height_hz"])
    blind = np.isnan(facts["attitude_hz"]) | (no_force & no_height)
    return np.isnan(facts["airborne_s"]) | ((facts["airborne_s"] > 0) & blind)


def _severity(
    facts: _Facts, atoms: dict[str, Mask], verdict: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """12 a point of evidence and the impact's J/kg, at most 100; 40 where nothing struck."""
    points = sum(ATOMS[name].points * mask for name, mask in atoms.items())
    energy = np.nan_to_num(np.maximum(facts["sink_at_contact_m_s"], 0.0)) ** 2 / 2
    score = np.minimum(12.0 * np.asarray(points) + energy, 100.0)
    struck = atoms["impact"] | atoms["clipped"] | atoms["tipped"] | atoms["said"]
    score = np.where(struck, score, np.minimum(score, 40.0))
    judged = verdict <= VERDICTS.index("crash-like")
    return np.where(judged, score, 0.0).astype(np.uint8)


def _event(
    facts: _Facts,
    atoms: dict[str, Mask],
    verdict: npt.NDArray[np.uint8],
    kind: npt.NDArray[np.uint8],
) -> Floats:
    """When what its kind names began, else where control was lost, else the end."""
    event = np.full(len(kind), np.nan)
    for one, fact in _DATED_BY.items():
        event = np.where(kind == KINDS.index(one), facts[fact], event)
    for name in ("disarmed", "lost", "astray", "said", "tipped", "cut"):
        dated = facts[ATOMS[name].dated_by or ""]
        event = np.where(np.isnan(event) & atoms[name], dated, event)
    judged = verdict <= VERDICTS.index("crash-like")
    return np.where(judged, event, np.nan)


_DATED_BY: Final[dict[Kind, str]] = {
    "impact": "contact_boot_s",
    "autopilot-only": "contact_boot_s",
    "hard-landing": "contact_boot_s",
    "fly-away": "return_away_boot_s",
    "failsafe-landing": "failsafe_landing_boot_s",
}


def evidence(
    matrix: Matrix, judgement: Judgement, row: int, rule: CrashRule | None = None
) -> list[Evidence]:
    """What spoke for one flight's verdict, in the order of `ATOMS`; empty for none and unknown."""
    if judgement.verdict[row] > VERDICTS.index("crash-like"):
        return []
    rule = rule or CrashRule()
    facts = matrix[row]
    found: dict[str, Evidence] = {}
    for name, atom in ATOMS.items():
        if judgement.atoms[name][row]:
            dated = float(facts[COLUMN[atom.dated_by]]) if atom.dated_by else float("nan")
            found[atom.fact] = Evidence(
                fact=atom.fact,
                value=float(facts[COLUMN[atom.fact]]),
                threshold=_held_against(name, atom, rule, facts),
                boot_s=None if np.isnan(dated) else dated,
            )
    return list(found.values())
