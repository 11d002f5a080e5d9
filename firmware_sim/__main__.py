"""``windsock-sim``: drones and fleets that are not there, and the demo."""

import argparse
import sys
from pathlib import Path

from windsock.firmware_sim.demo import demo


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand."""
    parser = argparse.ArgumentParser(prog="windsock-sim", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    showing = commands.add_parser("demo", help="the whole line on this machine, within a minute")
    showing.add_argument("--logs", type=Path, help="a flight log, or a folder of them")
    showing.add_argument(
        "--folder", type=Path, default=Path(".demo"), help="everything stays in here (.demo)"
    )
    options = parser.parse_args(arguments)
    return demo(options.folder, options.logs)


if __name__ == "__main__":
    sys.exit(main())
