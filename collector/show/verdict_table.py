"""Verdicts as a person reads them in a terminal."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any, Final

from rich.markup import escape
from rich.table import Table

from windsock.collector.notify.words import KINDS, evidence_in_words

_STYLES: Final = {"crash": "bold red", "crash-like": "yellow", "none": "green", "unknown": "cyan"}


def verdict_table(verdicts: Iterable[dict[str, Any]]) -> Table:
    """One row a flight: what it was, when, and what speaks for it."""
    table = Table("log", "flight", "verdict", "what", "severity", "at", "evidence")
    for line in verdicts:
        at = line["event_boot_s"]
        table.add_row(
            escape(PurePath(line["log"] or "").name),
            str(line["flight"] or "-"),
            f"[{_STYLES[line['verdict']]}]{line['verdict']}[/]",
            escape(line.get("error") or KINDS.get(line["kind"], line["kind"])),
            str(line["severity"]),
            "-" if at is None else f"{at:.1f} s",
            evidence_in_words(line["evidence"]),
        )
    return table
