"""Verdicts as a person reads them in a terminal."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any, Final

from rich import box
from rich.markup import escape
from rich.table import Table

from windsock.collector.notify.words import KINDS, evidence_in_words

_STYLES: Final = {"crash": "bold red", "crash-like": "yellow", "none": "green", "unknown": "cyan"}


def verdict_table(verdicts: Iterable[dict[str, Any]], width: int) -> Table:
    """One row a flight: what it was, when, and after a colon what speaks for it.

    Of *width* characters a fifth is the log's at most: the words matter more.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("log", overflow="fold", max_width=width // 5)
    for name in ("flight", "verdict", "severity", "at"):
        table.add_column(name, no_wrap=True)
    table.add_column("what")
    for line in verdicts:
        at = line["event_boot_s"]
        table.add_row(
            escape(PurePath(line["log"] or "").name),
            str(line["flight"] or "-"),
            f"[{_STYLES[line['verdict']]}]{line['verdict']}[/]",
            str(line["severity"]),
            "-" if at is None else f"{at:.1f} s",
            escape(_what(line)),
        )
    return table


def _what(line: dict[str, Any]) -> str:
    what = line.get("error") or KINDS.get(line["kind"], line["kind"])
    return f"{what}: {evidence_in_words(line['evidence'])}" if line["evidence"] else what
