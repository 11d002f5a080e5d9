"""`make chaos`: kills, outages, poison on real servers; what was promised and what was seen."""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import get_args

from rich.console import Console

from tests.chaos import kills
from tests.chaos.load import Load
from tests.chaos.rig import Rig
from tests.chaos.scorecard import Scorecard
from windsock.config.killpoint import Point


def main() -> int:
    options = _parser().parse_args()
    console = Console()
    card = Scorecard({"seed": options.seed})
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    with console.status("starting") as status, Rig(folder / "kills", Load(options.seed)) as rig:
        rig.start()
        chaos = kills.Chaos(rig, random.Random(options.seed), status.update)  # noqa: S311 - to be repeated
        for point in get_args(Point):
            chaos.at_point(point, options.points)
        chaos.at_random(options.kills)
        kills.report(chaos, card)
    console.print(card.table())
    card.write()
    if card.kept:
        shutil.rmtree(folder)
    return 0 if card.kept else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--points", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    sys.exit(main())
