"""``windsock-agent import`` and ``preview``: logs into the queue, and what that would be."""

import argparse
import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from windsock.agent.catalogue import look_into_catalogue
from windsock.agent.catalogue_file import CATALOGUE
from windsock.agent.clock import system_clock
from windsock.agent.commands.options import (
    EXIT_FAILED,
    AddCommand,
    add_config,
    add_logs,
    add_positions,
    settings_of,
)
from windsock.agent.commands.reading import say, taken_in
from windsock.agent.files import find_logs
from windsock.agent.importer import Importer, with_changes
from windsock.agent.intake import Handling
from windsock.agent.printing import print_outcomes, print_preview
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity
from windsock.agent.stores import stores_for_command
from windsock.agent.version import agent_version
from windsock.config.loader import load


def add(add_command: AddCommand) -> None:
    """Declare the commands."""
    previewing = add_command("preview", preview)
    previewing.add_argument("-c", "--config", type=Path, help="settings: their `positions` count")
    add_positions(previewing)
    add_logs(previewing)
    importing = add_command("import", import_logs)
    add_config(importing)
    importing.add_argument("--again", action="store_true", help="also logs queued before")
    add_logs(importing)


def preview(options: argparse.Namespace) -> int:
    """Print what would leave the station."""
    settings = load(options.config, Settings) if options.config else None
    positions = settings.positions if settings else options.positions
    catalogue = look_into_catalogue(settings.state / CATALOGUE) if settings else None
    failed = 0
    for path, intake in taken_in(options.logs, Handling(positions, options.drone)):
        if isinstance(intake, str):
            say(path, intake)
            failed += 1
            continue
        leaving = with_changes(intake, catalogue) if catalogue else intake
        print_preview(leaving, time.time_ns() // 1000, Console(), compared=settings is not None)
    return EXIT_FAILED if failed else 0


def import_logs(options: argparse.Namespace) -> int:
    """Queue logs; `run` sends them."""
    settings = settings_of(options)
    clock = system_clock()
    identity = Identity(settings.agent, agent_version())
    spool, catalogue = stores_for_command(settings, identity, clock)
    importer = Importer(spool, catalogue, clock)
    handling = Handling(settings.positions, options.drone)
    logs = list(find_logs(options.logs))
    with _progress() as bar:
        outcomes = [
            importer.import_file(path, handling, again=options.again)
            for path in bar.track(logs, description="Reading logs")
        ]
    print_outcomes(outcomes, Console())
    batches, size = spool.depth()
    words = "1 batch" if batches == 1 else f"{batches} batches"
    waiting = f"{words} ({size:,} bytes) to send: `windsock-agent run -c {options.config}`."
    print(waiting)  # noqa: T201 - the command line's own voice
    return 0 if all(o.status in ("queued", "known") for o in outcomes) else EXIT_FAILED


def _progress() -> Progress:
    """A bar for work on many files; silent where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    return Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
