"""Everything is killed, at random and at named points, while logs keep coming."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import get_args

from tests.chaos.rig import STATIONS, WINDOW, Rig
from tests.chaos.scorecard import Scorecard
from windsock.config.killpoint import Point

TOGETHER = 100
"""Kills between two looks at whether all is there."""
LOGS_A_S = 2.0
BETWEEN_S = (0.3, 1.2)
DOWN_S = (0.0, 0.5)
DRAINED_S = 5.0
PATIENCE_S = 120.0
AGENTS_POINTS = ("after-spool", "after-publish", "mid-delete")
PART = "kill -9"

Progress = Callable[[str, int, int], None]


@dataclass
class Chaos:
    """One rig under fire; *chance* decides who dies when."""

    rig: Rig
    chance: random.Random
    progress: Progress
    killed: Counter[str] = field(default_factory=Counter)
    drains_s: list[float] = field(default_factory=list)
    _next_log_s: float = 0.0
    _asleep: dict[str, float] = field(default_factory=dict)

    def at_random(self, kills: int) -> None:
        """*kills* SIGKILLs, in rounds; after each round everything has to drain."""
        done = 0
        while done < kills:
            together = min(TOGETHER, kills - done)
            for _ in range(together):
                self._live(self.chance.uniform(*BETWEEN_S))
                self._kill(self.chance.choice(self._names()))
                done += 1
                self.progress(f"kill -9 at random: {done} of {kills}", done, kills)
            self.settle()

    def at_point(self, point: Point, times: int) -> None:
        """Have those concerned die at *point*, together *times* or more."""
        victims = list(STATIONS) if point in AGENTS_POINTS else ["collector"]
        seen = 0
        while seen < times:
            for name in victims:
                self._process(name).kill()
                self._process(name).start(f"{point}:{self.chance.randint(1, 3)}")
            alive, limit_s = set(victims), time.monotonic() + PATIENCE_S
            while alive:
                if time.monotonic() > limit_s:
                    raise TimeoutError(f"{alive} never came to {point}")
                self._live(0.02)
                fallen = {name for name in alive if not self._process(name).running}
                for name in fallen:
                    self._process(name).start()
                alive -= fallen
                seen += len(fallen)
            self.progress(f"kill -9 {point}: {seen} of {times}", seen, times)
        self.killed[point] += seen
        self.settle()

    def settle(self) -> None:
        """Nothing more comes and nobody dies: how long until all is stored?"""
        for name in self._names():
            self._wake(name)
        self.drains_s.append(self.rig.drain(PATIENCE_S))
        self.rig.forget_logs()
        self._next_log_s = 0.0

    def _live(self, seconds: float) -> None:
        """Time goes by: logs come, the dead rise."""
        until_s = time.monotonic() + seconds
        self._next_log_s = self._next_log_s or time.monotonic()
        while (now_s := time.monotonic()) < until_s:
            if now_s >= self._next_log_s:
                self.rig.drop()
                self._next_log_s += 1 / LOGS_A_S
            for name in [name for name, at_s in self._asleep.items() if at_s <= now_s]:
                self._wake(name)
            time.sleep(0.01)

    def _names(self) -> list[str]:
        return [*STATIONS, "broker", "collector"]

    def _process(self, name: str):
        rig = self.rig
        return rig.collector if name == "collector" else rig.agents[STATIONS.index(name)]

    def _kill(self, name: str) -> None:
        if name in self._asleep:
            self._wake(name)
        if name == "broker":
            self.rig.broker.kill()
        else:
            self._process(name).kill()
        self.killed["broker" if name == "broker" else
                    "collector" if name == "collector" else "agents"] += 1  # fmt: skip
        self._asleep[name] = time.monotonic() + self.chance.uniform(*DOWN_S)

    def _wake(self, name: str) -> None:
        self._asleep.pop(name, None)
        if name != "broker":
            self._process(name).start()
        elif not self.rig.broker.running:
            self.rig.broker.start()


def report(chaos: Chaos, card: Scorecard, each: int) -> None:
    """What came of it."""
    rig, kills = chaos.rig, sum(chaos.killed.values())
    dead = ", ".join(f"{number} {name}" for name, number in chaos.killed.items())
    card.run |= {"kills": kills, "logs": rig.load.logs, "MB": round(rig.load.size_bytes / 1e6)}
    lacking = [point for point in get_args(Point) if chaos.killed[point] < each]
    card.add(PART, f"{kills} kills, at every named point {each} or more", dead, kept=not lacking)
    for one in rig.load.truth.differences(rig.ledger, rig.influx):
        seen = f"{one.expected:,} rows: {one.missing} missing, {one.surplus} too many"
        card.add(
            PART, f"{one.table} equals the truth", seen, kept=not (one.missing or one.surplus)
        )
    gaps = rig.count("SELECT count(*) FROM gaps WHERE reason IS NULL")
    card.add(PART, "no gap stays open", f"{gaps} open", kept=gaps == 0)
    again, stored = rig.tallies()["batches again"], rig.tallies()["batches stored"]
    card.add(
        PART, f"batches that came again: at most the window ({WINDOW}) x kills",
        f"{again} of {stored} stored, {WINDOW * kills} allowed", kept=again <= WINDOW * kills,
    )  # fmt: skip
    drains = sorted(chaos.drains_s)
    card.add(
        PART, f"drained within {DRAINED_S:g} s of the last kill, each time",
        f"{len(drains)} times, median {median(drains):.1f} s, longest {drains[-1]:.1f} s",
        kept=drains[-1] <= DRAINED_S,
    )  # fmt: skip
    peaks = [rig.collector.peak_kb, max(agent.peak_kb for agent in rig.agents)]
    card.add(PART, "memory", "at most {:.0f} MB collector, {:.0f} MB an agent".format(
        *(kb / 1024 for kb in peaks)), kept=True)  # fmt: skip
