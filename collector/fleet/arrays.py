"""The fleet as arrays, one row a drone: what the periodic rules judge. Pure.

`collector/fleet/rows` fills it from the ledger. 57 bytes a drone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int8]
Index = npt.NDArray[np.int32]
Micros = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

MISSING_US: Final = int(np.iinfo(np.int64).min)
"""No such moment."""
NOWHERE: Final = -1
"""No such station."""
HOUR_US: Final = 3_600_000_000
IN_SERVICE: Final = 0
"""Index into `roster.cells.SERVICE_STATES`."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Parallel arrays; `serials` and `stations` are what rows and `home` point to."""

    serials: list[str]
    stations: list[str]
    service: Codes
    """Index into `roster.cells.SERVICE_STATES`."""
    owned_from_us: Micros
    """Since when it has been its customer's: hand-over or delivery."""
    flown_us: Micros
    """Latest moment at which its last flight under this customer may have been."""
    rested_us: Micros
    """How long it has paused since, as planned or as somebody said: its month stood still."""
    flights: Index
    airborne_s: Reals
    home: Index
    """Station of its last three flights, or `NOWHERE`."""
    online_share: Reals
    """Share of the whole hours since `flown_us` in which `home` was up; NaN: no such hours."""
    quiet_from_us: Micros
    """The last stretch over which its own counter of flight time did not rise ..."""
    quiet_until_us: Micros
    """... and the reading that proved it."""

    def __len__(self) -> int:
        return len(self.serials)

    @property
    def idle_from_us(self) -> Micros:
        """From when on it has been idle, as if it had never paused; or `MISSING_US`."""
        idle: Micros = self.flown_us + self.rested_us
        return idle


def home_station(agents: Index) -> Index:
    """Of the stations (n, 3) of the last three flights, newest first, the most frequent one.

    The newest decides where all differ. `NOWHERE` stands for flights that weren't.
    """
    newest, second, third = agents.T
    outvoted = (second == third) & (second != NOWHERE)
    home: Index = np.where(outvoted, second, newest).astype(np.int32)
    return home


def whole_hours(since_us: Micros, now_us: int) -> tuple[Micros, int]:
    """First whole hour (since 1970) after each moment, and the one that has not ended yet."""
    return -(-since_us // HOUR_US), now_us // HOUR_US
