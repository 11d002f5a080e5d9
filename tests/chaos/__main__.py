"""`make chaos`: kills, outages, poison on real servers; what was promised and what was seen."""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.chaos import broker_faults, clones, flood, kills, links, outages, poison, proofs
from tests.chaos.load import Load
from tests.chaos.rig import STATIONS, Rig
from tests.chaos.scorecard import Scorecard
from tests.power_cuts.__main__ import PROMISES, scores
from tests.power_cuts.shim import compiled
from windsock.config.killpoint import Point

FLOOD = 300
Part = Callable[["Run"], None]


class Run:
    """What the parts share. Its progress is a line with a bar."""

    def __init__(self, options: argparse.Namespace, folder: Path, card: Scorecard) -> None:
        self.options, self.folder, self.card = options, folder, card
        self.chance = random.Random(options.seed)  # noqa: S311 - to be repeated

    def __enter__(self) -> "Run":
        columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
        self._bar = Progress(*columns, transient=True)
        self._task = self._bar.add_task("starting", total=None)
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def progress(self, words: str, done: int | None = None, total: int | None = None) -> None:
        self._bar.update(self._task, description=f"{words:<60}", completed=done, total=total)

    def rig(self, name: str, **how: bool) -> Rig:
        return Rig(self.folder / name, Load(self.options.seed), **how)


def kill(run: Run) -> None:
    with run.rig("kills") as rig:
        rig.start()
        chaos = kills.Chaos(rig, run.chance, run.progress)
        for point in get_args(Point):
            chaos.at_point(point, run.options.points)
        chaos.at_random(run.options.kills)
        kills.report(chaos, run.card, run.options.points)


def influxdb(run: Run) -> None:
    with run.rig("outages", faulty_influx=True) as rig:
        rig.start()
        outages.outages(rig, run.card, run.options.share, run.progress)


def flooded(run: Run) -> None:
    with run.rig("flood", faulty_influx=True) as rig:
        rig.start()
        flood.flood(rig, run.card, FLOOD, run.progress)


def poisoned(run: Run) -> None:
    with run.rig("poison") as rig:
        rig.start()
        rig.live(2)
        rig.drain(60)
        poison.poison(rig, run.card, run.chance, run.progress)


def cloned(run: Run) -> None:
    with run.rig("clones") as rig:
        rig.start()
        clones.clones(rig, run.card, run.progress)


def linked(run: Run) -> None:
    with run.rig("links", proxied=True) as rig:
        rig.start()
        links.links(rig, run.card, run.progress)


def broker(run: Run) -> None:
    broker_faults.broker_faults(run.folder / "broker", run.options.seed, run.card, run.progress)


def cut(run: Run) -> None:
    """Power cuts, cut files and changed bytes, as `python -m tests.power_cuts` has them."""
    library = compiled(run.folder)
    run.progress("power cuts")
    try:
        for what, count in scores(run.options.seed, library):
            seen = f"{count:,} opened without help"
            run.card.add("power cuts", f"{what}: {PROMISES[what]}", seen, kept=True)
            run.progress("power cuts")
    except AssertionError as broken:
        run.card.add("power cuts", "all that was promised", str(broken)[:200], kept=False)


def proven(run: Run) -> None:
    proofs.proofs(run.card, run.progress)


PARTS: dict[str, Part] = {
    "kills": kill, "influxdb": influxdb, "flood": flooded, "poison": poisoned,
    "clones": cloned, "links": linked, "broker": broker, "power-cuts": cut, "proofs": proven,
}  # fmt: skip


def main() -> int:
    options = _parser().parse_args()
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    card = Scorecard({"seed": options.seed, "cores": os.cpu_count()})
    console.print(
        f"seed {options.seed}; {len(STATIONS)} stations, {kills.LOGS_A_S:g} logs a second while"
        f" {options.kills} processes are killed; files in {folder}"
    )
    began_s = time.monotonic()
    with Run(options, folder, card) as run:
        for name in options.only or PARTS:
            _part(run, name)
            card.write()  # whoever stops it has what was seen so far
    card.run["minutes"] = round((time.monotonic() - began_s) / 60, 1)
    console.print(card.table())
    card.write()
    if card.kept:
        shutil.rmtree(folder)
    return 0 if card.kept else 1


def _part(run: Run, name: str) -> None:
    """A part that comes to no end is a promise broken; the others are kept or not all the same."""
    try:
        PARTS[name](run)
    except (TimeoutError, RuntimeError, OSError) as error:
        run.card.add(name, "comes to its end", f"{type(error).__name__}: {error}", kept=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="at random, default 1000")
    parser.add_argument("--points", type=int, default=20, help="kills at each named point")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=1.0, help="of the time outages last")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part, and that")
    return parser


if __name__ == "__main__":
    sys.exit(main())
