"""Words for what was judged of a flight. Closed lists: dashboards and playbooks key on them."""

from typing import Literal, get_args

Verdict = Literal["crash", "crash-like", "none", "unknown"]
"""``unknown``: the columns to judge by are missing. Silence never reads as healthy."""

Kind = Literal[
    "no-flight",
    "not-airborne",
    "normal",
    "impact",
    "impact-not-recorded",
    "autopilot-only",
    "hard-landing",
    "fly-away",
    "failsafe-landing",
    "in-flight-log-end",
    "disarm-in-air",
    "lost-attitude",
    "tip-over",
    "facts-missing",
    "unreadable",
]

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
KINDS: tuple[Kind, ...] = get_args(Kind)
