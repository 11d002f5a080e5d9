"""``windsock-agent``: the command line of the ground station."""

import argparse
import logging
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from rich.console import Console

from windsock.agent.app import CATALOGUE, Service, open_stores
from windsock.agent.catalogue import look_into_catalogue
from windsock.agent.clock import system_clock
from windsock.agent.files import find_logs, reason
from windsock.agent.importer import Importer, with_changes
from windsock.agent.intake import Handling, Intake, take_in
from windsock.agent.printing import (
    complain,
    error_line,
    json_line,
    print_outcomes,
    print_preview,
    print_record,
    progress,
)
from windsock.agent.settings import Serial, Settings
from windsock.agent.spool import Identity
from windsock.agent.version import agent_version
from windsock.config.loader import SettingsError, load
from windsock.config.lock import AlreadyRunningError, only_one

EXIT_FAILED, EXIT_USAGE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; the exit code is 0, 1 for a failure, 2 for bad settings or usage."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except SettingsError as error:
        complain(f"windsock-agent: {error}")
        return EXIT_USAGE
    except (OSError, sqlite3.OperationalError, AlreadyRunningError) as error:
        complain(f"windsock-agent: {error}")
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_FAILED
    return code


def read(options: argparse.Namespace) -> int:
    """Print the FlightRecords of logs."""
    console = Console()
    failed = 0
    for path, intake in _taken_in(options.logs, Handling(options.positions, options.drone)):
        failed += isinstance(intake, str) or intake.record is None
        if isinstance(intake, str):
            _say(path, intake, as_json=options.json)
        elif options.json:
            line = json_line(intake, series=options.series, parameters=options.parameters)
            print(line, flush=True)
        else:
            print_record(intake, console)
    return EXIT_FAILED if failed else 0


def preview(options: argparse.Namespace) -> int:
    """Print what would leave the station."""
    settings = load(options.config, Settings) if options.config else None
    positions = settings.positions if settings else options.positions
    catalogue = look_into_catalogue(settings.state / CATALOGUE) if settings else None
    failed = 0
    for path, intake in _taken_in(options.logs, Handling(positions, options.drone)):
        if isinstance(intake, str):
            _say(path, intake)
            failed += 1
            continue
        leaving = with_changes(intake, catalogue) if catalogue else intake
        print_preview(leaving, time.time_ns() // 1000, Console(), compared=settings is not None)
    return EXIT_FAILED if failed else 0


def import_logs(options: argparse.Namespace) -> int:
    """Queue logs; `run` sends them."""
    settings = _settings(options.config)
    clock = system_clock()
    spool, catalogue = open_stores(settings, Identity(settings.agent, agent_version()), clock)
    importer = Importer(spool, catalogue, clock)
    handling = Handling(settings.positions, options.drone)
    logs = list(find_logs(options.logs))
    outcomes = []
    with progress() as bar:
        for path in bar.track(logs, description="Reading logs"):
            outcomes.append(importer.import_file(path, handling, again=options.again))  # noqa: PERF401
    print_outcomes(outcomes, Console())
    batches, size = spool.depth()
    print(f"{batches} batches ({size:,} bytes) wait for `windsock-agent run`.")
    return 0 if all(o.status in ("queued", "known") for o in outcomes) else EXIT_FAILED


def run(options: argparse.Namespace) -> int:
    """Be the service."""
    settings = _settings(options.config)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    service = Service(
        settings, Identity(settings.agent, agent_version()), system_clock(), once=options.once
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: service.stop.set())
    settings.state.mkdir(parents=True, exist_ok=True)
    with only_one(settings.state / "run.lock", f"agent {settings.agent!r}"):
        service.run()
    return 0


def _taken_in(paths: list[Path], handling: Handling) -> Iterator[tuple[Path, Intake | str]]:
    """Each log that *paths* name, or why it can't be read."""
    for path in find_logs(paths):
        try:
            taken: Intake | str = take_in(path, handling)
        except (OSError, MemoryError) as error:
            taken = reason(error)
        yield path, taken


def _say(path: Path, error: str, *, as_json: bool = False) -> None:
    """Why there is no record of *path*."""
    if as_json:
        print(error_line(path, error), flush=True)
    else:
        complain(f"windsock-agent: {path}: {error}")


def _serial(text: str) -> str:
    try:
        return msgspec.convert(text, Serial)
    except msgspec.ValidationError:
        message = f"{text!r} is no serial: 1 to 96 visible ASCII characters, no space"
        raise argparse.ArgumentTypeError(message) from None


def _settings(path: Path) -> Settings:
    settings = load(path, Settings)
    settings.check(path)
    return settings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="windsock-agent", description=__doc__)
    parser.add_argument("--version", action="version", version=agent_version())
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    reading = _command(commands, "read", read)
    reading.add_argument("--json", action="store_true", help="one JSON object per log")
    reading.add_argument(
        "--series", action="store_true", help="with the ten signals and the windows (JSON only)"
    )
    reading.add_argument("--parameters", action="store_true", help="with them all (JSON only)")

    previewing = _command(commands, "preview", preview)
    previewing.add_argument("-c", "--config", type=Path, help="settings: their `positions` count")
    for command in (reading, previewing):
        command.add_argument(
            "--positions", choices=("coarse", "full", "none"), default="coarse",
            help="how much of the track is kept (default: coarse)",
        )  # fmt: skip

    importing = _command(commands, "import", import_logs)
    importing.add_argument("-c", "--config", type=Path, required=True, help="agent.toml")
    importing.add_argument("--again", action="store_true", help="also logs queued before")
    for command in (reading, previewing, importing):
        command.add_argument("logs", nargs="+", type=Path, metavar="PATH", help="log or folder")
        command.add_argument(
            "--drone", metavar="SERIAL", type=_serial, help="the drone, if the log can't say"
        )

    running = _command(commands, "run", run)
    running.add_argument("-c", "--config", type=Path, required=True, help="agent.toml")
    running.add_argument(
        "--once", action="store_true", help="end when all there is has been stored"
    )
    return parser


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
