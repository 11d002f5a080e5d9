"""Attitude as angles, whichever way the log holds it.

Axes are north-east-down for the world and front-right-down for the body (PX4 and ArduPilot alike).
"""

from typing import NamedTuple

import numpy as np

from windsock.agent.record.tracks import EMPTY, Floats, Mask, Times, Track, track


class Attitude(NamedTuple):
    """Angles over time, and the world's direction of the body's down axis."""

    roll_deg: Track
    pitch_deg: Track
    yaw_deg: Track
    boot_us: Times
    down: Floats
    """(n, 3): body z in the world, yaw included only where it was logged as a quaternion."""
    nose_down: Floats
    """(n,): how far the body's x axis points down, the sine of the nose's depression."""


NOTHING = Attitude(EMPTY, EMPTY, EMPTY, EMPTY.boot_us, np.zeros((0, 3)), np.zeros(0))


def from_quaternions(boot_us: Times, q: Floats) -> Attitude:
    """From body-to-world quaternions (n, 4), scalar first."""
    boot_us, q = _usable(boot_us, q, (q != 0).any(axis=1))
    w, x, y, z = (q / np.maximum(np.linalg.norm(q, axis=1), 1e-9)[:, None]).T
    roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1.0, 1.0))
    yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    down = np.stack((2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)), axis=1)
    return _attitude(boot_us, (roll, pitch, yaw), down)


def from_angles(boot_us: Times, roll_deg: Floats, pitch_deg: Floats, yaw_deg: Floats) -> Attitude:
    """From roll, pitch and yaw in degrees, each (n,)."""
    stacked = np.stack((roll_deg, pitch_deg, yaw_deg), axis=1)
    boot_us, angles = _usable(boot_us, stacked, np.ones(len(stacked), bool))
    roll, pitch, yaw = np.radians(angles).T
    return _attitude(boot_us, (roll, pitch, yaw), thrust_axis(roll, pitch))


def thrust_axis(roll: Floats, pitch: Floats) -> Floats:
    """Body z for a heading of zero, from radians, (n, 3)."""
    return np.stack(
        (np.cos(roll) * np.sin(pitch), -np.sin(roll), np.cos(roll) * np.cos(pitch)), axis=1
    )


def _attitude(boot_us: Times, angles: tuple[Floats, Floats, Floats], down: Floats) -> Attitude:
    roll, pitch, yaw = (np.degrees(angle) for angle in angles)
    return Attitude(
        Track(boot_us, roll),
        Track(boot_us, pitch),
        Track(boot_us, np.mod(yaw, 360.0)),
        boot_us,
        down,
        -np.sin(angles[1]),
    )


def _usable(boot_us: Times, values: Floats, known: Mask) -> tuple[Times, Floats]:
    """Rows that are finite and known (a quaternion of zeros is none), in order of time."""
    kept = np.isfinite(values).all(axis=1) & known
    order = np.argsort(boot_us[kept], kind="stable")
    return boot_us[kept][order], values[kept][order]


def tilt(attitude: Attitude, fixed_wing: Track, kind: str | None) -> Track:
    """Degrees between the vehicle's vertical and the world's.

    A tailsitter in forward flight lies on its back for PX4: there its vertical is the body's x
    axis (the frame is turned by 90 degrees, as in FailureDetector.cpp).
    """
    upright = np.degrees(np.arccos(np.clip(attitude.down[:, 2], -1.0, 1.0)))
    if kind != "tailsitter" or not len(fixed_wing):
        return Track(attitude.boot_us, upright)
    flying = np.degrees(np.arccos(np.clip(attitude.nose_down, -1.0, 1.0)))
    places = np.searchsorted(fixed_wing.boot_us, attitude.boot_us, side="right") - 1
    on_wings = np.where(places >= 0, fixed_wing.values[np.maximum(places, 0)], 0.0) > 0
    return Track(attitude.boot_us, np.where(on_wings, flying, upright))


def lean_error(boot_us: Times, real: Floats, wanted: Floats) -> Track:
    """Degrees between real and wanted thrust directions, (n, 3) each, at the same times."""
    cosine = np.clip(np.einsum("ij,ij->i", real, wanted), -1.0, 1.0)
    return track(boot_us, np.degrees(np.arccos(cosine)))
