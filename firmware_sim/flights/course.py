"""A flight while it is being put together, piece by piece."""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from windsock.firmware_sim.flights import rotation
from windsock.firmware_sim.flights.rotation import Floats
from windsock.firmware_sim.flights.trajectory import (
    GRAVITY,
    MODES,
    RATE_HZ,
    STEP_S,
    Craft,
    Mark,
    Mask,
    Mode,
    Trajectory,
    What,
)

FALLING: Final = np.array([0.0, 0.0, GRAVITY])
_LANDED_AFTER_S: Final = 1.0
"""Ground contact, maybe landed, landed: 0.3 to 0.35 s each (PX4 LNDMC_TRIG_TIME)."""
_FLICKER: Final = 0.015

Piece = Callable[["Course"], None]
"""One manoeuvre: adds its curves to a course."""


class Course:
    """Where the drone is now, and the curves so far."""

    def __init__(self, craft: Craft, rng: np.random.Generator) -> None:
        self.craft = craft
        self.rng = rng
        self.velocity = np.zeros(3)
        self.position = np.zeros(3)
        slope = np.radians(rng.normal(0.0, craft.slope_deg / 2, 2))
        self.attitude = rotation.from_euler(slope[0], slope[1], rng.uniform(-np.pi, np.pi))
        self.mode: Mode = "manual"
        self.armed = False
        self.on_wings = craft.kind == "plane"
        self.in_transition = False
        self.wild = False
        """True while the controller fights in vain: each motor stopped or full."""
        self.propellers = 1.0
        """Share of the vibration that comes from turning motors: less without propellers."""
        self.mistaken = False
        """True where the land detector takes a hand for the air."""
        self.marks: list[Mark] = []
        self.cut_s: float | None = None
        self._parts: dict[str, list[npt.NDArray[np.generic]]] = defaultdict(list)
        self._rows = 0

    @property
    def t_s(self) -> float:
        """Seconds so far."""
        return self._rows * STEP_S

    @property
    def height_m(self) -> float:
        """Above the place of arming."""
        return float(-self.position[2])

    @property
    def yaw(self) -> float:
        """Heading in radians."""
        return float(rotation.to_euler(self.attitude)[2])

    def times(self, seconds: float) -> Floats:
        """Times within the next piece, from its first row on, (n,) with n of at least 1."""
        return np.arange(1, max(1, round(seconds * RATE_HZ)) + 1, dtype=np.float64) * STEP_S

    def mark(self, what: What, after_s: float = 0.0) -> None:
        """Note what happens now, or a little later."""
        self.marks.append(Mark(self.t_s + after_s, what))

    def add(
        self,
        velocity: Floats,
        attitude: Floats,
        throttle: npt.ArrayLike,
        *,
        wanted: Floats | None = None,
        touching: npt.ArrayLike | None = None,
    ) -> None:
        """Append n rows: velocity (n, 3) in m/s, attitude (n, 4), throttle 0 to 1.

        Without `wanted` the autopilot wants the attitude it has. On the ground, or in somebody's
        hand, `touching` is the vibration in m/s² that comes from it; in the air it is None.
        """
        rows = len(velocity)
        throttle = np.broadcast_to(np.asarray(throttle, np.float64), rows)
        motors = self.craft.shaking_m_s2 * np.sqrt(throttle / self.craft.hover_throttle)
        motors = motors * self.propellers
        track = self.position + np.cumsum(velocity, axis=0) * STEP_S
        parts = {
            "velocity_m_s": velocity,
            "position_m": track,
            "attitude": attitude,
            "wanted": attitude if wanted is None else wanted,
            "throttle": throttle,
            "shaking_m_s2": np.hypot(motors, 0.0 if touching is None else touching),
            "supported": np.full(rows, touching is not None and not self.mistaken),
            "armed": np.full(rows, self.armed),
            "on_wings": np.full(rows, self.on_wings),
            "in_transition": np.full(rows, self.in_transition),
            "wild": np.full(rows, self.wild),
            "mode": np.full(rows, MODES.index(self.mode), np.uint8),
        }
        for name, part in parts.items():
            self._parts[name].append(part)
        self.velocity, self.position, self.attitude = velocity[-1], track[-1], attitude[-1]
        self._rows += rows

    def on_ground(self) -> None:
        """Now at height 0: the rounding of its last step is forgotten."""
        self.position = np.array([*self.position[:2], 0.0])

    def trajectory(self) -> Trajectory:
        """The flight that was put together."""
        whole = {name: np.concatenate(parts) for name, parts in self._parts.items()}
        supported, wild = whole.pop("supported"), whole.pop("wild")
        pull = np.gradient(whole["velocity_m_s"], STEP_S, axis=0) - FALLING
        landed = _landed(supported, whole["throttle"] < self.craft.hover_throttle / 2)
        return Trajectory(
            craft=self.craft,
            seed=int(self.rng.integers(2**31)),
            rates_rad_s=rotation.rates(whole["attitude"], STEP_S),
            force_m_s2=rotation.to_body(whole["attitude"], pull),
            motors=self._motors(whole, wild),
            landed=landed | ~whole["armed"],
            marks=tuple(self.marks),
            cut_s=self.cut_s,
            **whole,
        )

    def _motors(self, whole: dict[str, npt.NDArray[np.generic]], wild: Mask) -> Floats:
        """Commands (n, motors); a quadplane's fifth motor pushes, the others lift."""
        throttle = np.asarray(whole["throttle"], np.float64)
        count = self.craft.motors
        commands = throttle[:, None] * (1.0 + np.resize(self.craft.uneven, count))
        commands += (throttle > 0)[:, None] * self.rng.normal(0, _FLICKER, (len(throttle), count))
        fighting = np.arange(count) % 2 == 0
        commands = np.where((wild & (throttle > 0))[:, None], fighting.astype(float), commands)
        if self.craft.kind == "vtol":
            pushing = np.arange(count) == count - 1
            commands *= pushing == np.asarray(whole["on_wings"])[:, None]
        return np.asarray(np.clip(commands, 0.0, 1.0) * np.asarray(whole["armed"])[:, None])


def _landed(supported: Mask, low: Mask) -> Mask:
    """Landed a second after it began to stand with little thrust; thrust alone says take-off.

    So do both autopilots' land detectors: a bench run counts as flight.
    """
    calm = supported & low
    rows = np.arange(len(calm))
    disturbed = np.maximum.accumulate(np.where(calm, -1, rows))
    return np.asarray(calm & ((rows - disturbed >= _LANDED_AFTER_S * RATE_HZ) | (disturbed < 0)))


def fly(craft: Craft, rng: np.random.Generator, *pieces: Piece) -> Trajectory:
    """Fly the pieces one after another, from rest on the ground."""
    course = Course(craft, rng)
    for piece in pieces:
        piece(course)
    return course.trajectory()
