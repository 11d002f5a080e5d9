"""What a flight was, in truth: the curves that sensors and autopilots see a part of.

Axes are north-east-down for the world and front-right-down for the body. A tailsitter's body axes
are those of its hover, as PX4 has them: in forward flight it lies on its belly's side.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from windsock.firmware_sim.flights.rotation import Floats

RATE_HZ: Final = 500
"""Fast enough for the shock of stiff landing gear, which lasts 10 ms and more."""
STEP_S: Final = 1.0 / RATE_HZ
GRAVITY: Final = 9.80665

Mask = npt.NDArray[np.bool_]
Kind = Literal["multicopter", "plane", "vtol", "tailsitter"]
Mode = Literal[
    "manual",
    "acro",
    "flip",
    "altitude",
    "position",
    "mission",
    "return",
    "land",
    "takeoff",
    "hover",
]
"""`manual` levels itself; `flip` is ArduCopter's mode, acro elsewhere; `hover` holds a VTOL's
position on its rotors."""
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
What = Literal[
    "armed",
    "disarmed by landing",
    "disarmed by the pilot",
    "disarmed by the crash check",
    "battery failsafe",
    "radio failsafe",
    "crash check",
    "launch detected",
    "power lost",
]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at one moment, or that the autopilot said."""

    t_s: float
    what: What


@dataclass(frozen=True, slots=True, kw_only=True)
class Craft:
    """The machine: numbers that differ from one drone to the next."""

    kind: Kind
    motors: int = 4
    hover_throttle: float = 0.4
    """Share of full thrust that carries its weight; for a plane, that keeps its speed."""
    terminal_m_s: float = 18.0
    """Fastest fall."""
    gear_s: float = 0.045
    """How long landing gear takes to stop the drone."""
    shell_s: float = 0.015
    """How long its frame takes to stop it where there is no gear."""
    height_m: float = 0.12
    """Of the accelerometer above the ground."""
    slope_deg: float = 2.0
    """How it stands before take-off."""
    shaking_m_s2: float = 2.0
    """Standard deviation of the accelerometer's vibration in hover, at 250 Hz."""
    uneven: tuple[float, ...] = (0.01, -0.01, 0.02, -0.02)
    """How much more than the others each motor has to turn."""
    cells: int = 4
    hover_a: float = 18.0
    capacity_mah: float = 5200.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trajectory:
    """One flight at `RATE_HZ`: n rows from `t_s` 0, before arming until after disarming.

    `cut_s` is when the logger lost its power or its card, None where it did not.
    """

    craft: Craft
    seed: int
    """Of the sensors' noise."""
    position_m: Floats
    """(n, 3) from the place of arming."""
    velocity_m_s: Floats
    attitude: Floats
    """(n, 4) quaternions."""
    wanted: Floats
    """(n, 4) attitude set-points, NaN where the autopilot has none."""
    rates_rad_s: Floats
    force_m_s2: Floats
    """(n, 3) specific force in the body: what an ideal accelerometer feels."""
    shaking_m_s2: Floats
    """(n,) standard deviation of what vibration adds to each axis."""
    throttle: Floats
    """(n,) collective command, 0 to 1."""
    motors: Floats
    """(n, motors) commands, 0 to 1."""
    armed: Mask
    landed: Mask
    """The autopilot's land detector."""
    on_wings: Mask
    in_transition: Mask
    mode: npt.NDArray[np.uint8]
    """(n,) indices into `MODES`."""
    marks: tuple[Mark, ...] = ()
    cut_s: float | None = None

    def __len__(self) -> int:
        return len(self.throttle)

    @property
    def t_s(self) -> Floats:
        """Seconds since its start, (n,)."""
        return np.arange(len(self), dtype=np.float64) * STEP_S

    @property
    def height_m(self) -> Floats:
        """Above the place of arming, (n,)."""
        return np.asarray(-self.position_m[:, 2])

    def when(self, *whats: What) -> list[float]:
        """Times of the marks of these kinds."""
        return [mark.t_s for mark in self.marks if mark.what in whats]
