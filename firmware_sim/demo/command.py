"""The command line of `windsock-sim demo`."""

import argparse
import os
from pathlib import Path
from typing import Final

from windsock.firmware_sim.demo.settings import InfluxDB
from windsock.firmware_sim.demo.stage import Wish, demo

_BUCKET: Final = "windsock_demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--logs", type=Path, help="a flight log, or a folder of them, of yours")
    parser.add_argument(
        "--folder", type=Path, default=Path(".demo"), help="everything stays in here (.demo)"
    )
    parser.add_argument("--keep", action="store_true", help="go on until Ctrl-C")
    parser.epilog = (
        "With INFLUX_URL in the environment it fills that InfluxDB, too: INFLUX_TOKEN (1.x:"
        f" user:password), INFLUX_ORG (2.x), INFLUX_BUCKET (or database; {_BUCKET})."
    )


def play(options: argparse.Namespace) -> int:
    """Run it."""
    url, given = os.environ.get("INFLUX_URL"), os.environ.get
    bucket = given("INFLUX_BUCKET") or _BUCKET
    influx = (
        InfluxDB(url, bucket, given("INFLUX_TOKEN", ""), given("INFLUX_ORG", "")) if url else None
    )
    return demo(Wish(options.folder, options.logs, options.keep, influx))
