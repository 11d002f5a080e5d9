"""``windsock-agent``: the command line of the ground station."""

import argparse
import importlib
import sys
from collections.abc import Callable
from typing import Final

from windsock.config.loader import SettingsError
from windsock.config.lock import AlreadyRunningError
from windsock.config.reader import open_stdout, reader_left

EXIT_FAILED, EXIT_USAGE = 1, 2
_COMMANDS: Final = {
    "read": "reading",
    "preview": "queueing",
    "import": "queueing",
    "run": "service",
    "export": "carrying",
    "acknowledge": "carrying",
    "check": "station",
    "claim": "station",
    "release": "station",
    "setup": "station",
}
"""Where each command lives. Only the asked one is loaded: `read` needs no broker's library."""


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; the exit code is 0, 1 for a failure, 2 for bad settings or usage."""
    open_stdout()
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given[0] if given else "").parse_args(given)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except SettingsError as error:
        _complain(error)
        return EXIT_USAGE
    except _refusals() as error:
        if not reader_left(error):
            _complain(error)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_FAILED
    return code


def _refusals() -> tuple[type[Exception], ...]:
    """What ends a command with a line; of a database only where one was opened."""
    sqlite3 = sys.modules.get("sqlite3")
    return (OSError, AlreadyRunningError, *([sqlite3.DatabaseError] if sqlite3 else []))


class _Version(argparse.Action):
    """Prints the version, which takes megabytes to look up: only if it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        module = importlib.import_module("windsock.agent.version")
        print(module.agent_version())
        parser.exit()


def _complain(error: Exception) -> None:
    print(f"windsock-agent: {error}", file=sys.stderr)


def _parser(asked: str) -> argparse.ArgumentParser:
    """Of the command that was asked for, or of all where it is none of them."""
    parser = argparse.ArgumentParser(
        prog="windsock-agent",
        description="The ground station: reads flight logs and sends what it measured.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print it and end")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, function: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        command.set_defaults(run=function)
        return command

    files = [_COMMANDS[asked]] if asked in _COMMANDS else dict.fromkeys(_COMMANDS.values())
    for file in files:
        importlib.import_module(f"windsock.agent.commands.{file}").add(add)
    return parser


if __name__ == "__main__":
    sys.exit(main())
