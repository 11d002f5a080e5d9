"""A cloned SD card: two hosts with one agent id, and one spool in two copies."""

import shutil
import time
from collections.abc import Callable

from tests.chaos.processes import Mortal
from tests.chaos.rig import STATIONS, Rig
from tests.chaos.scorecard import Scorecard

PART = "clones"
PATIENCE_S = 240.0
_REPORTED = "SELECT count(*) FROM damage WHERE what = 'shared agent id'"


def clones(rig: Rig, card: Scorecard, progress: Callable[[str], None]) -> None:
    """A station's state is copied with batches waiting; both go on, each with logs of its own."""
    progress("clones: filling a spool that will be copied")
    rig.broker.kill()
    for _ in STATIONS:
        rig.drop()
    _until(lambda: rig.waiting() > 2 * len(STATIONS))
    first = rig.agents[0]
    first.kill()
    twin = _twin(rig, first)
    first.boot, twin.boot = "b0071111", "b0072222"
    rig.broker.start()
    first.start()
    twin.start()
    progress("clones: two hosts on one agent id")
    try:
        _until(lambda: _go_on(rig) and bool(rig.count(_REPORTED)))
        reported = rig.count(_REPORTED)
        twin_folder = rig.folder / "twin"
        rig.drain(PATIENCE_S)
        _until(lambda: rig.waits(twin_folder / "spool.sqlite") == 0)
    finally:
        twin.kill()
    differences = rig.load.truth.differences(rig.ledger, rig.influx)
    wrong = sum(one.missing + one.surplus for one in differences)
    rows = sum(one.expected for one in differences)
    card.add(PART, "a cloned spool, two hosts on one agent id: reported, nothing dropped",
             f"{reported} reported; {rows:,} rows, {wrong} missing or too many",
             kept=reported > 0 and wrong == 0)  # fmt: skip


def _twin(rig: Rig, first: Mortal) -> Mortal:
    name = STATIONS[0]
    shutil.copytree(rig.folder / name, rig.folder / "twin")
    settings = (rig.folder / f"{name}.toml").read_text()
    (rig.folder / "twin-logs").mkdir()
    settings = settings.replace(f'"{rig.folder}/{name}"', f'"{rig.folder}/twin"')
    settings = settings.replace(f"{name}-logs", "twin-logs")
    (rig.folder / "twin.toml").write_text(settings)
    args = ["run", "-c", str(rig.folder / "twin.toml")]
    return Mortal(first.zygote, first.program, args, rig.folder / "twin.log")


def _go_on(rig: Rig) -> bool:
    """Logs come at both hosts."""
    rig.live(1)
    rig.load.drop(0, rig.folder / "twin-logs")
    return True


def _until(true: Callable[[], bool]) -> None:
    limit_s = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > limit_s:
            raise TimeoutError("the clones did not get there")
        time.sleep(0.1)
