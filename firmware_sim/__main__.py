"""``windsock-sim``: drones and fleets that are not there, and the demo."""

import argparse
import sys
from importlib.metadata import version

from windsock.firmware_sim.business import command as business
from windsock.firmware_sim.demo import command as playing
from windsock.firmware_sim.drone import command
from windsock.firmware_sim.fleet import command as years


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand."""
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
    options = parser.parse_args(arguments)
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
