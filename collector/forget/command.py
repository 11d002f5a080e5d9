"""``windsock-collector forget DRONE|CUSTOMER``: shows what would go, asks, and lets it go."""

import argparse
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from windsock.collector.forget.erase import erase_rows
from windsock.collector.forget.mentions import Names
from windsock.collector.forget.returning import comes_back
from windsock.collector.forget.scope import Scope, UnknownSubjectError, scope_of
from windsock.collector.forget.sweep import sweep
from windsock.collector.forget.telemetry import spans_of
from windsock.collector.influx.client import Refused, TelemetryStore, open_store
from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.settings import Settings
from windsock.collector.show.layout import text
from windsock.config.lock import only_one

_STAYS: Final = (
    "Mails, chat messages, tasks and lines of the notices file that went out stay where they are,"
    " as does what stations hold. A log that is imported again is new."
)


class Forgotten(NamedTuple):
    """What went of the ledger: rows deleted, and rows that only lost a mention."""

    deleted: Counter[str]
    changed: Counter[str]


class _Kept(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Nobody said yes."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``forget`` takes."""
    parser.add_argument(
        "name", metavar="DRONE|CUSTOMER",
        help="a serial number, a customer's name, or the uid of an autopilot that nobody claimed",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help="do not ask")


def forget(options: argparse.Namespace, settings: Settings) -> int:
    """Erase what is known of a drone or a customer, for good. Raises StoreDown."""
    lock = settings.ledger.with_name(settings.ledger.name + ".lock")
    with only_one(lock, "the collector of this ledger, stop it first:"):
        ledger = open_ledger(settings.ledger)
        try:
            scope = scope_of(ledger, options.name)
            ask = None if options.yes else _asked
            return _forget(ledger, scope, settings, ask)
        except UnknownSubjectError as error:
            sys.stderr.write(f"windsock-collector: {error}\n")
            return 1
        finally:
            ledger.close()


def _forget(
    ledger: sqlite3.Connection, scope: Scope, settings: Settings, ask: Callable[[], bool] | None
) -> int:
    store = open_store(settings.influx) if settings.influx else None
    ledger.execute("PRAGMA secure_delete = ON")
    try:
        with transaction(ledger):
            Console().print(_table(scope, erase(ledger, scope)))
            _be_sure(ask)
            notes = list(_erase_telemetry(store, scope))
    except _Kept:
        sys.stdout.write("Nothing was erased.\n")
        return 1
    scrub(ledger)
    for note in [*notes, *comes_back(settings, Names(scope.names)), _STAYS]:
        sys.stdout.write(f"{note}\n")
    return 0


def erase(ledger: sqlite3.Connection, scope: Scope) -> Forgotten:
    """Everything of *scope* out of the ledger, in the caller's transaction."""
    deleted = erase_rows(ledger, scope)
    return Forgotten(deleted, sweep(ledger, Names(scope.names)))


def scrub(ledger: sqlite3.Connection) -> None:
    """Leave no deleted row behind in the files: neither in free pages nor in the journal."""
    ledger.execute("VACUUM")
    ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _erase_telemetry(store: TelemetryStore | None, scope: Scope) -> Iterator[str]:
    """InfluxDB first: while it is down the ledger still knows what has to go."""
    if store is None:
        return
    refused = set()
    for span in spans_of(scope):
        try:
            store.erase([span])
        except Refused as error:
            refused.add(str(error))
    yield from (f"InfluxDB keeps its rows: {reason}" for reason in sorted(refused))
    if not refused:
        yield "InfluxDB: rows erased."


def _be_sure(ask: Callable[[], bool] | None) -> None:
    """Raises _Kept, which takes back what was erased."""
    if ask and not ask():
        raise _Kept


def _asked() -> bool:
    try:
        return input("Erase this for good? Type yes: ").strip().lower() == "yes"
    except EOFError:
        return False


def _table(scope: Scope, gone: Forgotten) -> Table:
    table = Table(title=text(f"{scope.what}: what goes"), title_justify="left")
    table.add_column("table")
    table.add_column("rows deleted", justify="right")
    table.add_column("mentions taken out", justify="right")
    for name in sorted(gone.deleted | gone.changed):
        table.add_row(name, *(f"{one[name]:,}" if one[name] else "" for one in gone))
    return table
