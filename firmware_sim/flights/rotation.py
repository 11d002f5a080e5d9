"""Attitudes as quaternions: scalar first, from body (front, right, down) to north, east, down.

Every function takes and gives arrays whose last axis holds the components, and broadcasts over the
others. Formulas: Diebel, "Representing Attitude", 2006.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEVEL: Final = np.array([1.0, 0.0, 0.0, 0.0])
FRONT: Final = np.array([1.0, 0.0, 0.0])
RIGHT: Final = np.array([0.0, 1.0, 0.0])
DOWN: Final = np.array([0.0, 0.0, 1.0])


def multiply(first: Floats, second: Floats) -> Floats:
    """The rotation `second`, then `first`."""
    a, b, c, d = np.moveaxis(np.asarray(first), -1, 0)
    w, x, y, z = np.moveaxis(np.asarray(second), -1, 0)
    return np.stack(
        (
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        ),
        axis=-1,
    )


def inverse(q: Floats) -> Floats:
    """The rotation back."""
    return np.asarray(q * np.array([1.0, -1.0, -1.0, -1.0]))


def about(axis: Floats, radians: npt.ArrayLike) -> Floats:
    """Rotations about one unit axis."""
    half = np.asarray(radians, np.float64)[..., None] / 2
    return np.concatenate((np.cos(half), np.sin(half) * axis), axis=-1)


def from_euler(roll: npt.ArrayLike, pitch: npt.ArrayLike, yaw: npt.ArrayLike) -> Floats:
    """From angles in radians, turned in the order yaw, pitch, roll."""
    roll, pitch, yaw = np.broadcast_arrays(*(np.asarray(one, float) for one in (roll, pitch, yaw)))
    return multiply(multiply(about(DOWN, yaw), about(RIGHT, pitch)), about(FRONT, roll))


def to_euler(q: Floats) -> tuple[Floats, Floats, Floats]:
    """Roll, pitch and yaw in radians."""
    w, x, y, z = np.moveaxis(q, -1, 0)
    roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1.0, 1.0))
    yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return roll, pitch, yaw


def to_world(q: Floats, vector: Floats) -> Floats:
    """A body's vector seen from the world."""
    w, u = q[..., :1], q[..., 1:]
    twist = 2.0 * np.cross(u, vector)
    return np.asarray(vector + w * twist + np.cross(u, twist))


def to_body(q: Floats, vector: Floats) -> Floats:
    """A world's vector seen from the body."""
    return to_world(inverse(q), vector)


def thrusting(force: Floats, yaw: npt.ArrayLike) -> Floats:
    """Attitudes with a heading whose upward axis points along a world's force, (n, 3).

    The force must not point below the horizon by more than its part across the heading.
    """
    yaw = np.asarray(yaw, np.float64)
    down = -force / np.maximum(np.linalg.norm(force, axis=-1, keepdims=True), 1e-9)
    ahead = down[..., 0] * np.cos(yaw) + down[..., 1] * np.sin(yaw)
    aside = down[..., 1] * np.cos(yaw) - down[..., 0] * np.sin(yaw)
    roll = np.arcsin(np.clip(-aside, -1.0, 1.0))
    return from_euler(roll, np.arctan2(ahead, down[..., 2]), yaw)


def between(start: Floats, end: Floats, share: Floats) -> Floats:
    """The shortest way from one attitude to another, `share` (n,) from 0 to 1 (slerp)."""
    turn = multiply(inverse(start), end)
    turn = np.where(turn[..., :1] < 0, -turn, turn)
    norm = np.linalg.norm(turn[..., 1:], axis=-1, keepdims=True)
    half = np.arctan2(norm, turn[..., :1]) * share[..., None]
    axis = turn[..., 1:] / np.maximum(norm, 1e-12)
    return multiply(start, np.concatenate((np.cos(half), np.sin(half) * axis), axis=-1))


def rates(q: Floats, step_s: float) -> Floats:
    """Body rates in rad/s, (n, 3), of attitudes a step apart; the first row repeats the second."""
    turn = multiply(inverse(q[:-1]), q[1:])
    turn = np.where(turn[:, :1] < 0, -turn, turn)
    norm = np.linalg.norm(turn[:, 1:], axis=1, keepdims=True)
    speed = 2.0 * np.arctan2(norm, turn[:, :1]) / step_s
    found = turn[:, 1:] / np.maximum(norm, 1e-12) * speed
    return np.concatenate((found[:1], found)) if len(found) else np.zeros_like(q[:, 1:])


def tilt(q: Floats) -> Floats:
    """Radians between the body's and the world's vertical."""
    x, y = q[..., 1], q[..., 2]
    return np.asarray(np.arccos(np.clip(1 - 2 * (x * x + y * y), -1.0, 1.0)))
