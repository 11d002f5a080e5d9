"""X2 over the whole fleet: where all stations fall silent together, one case says so for all."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from windsock.collector.cases.inactivity_findings import X2
from windsock.collector.cases.life import Finding, Gone
from windsock.collector.detect.sight import Silence

SUBJECT: Final = "all stations"
"""No agent id has a space in it."""
SILENT: Final = "silent"
ONE_FOR_ALL: Final = Gone("all stations are silent: one case speaks for them")
_SEVERITY: Final = 70
_UNSEEN: Final = "unseen"


def one_for_all(findings: Sequence[Finding], silence: Silence) -> list[Finding]:
    """*findings* of X2, those of drones out of sight replaced by one while all is silent.

    What is wrong with one station for certain (two machines with one id) stays its own.
    """
    if not silence.of_all:
        return list(findings)
    certain = [finding for finding in findings if finding.facts["variant"] != _UNSEEN]
    return [*certain, _finding(silence)]


def silence_facts(_: sqlite3.Connection, finding: Finding) -> dict[str, Any]:
    """Everything that the case and its notices say."""
    return dict(finding.facts)


def _finding(silence: Silence) -> Finding:
    return Finding(
        rule=X2,
        subject=SUBJECT,
        severity=_SEVERITY,
        episode=f"silent since {silence.last_heard_us // 3_600_000_000}",
        news=SILENT,
        facts={
            "variant": SILENT,
            "station": SUBJECT,
            "station_kind": None,
            "heard_us": silence.last_heard_us,
            "version": None,
            "online_share": None,
            "drones": [],
            "silent": silence.silent,
            "known": silence.known,
        },
    )
