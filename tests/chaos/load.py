"""Offered load: small simulated flight logs, each another flight, and what is true of them.

A few trajectories are computed once; every log is one of them as another autopilot, at another
boot, wrote it. What must come out is read by the agent's own code, here, undisturbed.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.chaos.truth import Truth
from windsock.agent.intake import Handling, take_in
from windsock.firmware_sim.boards import CUBE, PIXHAWK
from windsock.firmware_sim.dataflash import write_dataflash
from windsock.firmware_sim.flights.scenarios import SCENARIOS
from windsock.firmware_sim.ulog import write_ulog

FLOWN = ("normal", "normal", "firm-touchdown", "tumbling-fall", "hard-landing")
"""Of five flights two are urgent."""
DRONES = 10
"""Of each station."""
FIRST_BOOT_US = 1_795_000_000_000_000
HOUR_US = 3_600_000_000


@dataclass
class Load:
    """Logs for stations, from a *seed*, put into folders whole: written aside, then renamed."""

    seed: int
    truth: Truth = field(default_factory=Truth)
    logs: int = 0
    size_bytes: int = 0

    def __post_init__(self) -> None:
        self._flown = [
            SCENARIOS[name](np.random.default_rng([self.seed, number]))
            for number, name in enumerate(FLOWN)
        ]

    def drop(self, station: int, folder: Path) -> None:
        """Put one more log into *folder* of *station*, and note what has to come of it."""
        self.logs += 1
        content, suffix = self._content(station)
        self.size_bytes += len(content)
        aside = folder / f"{self.logs:05}.part"
        aside.write_bytes(content)
        whole = aside.with_suffix(suffix)
        self.truth.note(take_in(aside, Handling("coarse")))
        aside.rename(whole)

    def _content(self, station: int) -> tuple[bytes, str]:
        flight = self._flown[self.logs % len(self._flown)]
        changes = {
            "uid": bytes([0x2F, station + 1, self.logs % DRONES + 1, 7]) * 3,
            "boot_utc_us": FIRST_BOOT_US + self.logs * HOUR_US // 10,
            "boot_count": self.logs,
            "flights": self.logs,
        }
        if self.logs % 2:
            return write_ulog(flight, dataclasses.replace(PIXHAWK, **changes)), ".ulg"
        return write_dataflash(flight, dataclasses.replace(CUBE, **changes)), ".bin"


def moments(per_s: float, start_s: float) -> Iterator[float]:
    """When the logs come, evenly."""
    number = 0
    while True:
        yield start_s + number / per_s
        number += 1
