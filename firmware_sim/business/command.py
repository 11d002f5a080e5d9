"""The command line of `windsock-sim world`: a company's months, as files for a collector."""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgpack
import numpy as np

from windsock.firmware_sim.business.company import found
from windsock.firmware_sim.business.planting import plotted
from windsock.firmware_sim.business.plot import Plot
from windsock.firmware_sim.business.sheets import COLUMNS, KINDS, exports
from windsock.firmware_sim.business.telling import Teller
from windsock.firmware_sim.fleet.lives import live
from windsock.firmware_sim.fleet.telling import serial
from windsock.firmware_sim.fleet.world import World
from windsock.firmware_sim.numbers import at_least
from windsock.protocol import topics
from windsock.protocol.envelope import FLIGHTS, Header, encode

BUSINESS: Final = World(
    flight_days_a_year=80.0,
    rate_shape=5.0,
    seasonal_share=0.5,
    winter_depth=0.4,
    holidays_factor=0.5,
    stop_rate=0.0,
    pause_rate=0.05,
    delivered_late_share=0.1,
)
"""What is not planted: drones that fly three days in two weeks, half of them with seasons."""
_DRONES_A_PLANT: Final = 60
"""So many drones have room for one trigger of each kind ..."""
_MONTHS: Final = 3
"""... in so many months at least."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen."""
    parser.add_argument("--drones", type=at_least(_DRONES_A_PLANT), default=500)
    parser.add_argument("--months", type=at_least(_MONTHS), default=18)
    parser.add_argument("--seed", type=at_least(0), default=1)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2025, 1, 1),
                        help="the first day (2025-01-01)")  # fmt: skip
    parser.add_argument("folder", type=Path, help="for batches.msgpack, imports/, truth.*")


def world(options: argparse.Namespace) -> int:
    """Write what stations tell, what other systems export on which day, and the truth."""
    kind = BUSINESS._replace(drones=options.drones, days=options.months * 365 // 12)
    lives = live(kind, options.seed)
    company = found(lives, options.first, options.seed)
    plot = plotted(lives, company, options.seed, max(options.drones // _DRONES_A_PLANT, 1))
    first_us = int(datetime.combine(options.first, datetime.min.time(), UTC).timestamp()) * 10**6
    (options.folder / "imports").mkdir(parents=True, exist_ok=True)
    _write_batches(options.folder / "batches.msgpack", Teller(plot, first_us, options.seed))
    _write_exports(options.folder / "imports", plot)
    truth = list(_truth(plot))
    _write_rows(options.folder / "truth.csv", ",".join(truth[0]), (row.values() for row in truth))
    whole = {"seed": options.seed, "first": str(options.first), "days": company.days,
             "parameters": kind._asdict(), "triggers": truth, "flown": _flown(plot),
             "delivered": {serial(drone): int(day) for drone, day in
                           enumerate(lives.delivered)},
             "accounts": {account.name: [serial(drone) for drone in account.drones]
                          for account in company.accounts},
             "stopped": {serial(drone): day for drone, day in plot.stopped.items()}}  # fmt: skip
    (options.folder / "truth.json").write_text(json.dumps(whole, indent=1))
    return 0


def _write_batches(path: Path, teller: Teller) -> None:
    """One msgpack array a batch: topic, bytes as on the wire, moment of arrival."""
    seq: Counter[str] = Counter()
    ours = version("windsock")
    with path.open("wb") as file:
        for told in teller.tell():
            seq[told.station] += 1
            header = Header(told.station, teller.first_us, FLIGHTS, seq[told.station],
                            told.at_us, 0, "sim", ours)  # fmt: skip
            row = topics.up(told.station), encode(header, told.message), told.at_us
            file.write(msgpack.packb(row))


def _write_exports(folder: Path, plot: Plot) -> None:
    """``0031-tickets.csv`` for day 31; those of a day in the order in which they are taken."""
    files: defaultdict[tuple[int, str], list[tuple[object, ...]]] = defaultdict(list)
    for export in exports(plot):
        files[export.day, export.kind].append(export.row)
    for (day, kind), rows in files.items():
        name = f"{day:04}-{KINDS.index(kind)}-{kind}.csv"
        _write_rows(folder / name, COLUMNS[kind], rows)


def _truth(plot: Plot) -> Iterator[dict[str, object]]:
    of_drone = ("D", "X1", "X3", "lost")
    for one in sorted(plot.truth, key=lambda one: (one.rule, one.day, one.subject)):
        support = one.rule == "X2"
        calls = not support and one.rule != "M1"
        csm = plot.company.csm_of(one.account, one.day).email
        yield {
            "rule": one.rule,
            "subject": one.subject,
            "account": plot.company.accounts[one.account].name,
            "day": one.day,
            "date": str(plot.company.day(one.day)),
            "within": one.within,
            "csm": "" if support else csm,
            "playbook": plot.company.playbook(
                one.account, of_drone=one.rule.startswith(of_drone)
            ) if calls else "",
        }  # fmt: skip


def _flown(plot: Plot) -> dict[str, list[int]]:
    """Of each drone, the days on which it really flew."""
    return {
        serial(drone): np.flatnonzero(plot.flew[:, drone]).tolist()
        for drone in range(plot.flew.shape[1])
    }


def _write_rows(path: Path, head: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head.split(","))
        writer.writerows(rows)
