"""``windsock-collector``: the command line of the server."""

import argparse
import json
import logging
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from windsock.collector.answers import command as answering
from windsock.collector.answers.answer import AnswerError
from windsock.collector.app import Service
from windsock.collector.calls import command as calling
from windsock.collector.calls.tasks import TaskError
from windsock.collector.cases.events import NoSuchCaseError, case_events
from windsock.collector.cases.rows import case_rows
from windsock.collector.clock import NowUs, running_from, system_now_us
from windsock.collector.delivery import command as delivery
from windsock.collector.explain import command as explaining
from windsock.collector.fleet.software_rows import software_rows, version_rows
from windsock.collector.fleet.states import drone_states
from windsock.collector.forget import command as forgetting
from windsock.collector.influx.client import StoreDown
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.install import command as installing
from windsock.collector.ledger import LedgerError, open_ledger
from windsock.collector.notify.outbox import troubles
from windsock.collector.notify.wording import load_wording
from windsock.collector.outside import command as importing
from windsock.collector.receive.batch_file import read_batches
from windsock.collector.receive.ingest import Ingest
from windsock.collector.replay import command as replaying
from windsock.collector.roster.enrolment import apply_roster
from windsock.collector.roster.file import load_roster
from windsock.collector.settings import Settings
from windsock.collector.show.case_events import events_table
from windsock.collector.show.csv_lines import csv_lines
from windsock.collector.show.software_tables import software_table, versions_table
from windsock.collector.show.tables import cases_table, fleet_table, json_lines
from windsock.collector.show.verdict_lines import LineError, judged
from windsock.collector.show.verdict_table import verdict_table
from windsock.collector.web.secret import open_links
from windsock.config.loader import SettingsError, load
from windsock.config.lock import AlreadyRunningError, only_one
from windsock.config.reader import open_stdout, reader_left
from windsock.protocol.errors import WireError

EXIT_FAILED, EXIT_USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; the exit code is 0, 1 for a failure, 2 for bad settings or usage."""
    open_stdout()
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except SettingsError as error:
        return _complain(error, EXIT_USAGE)
    except (
        OSError, LedgerError, LineError, sqlite3.OperationalError, AlreadyRunningError,
        WireError, TaskError, StoreDown, AnswerError, NoSuchCaseError,
    ) as error:  # fmt: skip
        return EXIT_FAILED if reader_left(error) else _complain(error, EXIT_FAILED)
    except KeyboardInterrupt:
        return EXIT_FAILED
    return code


def run(options: argparse.Namespace) -> int:
    """Be the service."""
    settings = load(options.config, Settings)
    settings.check(options.config)
    load_wording(settings.notify.templates)  # a word that can't be filled in is found now
    open_links(settings.web)  # as is a secret that can be guessed
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    service = Service(settings, options.now)
    for number in (signal.SIGTERM, signal.SIGINT):
        # not in this thread: it may be within `stop.wait`, and would wait for itself
        signal.signal(number, lambda *_: threading.Thread(target=service.stop.set).start())
    lock = settings.ledger.with_name(settings.ledger.name + ".lock")
    with only_one(lock, "the collector of this ledger"):
        (service.once if options.once else service.run)()
    return 0


def take(options: argparse.Namespace) -> int:
    """Store the batches of a file, as `windsock-sim fleet` writes it, in the ledger alone."""
    settings = load(options.config, Settings)
    settings.check(options.config)
    if settings.influx:
        raise SettingsError(f"{options.config}: influx: a file of batches fills no InfluxDB")
    lock = settings.ledger.with_name(settings.ledger.name + ".lock")
    with only_one(lock, "the collector of this ledger"):
        ledger = open_ledger(settings.ledger)
        if settings.roster:
            apply_roster(ledger, load_roster(settings.roster))
        ingest = Ingest(ledger, Telemetry(ledger, None))
        for at_us, arrived in read_batches(options.file):
            ingest.take(arrived, at_us)
        ledger.close()
    return 0


def judge(options: argparse.Namespace) -> int:
    """Judge the output of `windsock-agent read --json`."""
    if options.file == "-":
        return _print_verdicts(judged(sys.stdin.buffer), as_json=options.json)
    with Path(options.file).open("rb") as lines:
        return _print_verdicts(judged(lines), as_json=options.json)


def fleet(options: argparse.Namespace) -> int:
    """Show every drone: whose it is, when it flew, what state it is in."""
    settings, ledger = _ledger(options)
    states = drone_states(ledger, options.now(), settings)
    return _print(json_lines(states) if options.json else fleet_table(states, _width()))


def firmware(options: argparse.Namespace) -> int:
    """Show how safely each software version flies, and which drones run old software."""
    settings, ledger = _ledger(options)
    now_us = options.now()
    versions = version_rows(ledger, now_us, simulated=settings.judge.simulated)
    drones = software_rows(ledger, now_us, settings)
    if options.json:
        return _print(json_lines([*versions, *drones]))
    _print(versions_table(versions, _width()))
    return _print(software_table(drones, _width()))


def cases(options: argparse.Namespace) -> int:
    """Show the cases: what, whose, how sure, since when."""
    _, ledger = _ledger(options)
    if options.history is not None:
        life = case_events(ledger, options.history)
        return _print(json_lines(life) if options.json else events_table(life, _width()))
    rows = case_rows(ledger, options.now(), closed=options.closed)
    if options.csv:
        return _print(csv_lines(rows))
    if options.json:
        return _print(json_lines(rows))
    return _print(cases_table(rows, _width(), troubles(ledger)))


def tasks(options: argparse.Namespace) -> int:
    """Show periodic calls and health checks, or mark them as done."""
    _, ledger = _ledger(options)
    rows = calling.tasks(options, ledger, options.now())
    return _print(json_lines(rows) if options.json else calling.tasks_table(rows, _width()))


def answer(options: argparse.Namespace) -> int:
    """Answer a case: done, snooze, pause, sold, in repair, false alarm, confirmed ..."""
    _, ledger = _ledger(options)
    return _print(iter([answering.answer(options, ledger, options.now()).what]))


def replay(options: argparse.Namespace) -> int:
    """Judge history again with other rules, on a copy: nothing is sent or changed."""
    settings = _settings(options)
    outcome = replaying.replay(options, settings)
    if options.json:
        return _print(json_lines(outcome.cases))
    for table in replaying.tables(outcome, _width()):
        _print(table)
    return 0


def forget(options: argparse.Namespace) -> int:
    """Erase what is known of a drone or a customer, for good."""
    return forgetting.forget(options, _settings(options))


def _print_verdicts(verdicts: Iterator[dict[str, Any]], *, as_json: bool) -> int:
    return _print(map(json.dumps, verdicts) if as_json else verdict_table(verdicts, _width()))


def _print(what: Iterator[str] | Table) -> int:
    if isinstance(what, Table):
        Console().print(what)
    else:
        for line in what:
            print(line, flush=True)
    return 0


def _width() -> int:
    return Console().width


def _ledger(options: argparse.Namespace) -> tuple[Settings, sqlite3.Connection]:
    settings = _settings(options)
    return settings, open_ledger(settings.ledger)


def _settings(options: argparse.Namespace) -> Settings:
    """Of a collector that has run."""
    settings = load(options.config, Settings)
    if not settings.ledger.exists():
        raise FileNotFoundError(f"no ledger {str(settings.ledger)!r}: has the collector run?")
    return settings


def _complain(error: Exception, code: int) -> int:
    print(f"windsock-collector: {error}", file=sys.stderr)
    return code


def _moment(text: str) -> NowUs:
    return running_from(datetime.fromisoformat(text))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="windsock-collector",
        description="The server: stores what stations send, judges it and tells people.",
    )
    parser.add_argument("--version", action="version", version=version("windsock"))
    parser.add_argument(
        "--now", type=_moment, default=system_now_us, metavar="UTC",
        help="set the clock, for tests, replays and the demo; it goes on from there",
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    running = _command(commands, "run", run)
    running.add_argument(
        "--once", action="store_true", help="judge, write and send what is due, and end"
    )
    taking = _command(commands, "take", take)
    taking.add_argument("file", type=Path, help="batches.msgpack")
    facts = _command(commands, "import", importing.import_facts)
    importing.add_arguments(facts)
    judging = _command(commands, "judge", judge)
    judging.add_argument("file", nargs="?", default="-", help="JSON lines, default standard input")
    explaining.add_arguments(_command(commands, "explain", explaining.explain))
    showing = tuple(
        _command(commands, function.__name__, function) for function in (fleet, firmware, cases)
    )
    erasing = _command(commands, "forget", forget)
    forgetting.add_arguments(erasing)
    showing[-1].add_argument("--csv", action="store_true", help="for a spreadsheet")
    showing[-1].add_argument("--closed", action="store_true", help="resolved cases, too")
    showing[-1].add_argument("--history", type=int, metavar="CASE", help="every step of one case")
    replying = _command(commands, "answer", answer)
    answering.add_arguments(replying)
    due = _command(commands, "tasks", tasks)
    calling.add_arguments(due)
    again = _command(commands, "replay", replay)
    replaying.add_arguments(again)
    for command in (judging, again, due, *showing):
        command.add_argument("--json", action="store_true", help="one JSON object per line")
    for command in (running, taking, facts, again, due, erasing, replying, *showing):
        command.add_argument("-c", "--config", type=Path, required=True, help="collector.toml")
    _add_operating(commands)
    return parser


def _add_operating(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What whoever runs the server needs, beside `run`."""
    installing.add_init_arguments(_command(commands, "init", installing.init))
    installing.add_agent_arguments(_command(commands, "add-agent", installing.add_agent))
    influx = _command(commands, "init-influx", installing.run_init_influx)
    influx.add_argument("--shorten", action="store_true", help="though it deletes older rows")
    missing = _command(commands, "gaps", delivery.gaps)
    unread = _command(commands, "quarantine", delivery.quarantine)
    delivery.add_quarantine_arguments(unread)
    copying = [_command(commands, f.__name__, f) for f in (delivery.backup, delivery.restore)]
    for command in copying:
        delivery.add_file_argument(command)
    for command in (missing, unread):
        command.add_argument("--json", action="store_true", help="one JSON object per line")
    for command in (influx, missing, unread, *copying):
        command.add_argument("-c", "--config", type=Path, required=True, help="collector.toml")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    function: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
    command.set_defaults(run=function)
    return command


if __name__ == "__main__":
    sys.exit(main())
