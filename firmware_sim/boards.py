"""The autopilot that writes a log: who it is, when it booted, where, what it counted so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from windsock.firmware_sim.flights.trajectory import RATE_HZ, STEP_S, Mask, Trajectory
from windsock.firmware_sim.sensors import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One autopilot at one boot.

    `uid` is AUTOPILOT_VERSION.uid2 as memory holds it, without padding; empty where none is known.
    `first_boot_us` is time since boot at the start of the trajectory.
    """

    hardware: str
    version: tuple[int, int, int]
    uid: bytes = bytes.fromhex("2f0031000451303234363438")
    git_hash: str = "8d1219c7c4c5404aaa1f6d2a48adfda4deadbeef"
    first_boot_us: int = 63_250_000
    boot_utc_us: int | None = 1_777_000_000_000_000
    """UTC at boot, by satellites; None where it has no fix all along."""
    lat_deg: float = 47.3977
    lon_deg: float = 8.5456
    alt_m: float = 488.0
    boot_count: int = 41
    flights: int = 17
    """Armings so far (PX4 COM_FLIGHT_UUID)."""
    flown_s: float = 9_241.0
    in_the_loop: bool = False
    """A simulator moves it: HITL, and SITL if the hardware is called so."""
    parameters: Mapping[str, float] = field(default_factory=dict)
    """Beside what the airframe needs, and over it."""


PIXHAWK: Final = Board(hardware="PX4_FMU_V6X", version=(1, 15, 4))
"""With PX4."""
CUBE: Final = Board(hardware="CubeOrange", version=(4, 5, 7))
"""With ArduPilot."""


@dataclass(frozen=True, slots=True)
class Logger:
    """Which rows of a trajectory an autopilot logs, [first, last), and when they are."""

    first: int
    last: int
    first_boot_us: int

    @classmethod
    def over(cls, flight: Trajectory, board: Board, after_disarming_s: float) -> "Logger":
        """From the first arming to so long after the last disarming, or until it is cut.

        A drone that is never armed is logged throughout, as by a logger that runs from boot.
        """
        armings = flight.when("armed")
        ends = [mark.t_s for mark in flight.marks if mark.what.startswith("disarmed")]
        limits = [len(flight) * STEP_S]
        if ends and ends[-1] > armings[-1]:
            limits.append(ends[-1] + after_disarming_s)
        if flight.cut_s is not None:
            limits.append(flight.cut_s)
        first = round(armings[0] * RATE_HZ) if armings else 0
        return cls(first, max(first + 1, round(min(limits) * RATE_HZ)), board.first_boot_us)

    def every(self, hz: float) -> Rows:
        """Rows at a rate."""
        return np.arange(self.first, self.last, round(RATE_HZ / hz))

    def changes(self, hz: float, *states: Mask | npt.NDArray[np.uint8]) -> Rows:
        """Rows at a rate, and those at which a state changes."""
        changed = [np.flatnonzero(np.diff(state.astype(np.int64))) + 1 for state in states]
        inside = [one[(one >= self.first) & (one < self.last)] for one in changed]
        return np.unique(np.concatenate([self.every(hz), *inside]))

    def boot_us(self, rows: Rows) -> Rows:
        """Time since boot."""
        return np.asarray(self.first_boot_us + np.rint(rows * STEP_S * 1e6).astype(np.int64))

    def row(self, t_s: float) -> int | None:
        """The row of a moment, None if it is not logged."""
        found = round(t_s * RATE_HZ)
        return found if self.first <= found < self.last else None


def lasting(mask: Mask, seconds: float) -> Mask:
    """True where the mask has held for so long."""
    rows = np.arange(len(mask))
    last_false = np.maximum.accumulate(np.where(mask, -1, rows))
    return np.asarray(mask & (rows - last_false >= seconds * RATE_HZ))


def turns(mask: Mask, *, to: bool) -> Rows:
    """Rows at which a mask becomes true, or false."""
    return np.flatnonzero((mask[1:] == to) & (mask[:-1] != to)) + 1
