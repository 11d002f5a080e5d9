"""``windsock-sim``: drones and fleets that are not there, and the demo."""

import argparse
import os
import sys
from importlib.metadata import version

from windsock.firmware_sim.business import command as business
from windsock.firmware_sim.demo import command as playing
from windsock.firmware_sim.drone import command
from windsock.firmware_sim.fleet import command as years


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; the exit code is 0, 1 for a failure, 2 for bad usage."""
    options = _parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads what is printed has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"windsock-sim: {where}{error.strerror or error}", file=sys.stderr)
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="windsock-sim",
        description="Drones and fleets that are not there, and the demo.",
    )
    parser.add_argument("--version", action="version", version=version("windsock"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    showing = commands.add_parser("demo", help="the whole product here, in about a minute")
    playing.add_arguments(showing)
    showing.set_defaults(run=playing.play)
    flying = commands.add_parser("drone", help="an autopilot on a pty, a TCP port or UDP")
    command.add_arguments(flying)
    flying.set_defaults(run=command.drone)
    living = commands.add_parser("fleet", help="years of a fleet's life, with the truth beside it")
    years.add_arguments(living)
    living.set_defaults(run=years.fleet)
    working = commands.add_parser(
        "world", help="months of a maker's customers, tickets and CSMs, with the truth beside them"
    )
    business.add_arguments(working)
    working.set_defaults(run=business.world)
    return parser


if __name__ == "__main__":
    sys.exit(main())
