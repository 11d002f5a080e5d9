"""``windsock-collector import KIND FILE``: facts from a file, and what was wrong with it."""

import argparse
import sys
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console

from windsock.collector.explain.quantities import plural
from windsock.collector.ledger import open_ledger
from windsock.collector.outside.files import source_of, take_file
from windsock.collector.outside.imports import Taken
from windsock.collector.outside.reading import MOST_BYTES
from windsock.collector.outside.take import KINDS, take
from windsock.collector.receive.spool_file import import_file
from windsock.collector.roster.sheet import RosterError
from windsock.collector.settings import Settings
from windsock.collector.show.layout import Column, laid_out, text
from windsock.config.loader import load

SPOOL: Final = "spool"
_MOST_SHOWN: Final = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``import`` takes."""
    about = "; ".join(f"{kind.name}: {kind.about}" for kind in KINDS.values())
    about += f"; {SPOOL}: batches of a station without network, as its `export` wrote them"
    parser.epilog = f"KIND is one of: {about}. docs/outside.md has the columns of each."
    parser.add_argument(
        "kind", choices=(*KINDS, SPOOL), metavar="KIND", help="what the file holds"
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="CSV or JSON, UTF-8; - is standard input"
    )
    parser.add_argument(
        "-o", "--answer", type=Path, metavar="ANSWER",
        help="of a spool: acknowledgements for the station (default: FILE with .acks)",
    )  # fmt: skip


def import_facts(options: argparse.Namespace) -> int:
    """Take in facts from outside; lines that are wrong are named and left out."""
    if options.kind == SPOOL:
        return import_file(options)
    settings = load(options.config, Settings)
    settings.check(options.config)
    ledger = open_ledger(settings.ledger)
    try:
        if str(options.file) == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
            taken: Taken | None = take(ledger, options.kind, data, "-", options.now())
        else:
            taken = take_file(ledger, options.kind, options.file, options.now(), again=True)
    finally:
        ledger.close()
    if taken is None:
        return 0
    _show(taken, "standard input" if str(options.file) == "-" else source_of(options.file))
    return 1 if taken.errors else 0


class _Row(NamedTuple):
    """What is said of a line."""

    level: str
    error: RosterError


_COLUMNS: Final[tuple[Column[_Row], ...]] = (
    Column("", lambda row: text(row.level, "red" if row.level == "error" else "yellow")),
    Column("line", lambda row: text(str(row.error.line or "")), right=True),
    Column("column", lambda row: text(row.error.column)),
    Column("what", lambda row: text(row.error.message)),
)


def _show(taken: Taken, file: str) -> None:
    """What was wrong, if anything, and a last line of what came of it."""
    console = Console()
    found = [_Row("error", error) for error in taken.errors]
    found += [_Row("warning", error) for error in taken.warnings]
    more = len(found) - _MOST_SHOWN
    notes = [f"{more} more are not shown"] if more > 0 else []
    if found:
        console.print(laid_out(_COLUMNS, found[:_MOST_SHOWN], console.width, notes))
    lines = f"{plural(taken.taken, 'line')} of {taken.kind} taken, {taken.refused} refused"
    console.print(text(f"{file}: {lines}"), soft_wrap=True)
