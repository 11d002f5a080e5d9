"""Flights that a simulated drone has flown, as new logs on its card."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from windsock.firmware_sim.boards import CUBE, PIXHAWK, Board
from windsock.firmware_sim.dataflash import write_dataflash
from windsock.firmware_sim.flights.scenarios import SCENARIOS
from windsock.firmware_sim.ulog import write_ulog
from windsock.firmware_sim.vehicle.craft import Craft
from windsock.firmware_sim.vehicle.model import SECOND_US, Model
from windsock.firmware_sim.vehicle.orders import OrderError

_HASH_DIGITS: Final = 40
Recorder = Callable[[str, Model, Craft], None]


def recorder(folder: Path, rng: np.random.Generator) -> Recorder:
    """Writes a flight by its name (`flights/scenarios.py`) into *folder*, as flown just now.

    Raises OrderError if there is no such flight.
    """

    def record(flight: str, model: Model, craft: Craft) -> None:
        if flight not in SCENARIOS:
            raise OrderError(f"no such flight: {flight} (there are: {', '.join(SCENARIOS)})")
        write = write_ulog if model.px4 else write_dataflash
        content = write(SCENARIOS[flight](rng), _board(model, craft))
        path = folder / (_px4_name() if model.px4 else _ardupilot_name(folder))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    return record


def _board(model: Model, craft: Craft) -> Board:
    version = model.sw_version
    usual = PIXHAWK if model.px4 else CUBE
    return Board(
        hardware=usual.hardware,
        version=(version.major, version.minor, version.patch),
        uid=model.identity,
        git_hash=model.git_hash.ljust(_HASH_DIGITS, "0"),
        boot_utc_us=time.time_ns() // 1000 - usual.first_boot_us,
        boot_count=craft.boots,
        flights=craft.flights,
        flown_s=craft.flown_us / SECOND_US,
    )


def _px4_name() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d/%H_%M_%S}.ulg"


def _ardupilot_name(folder: Path) -> str:
    numbers = [int(path.stem) for path in folder.glob("*.BIN") if path.stem.isdecimal()]
    return f"{max(numbers, default=0) + 1:08}.BIN"
