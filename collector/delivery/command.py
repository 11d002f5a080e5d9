"""``windsock-collector gaps``, ``quarantine``, ``backup`` and ``restore``."""

import argparse
import logging
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from windsock.collector.delivery import quarantine as kept
from windsock.collector.delivery import tables
from windsock.collector.delivery.backup import back_up
from windsock.collector.delivery.backup import restore as put_back
from windsock.collector.delivery.gap_rows import gap_rows
from windsock.collector.influx.client import StoreDown, open_store
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import LedgerError, open_ledger
from windsock.collector.receive.ingest import Ingest
from windsock.collector.settings import Settings
from windsock.collector.show.tables import json_lines
from windsock.config.loader import load
from windsock.config.lock import only_one


def add_quarantine_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``quarantine`` takes; ``-c`` and ``--json`` come with the others."""
    parser.add_argument("do", nargs="?", choices=("list", "show", "retry"), default="list")
    parser.add_argument("id", nargs="*", type=int, metavar="ID", help="default for retry: all")


def add_file_argument(parser: argparse.ArgumentParser) -> None:
    """What ``backup`` and ``restore`` take."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")


def gaps(options: argparse.Namespace) -> int:
    """Show which batches never came, and why."""
    rows = gap_rows(_open(_settings(options)))
    if options.json:
        return _say(json_lines(rows))
    Console().print(tables.gaps_table(rows, Console().width))
    return 0


def quarantine(options: argparse.Namespace) -> int:
    """List what could not be decoded, show its bytes, or try again with the present code."""
    settings = _settings(options)
    ledger = _open(settings)
    if options.do == "show":
        return _show(ledger, options)
    if options.do == "retry":
        return _retry(ledger, settings, options)
    rows = kept.quarantine_rows(ledger)
    if options.json:
        return _say(json_lines(rows))
    Console().print(tables.quarantine_table(rows, Console().width))
    return 0


def backup(options: argparse.Namespace) -> int:
    """Copy the ledger to a file, checked, while the collector works."""
    settings = _settings(options)
    copy = back_up(settings.ledger, options.file, options.now())
    return _say([f"{copy.path}: {copy.size_bytes:,} bytes, {copy.batches:,} batches,"
                 f" {copy.flights:,} flights, checked"])  # fmt: skip


def restore(options: argparse.Namespace) -> int:
    """Put a backup in the place of the ledger, which is kept; the collector must be stopped."""
    ledger = load(options.config, Settings).ledger
    with only_one(ledger.with_name(ledger.name + ".lock"), "the collector of this ledger"):
        aside = put_back(options.file, ledger, options.now())
    return _say(
        [
            f"{ledger} is the backup {options.file}",
            *([f"what was there is kept as {aside}"] if aside else []),
            "what stations sent since the backup shows as they go on:"
            f" `windsock-collector gaps -c {options.config}`",
        ]
    )


def _show(ledger: sqlite3.Connection, options: argparse.Namespace) -> int:
    if not options.id:
        raise LedgerError("quarantine show: which? `quarantine list` has the numbers")
    console = Console()
    for number in options.id:
        for line in tables.dissected(kept.kept(ledger, number)):
            console.print(line, soft_wrap=True)
    return 0


def _retry(ledger: sqlite3.Connection, settings: Settings, options: argparse.Namespace) -> int:
    influx = settings.influx
    store = open_store(influx) if influx else None
    ingest = Ingest(ledger, Telemetry(ledger, store, influx.retention_days if influx else None))
    numbers = options.id or [row.id for row in kept.quarantine_rows(ledger)]
    try:
        with _quietly():
            rows = [kept.retry(ingest, number) for number in numbers]
    except StoreDown as error:
        raise LedgerError(f"quarantine retry: {error}; nothing is lost, try again") from error
    if options.json:
        return _say(json_lines(rows))
    Console().print(tables.retried_table(rows, Console().width))
    return 0


@contextmanager
def _quietly() -> Iterator[None]:
    """Without warnings: the table says it."""
    log = logging.getLogger("windsock.collector")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


def _settings(options: argparse.Namespace) -> Settings:
    settings = load(options.config, Settings)
    if not settings.ledger.exists():
        raise FileNotFoundError(f"no ledger {str(settings.ledger)!r}: has the collector run?")
    return settings


def _open(settings: Settings) -> sqlite3.Connection:
    return open_ledger(settings.ledger)


def _say(lines: Iterable[str]) -> int:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    return 0
