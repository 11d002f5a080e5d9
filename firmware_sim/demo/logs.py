"""The flight logs of the demo: our own, flown an hour ago, or those that somebody brings."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from windsock.firmware_sim.demo.cast import CRASHED, PLUGGED, crash_log, normal_log
from windsock.firmware_sim.demo.processes import run


class Found(NamedTuple):
    """One log that goes into a watched folder, and whose it is."""

    path: Path
    serial: str
    uid: str
    starts_us: list[int]


def write_own(folder: Path, now_us: int) -> list[Found]:
    """Write the card with the crash, and the cards of the drones that are plugged in."""
    path = folder / "card" / "00000042.BIN"
    path.parent.mkdir()
    path.write_bytes(crash_log(now_us))
    for drone in PLUGGED:
        card = card_of(folder, drone.serial)
        card.mkdir(parents=True)
        (card / drone.log_name).write_bytes(normal_log(drone, now_us))
    return [Found(path, CRASHED, f"as:{CRASHED}", [])]


def card_of(folder: Path, serial: str) -> Path:
    """Where a plugged in drone has its logs."""
    return folder / "drones" / serial


def find(folder: Path, logs: Path, console: Console) -> list[Found]:
    """The drones in *logs*, a file or a folder, and when they flew, as the agent reads it."""
    with console.status("Reading logs"):
        read = run(folder, ["windsock.agent", "read", "--json", str(logs)], check=False)
    lines = [json.loads(line) for line in read.stdout.splitlines()]
    for line in lines:
        if "error" in line:
            console.print(f"[yellow]{line['log']}: {line['error']}[/]", highlight=False)
    return list(_whose([line for line in lines if "error" not in line]))


def _whose(lines: Sequence[dict[str, Any]]) -> Iterator[Found]:
    """Logs of one autopilot are one drone's; those that don't name theirs are a drone's each."""
    by_uid: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        serial, uid = f"DEMO-{number:03}", line["drone_uid"]
        if uid.startswith("unidentified:"):
            uid = f"as:{serial}"
        starts = [flight["start"].get("us") for flight in line["flights"]]
        known = [start for start in starts if start is not None]
        yield Found(Path(line["log"]), by_uid.setdefault(uid, serial), uid, known)
