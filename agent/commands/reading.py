"""``windsock-agent read``: what is in a log. It needs neither broker nor database."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from windsock.agent.commands.options import EXIT_FAILED, AddCommand, add_logs, add_positions
from windsock.agent.files import find_logs, reason
from windsock.agent.intake import Handling, Intake, take_in
from windsock.agent.plain_lines import complain, error_line, json_line


def add(add_command: AddCommand) -> None:
    """Declare the command."""
    command = add_command("read", read)
    command.add_argument("--json", action="store_true", help="one JSON object per log")
    command.add_argument(
        "--series", action="store_true", help="with the ten signals and the windows (JSON only)"
    )
    command.add_argument("--parameters", action="store_true", help="with them all (JSON only)")
    add_positions(command)
    add_logs(command)


def read(options: argparse.Namespace) -> int:
    """Print the FlightRecords of logs."""
    failed = 0
    for path, intake in taken_in(options.logs, Handling(options.positions, options.drone)):
        failed += isinstance(intake, str) or intake.record is None
        if isinstance(intake, str):
            say(path, intake, as_json=options.json)
        elif options.json:
            line = json_line(intake, series=options.series, parameters=options.parameters)
            print(line, flush=True)  # noqa: T201 - the command line's own voice
        else:
            _print_record(intake)
    return EXIT_FAILED if failed else 0


def _print_record(intake: Intake) -> None:
    from rich.console import Console  # noqa: PLC0415 - its room is the log's while that is measured

    from windsock.agent.printing import print_record  # noqa: PLC0415 - as rich, which it imports

    print_record(intake, Console())


def taken_in(paths: list[Path], handling: Handling) -> Iterator[tuple[Path, Intake | str]]:
    """Each log that *paths* name, or why it can't be read."""
    for path in find_logs(paths):
        try:
            taken: Intake | str = take_in(path, handling)
        except (OSError, MemoryError) as error:
            taken = reason(error)
        yield path, taken


def say(path: Path, error: str, *, as_json: bool = False) -> None:
    """Why there is no record of *path*."""
    if as_json:
        print(error_line(path, error), flush=True)  # noqa: T201 - the command line's own voice
    else:
        complain(f"windsock-agent: {path}: {error}")
