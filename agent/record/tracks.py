"""Quantities over time, in our names and units, whatever autopilot wrote them.

A `Track` is one quantity as it was logged: no resampling, its own times. `Tracks` is everything a
flight is measured from. An empty track means that the log does not say.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating[Any]]
"""Double precision where numbers are computed, single where many are kept."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One quantity: `boot_us` (n,) never decreasing, `values` (n,) finite.

    Values are single precision, as firmware measures them, but for coordinates.
    """

    boot_us: Times
    values: Floats

    def __len__(self) -> int:
        return len(self.boot_us)

    def between(self, start_us: int, end_us: int) -> "Track":
        """The samples of [start_us, end_us], as views."""
        first, last = np.searchsorted(self.boot_us, (start_us, end_us + 1))
        return Track(self.boot_us[first:last], self.values[first:last])

    def at(self, boot_us: int) -> float | None:
        """The newest value at or before a time, None where there is none."""
        place = int(np.searchsorted(self.boot_us, boot_us, side="right")) - 1
        return float(self.values[place]) if place >= 0 else None

    def scaled(self, factor: float) -> "Track":
        """All values times `factor`."""
        return Track(self.boot_us, self.values * factor)


EMPTY = Track(np.zeros(0, np.int64), np.zeros(0))
ALWAYS = Track(np.full(1, -(2**62)), np.ones(1))
"""1 from before any log."""


def track(boot_us: Times, values: npt.ArrayLike, precision: type = np.float32) -> Track:
    """A track of the finite values, in order of time."""
    numbers = np.asarray(values)
    kept = np.isfinite(numbers)
    if not kept.all():
        rows = _run(kept)
        boot_us, numbers = boot_us[rows], numbers[rows]
    numbers = numbers.astype(precision, copy=False)
    if np.any(boot_us[1:] < boot_us[:-1]):
        order = np.argsort(boot_us, kind="stable")
        boot_us, numbers = boot_us[order], numbers[order]
    return Track(boot_us, numbers)


def _run(mask: Mask) -> slice | Mask:
    """The true rows: as a slice, which takes no room, where they follow each other."""
    first, stop = int(mask.argmax()), len(mask) - int(mask[::-1].argmax())
    return slice(first, stop) if mask[first:stop].all() else mask


def joined(parts: list[Track]) -> Track:
    """One track of several that follow each other."""
    if not parts:
        return EMPTY
    values = np.concatenate([one.values for one in parts])
    return track(np.concatenate([one.boot_us for one in parts]), values)


BLOCK_ROWS = 1 << 12


def blocks(rows: int) -> list[slice]:
    """Slices of so many rows that work in double precision takes little room."""
    return [slice(first, first + BLOCK_ROWS) for first in range(0, rows, BLOCK_ROWS)]


What = Literal["message", "error", "mode", "event"]


@dataclass(frozen=True, slots=True)
class Said:
    """Something the autopilot said: a message, a coded error, an event or a change of mode."""

    boot_us: int
    what: What
    text: str
    level: int | None = None
    weight: int = 0
    """How much it matters: 3 says crash or loss, 2 a failsafe, 1 worth a look, 0 the rest."""


@dataclass(frozen=True, slots=True)
class Switch:
    """An armed or disarmed state that one witness saw beginning."""

    boot_us: int
    armed: bool
    sure: bool = True
    """False for a state that was only seen, not seen to begin."""


@dataclass(frozen=True, slots=True)
class Codes:
    """When the autopilot's own checks fired: (boot_us, weight) each."""

    crash: tuple[tuple[int, int], ...] = ()
    """Crash checks: 1 on the ground, 2 with loss of control."""
    failure: tuple[int, ...] = ()
    """Attitude or motor failure, parachute, termination."""
    failsafe: tuple[int, ...] = ()
    """A failsafe acted: radio, battery, ground station, fence, estimator."""


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """What it was ordered to do with itself, and where it may land."""

    returning: Track = EMPTY
    """1 while it is to fly straight back."""
    forced_down: Track = EMPTY
    """1 while a failsafe has it land or sink where it is."""
    places: tuple[tuple[float, float], ...] = ()
    """(lat, lon) in degrees of home, rally points and planned landings."""


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """All that a log says of the vehicle's motion and state, in our units."""

    vehicle: str | None = None
    """multicopter, helicopter, plane, vtol, tailsitter, rover, boat, submarine, airship."""
    roll_deg: Track = EMPTY
    pitch_deg: Track = EMPTY
    yaw_deg: Track = EMPTY
    tilt_deg: Track = EMPTY
    lean_error_deg: Track = EMPTY
    """Angle between the wanted and the real thrust direction."""
    below_wanted_m: Track = EMPTY
    """Wanted height less height, while a height is held."""
    force_m_s2: Track = EMPTY
    """Norm of the specific force, mean of 10 ms or as slow as it was logged."""
    baro_m: Track = EMPTY
    estimate_m: Track = EMPTY
    """Height by the estimator. It diverges in crashes, as `estimate_climb_m_s` does."""
    gps_m: Track = EMPTY
    estimate_climb_m_s: Track = EMPTY
    gps_climb_m_s: Track = EMPTY
    ground_speed_m_s: Track = EMPTY
    lat_deg: Track = EMPTY
    lon_deg: Track = EMPTY
    voltage_v: Track = EMPTY
    current_a: Track = EMPTY
    used_mah: Track = EMPTY
    throttle: Track = EMPTY
    """Wanted thrust or mean motor output, 0 to 1."""
    motors: tuple[Track, ...] = ()
    """Each motor's output, 0 to 1."""
    vibration_m_s2: Track = EMPTY
    clips: tuple[Track, ...] = ()
    """Counters of full-scale samples, one for each accelerometer."""
    estimator_ratio: Track = EMPTY
    landed: Track = EMPTY
    """The firmware's own opinion: 1 landed, 0 in the air."""
    fixed_wing: Track = EMPTY
    """1 while it flies on wings."""
    aerobatic: Track = EMPTY
    """1 in modes where tilting beyond any limit is the pilot's will."""
    orders: Orders = Orders()
    switches: tuple[Switch, ...] = ()
    codes: Codes = Codes()
    said: tuple[Said, ...] = field(default=())
