"""The command line of `windsock-sim fleet`: a world, as files that a collector takes in."""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgpack
import numpy as np

from windsock.firmware_sim.fleet.lives import NEVER, Index, Lives, live
from windsock.firmware_sim.fleet.telling import STATION_DRONES, WEAR, Story, serial, tell, uid
from windsock.firmware_sim.fleet.wear import NOTHING, SIGNS
from windsock.firmware_sim.fleet.world import WORLDS
from windsock.firmware_sim.numbers import at_least
from windsock.protocol import topics
from windsock.protocol.envelope import FLIGHTS, Header, encode

_ROSTER: Final = (
    "serial", "uid", "product", "delivered", "customer", "customer_email", "stage", "region",
    "csm", "csm_email", "service_state", "valid_from", "valid_until",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--world", choices=sorted(WORLDS), default="mixed")
    parser.add_argument("--drones", type=at_least(1), default=1000)
    parser.add_argument("--months", type=at_least(1), default=24)
    parser.add_argument("--seed", type=at_least(0), default=1)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2024, 1, 1),
                        help="the first day (2024-01-01)")  # fmt: skip
    parser.add_argument("folder", type=Path, help="for batches.msgpack, roster.csv, truth.*")


def fleet(options: argparse.Namespace) -> int:
    """Write what the stations tell, who is who, and the truth."""
    world = WORLDS[options.world]._replace(drones=options.drones, days=options.months * 365 // 12)
    lives = live(world, options.seed)
    first_us = int(datetime.combine(options.first, datetime.min.time(), UTC).timestamp()) * 10**6
    story = Story.of(lives, first_us, options.seed)
    options.folder.mkdir(parents=True, exist_ok=True)
    _write_batches(options.folder / "batches.msgpack", story)
    _write_rows(options.folder / "roster.csv", _ROSTER, _roster(lives, options.first))
    truth = list(_truth(story, options.first))
    _write_rows(options.folder / "truth.csv", tuple(truth[0]), (row.values() for row in truth))
    head = {"world": options.world, "seed": options.seed, "first": str(options.first),
            "parameters": world._asdict(), "troubles": story.rates._asdict(),
            "wear": WEAR._asdict()}  # fmt: skip
    (options.folder / "truth.json").write_text(json.dumps(head | {"drones": truth}, indent=1))
    return 0


def _write_batches(path: Path, story: Story) -> None:
    """One msgpack array a batch: topic, bytes as on the wire, moment of arrival."""
    seq: Counter[str] = Counter()
    ours = version("windsock")
    with path.open("wb") as file:
        for told in tell(story):
            seq[told.station] += 1
            number = seq[told.station]
            header = Header(
                told.station, story.first_us, FLIGHTS, number, told.at_us, 0, "sim", ours
            )
            row = topics.up(told.station), encode(header, told.message), told.at_us
            file.write(msgpack.packb(row))


def _roster(lives: Lives, first: date) -> Iterator[tuple[object, ...]]:
    for drone in range(len(lives.stops)):
        account = f"Account {lives.account[drone]:05}"
        region = f"Region {lives.region[drone]:02}"
        delivered = _day(first, lives.delivered[drone])
        yield (serial(drone), uid(drone), "Kite 4", delivered, account, "", "customer", region,
               "Mara Lind", "mara@example.com", "in_service", delivered, "")  # fmt: skip
        if lives.paused_from[drone] < len(lives.flew):
            begin, end = (_day(first, day[drone])
                          for day in (lives.paused_from, lives.paused_until))  # fmt: skip
            yield (serial(drone), *[""] * 9, "paused", begin, end)
        if lives.handed[drone] < len(lives.flew):
            owner = f"Account {len(lives.stops) + drone:05}"
            handed = _day(first, lives.handed[drone])
            yield (serial(drone), "", "", "", owner, "", "customer", region,
                   "Mara Lind", "mara@example.com", "", handed, "")  # fmt: skip


def _truth(story: Story, first: date) -> Iterator[dict[str, object]]:
    lives, troubles = story.lives, story.troubles
    for drone in range(len(lives.stops)):
        station = drone // STATION_DRONES
        dated = {
            "delivered": lives.delivered[drone], "handed": lives.handed[drone],
            "stops": lives.stops[drone], "drops": lives.drops[drone],
            "paused_from": lives.paused_from[drone], "paused_until": lives.paused_until[drone],
            "counter_reset": troubles.reset[drone],
            "wears_from": _flown(story, drone, story.wears.begins),
            "repaired": _flown(story, drone, story.wears.repaired),
            "outage_from": troubles.outage_from[station],
            "outage_until": troubles.outage_until[station],
        }  # fmt: skip
        yield {
            "serial": serial(drone),
            "rate_a_year": round(float(lives.rate_a_year[drone]), 2),
            "in_projects": bool(lives.in_projects[drone]),
            "flight_days": int(lives.flew[:, drone].sum()),
            "never_connected": bool(troubles.never_connected[drone]),
            "wears": "" if story.wears.sign[drone] == NOTHING else SIGNS[story.wears.sign[drone]],
            **{name: _day(first, day, len(lives.flew)) for name, day in dated.items()},
        }


def _flown(story: Story, drone: int, nth: Index) -> np.int32:
    """The day of that flight of what wears; `NEVER` where nothing does, or it flies less."""
    days = np.flatnonzero(story.lives.flew[:, drone])
    wears = story.wears.sign[drone] != NOTHING and nth[drone] < len(days)
    return np.int32(days[nth[drone]] if wears else NEVER)


def _day(first: date, day: np.int32, days: int = NEVER) -> str:
    """Empty where it does not come."""
    return "" if day >= min(days, 2**16) else str(first + timedelta(days=int(day)))


def _write_rows(path: Path, head: tuple[str, ...], rows: Iterator[object]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)  # type: ignore[arg-type]  # rows are tuples
