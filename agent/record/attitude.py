"""Attitude as angles, whichever way the log holds it.

Axes are north-east-down for the world and front-right-down for the body (PX4 and ArduPilot alike).
"""

from typing import NamedTuple

import numpy as np

from windsock.agent.record.tracks import EMPTY, Floats, Times, Track, track


class Attitude(NamedTuple):
    """Angles over time, and how the body's axes lie in the world; (n,) each, single precision."""

    boot_us: Times
    roll_deg: Floats
    pitch_deg: Floats
    yaw_deg: Floats
    tilt_deg: Floats
    """Between the body's and the world's down."""
    nose_deg: Floats
    """Between the body's x axis and the world's down."""
    down: Floats
    """(n, 3): body z in the world, yaw included only where it was logged as a quaternion."""


_NONE = EMPTY.values
NOTHING = Attitude(EMPTY.boot_us, _NONE, _NONE, _NONE, _NONE, _NONE, np.zeros((0, 3)))


def from_quaternions(boot_us: Times, q: Floats) -> Attitude:
    """From body-to-world quaternions (n, 4), scalar first."""
    kept = np.isfinite(q).all(axis=1) & (q != 0).any(axis=1)  # of zeros it is none
    q = q[kept]
    w, x, y, z = (q / np.maximum(np.linalg.norm(q, axis=1), 1e-9)[:, None]).T
    roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1.0, 1.0))
    yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    down = np.stack((2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)), axis=1)
    return _attitude(boot_us[kept], (roll, pitch, yaw), down)


def from_angles(boot_us: Times, angles_deg: Floats) -> Attitude:
    """From roll, pitch and yaw in degrees, (n, 3)."""
    kept = np.isfinite(angles_deg).all(axis=1)
    roll, pitch, yaw = np.radians(angles_deg[kept]).T
    return _attitude(boot_us[kept], (roll, pitch, yaw), thrust_axis(roll, pitch))


def thrust_axis(roll: Floats, pitch: Floats) -> Floats:
    """Body z for a heading of zero, from radians, (n, 3)."""
    return np.stack(
        (np.cos(roll) * np.sin(pitch), -np.sin(roll), np.cos(roll) * np.cos(pitch)), axis=1
    )


def _attitude(boot_us: Times, angles: tuple[Floats, Floats, Floats], down: Floats) -> Attitude:
    roll, pitch, yaw = (np.degrees(angle) for angle in angles)
    tilts = (
        np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        for cosine in (down[:, 2], -np.sin(angles[1]))
    )
    values = (roll, pitch, np.mod(yaw, 360.0), *tilts, down)
    return Attitude(boot_us, *(one.astype(np.float32) for one in values))


def joined(parts: list[Attitude]) -> Attitude:
    """One attitude of several that follow each other, in order of time."""
    if not parts:
        return NOTHING
    boot_us, *values = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    if np.any(boot_us[1:] < boot_us[:-1]):
        order = np.argsort(boot_us, kind="stable")
        boot_us, values = boot_us[order], [one[order] for one in values]
    return Attitude(boot_us, *values)


def tilt(attitude: Attitude, fixed_wing: Track, kind: str | None) -> Track:
    """Degrees between the vehicle's vertical and the world's.

    A tailsitter in forward flight lies on its back for PX4: there its vertical is the body's x
    axis (the frame is turned by 90 degrees, as in FailureDetector.cpp).
    """
    if kind != "tailsitter" or not len(fixed_wing):
        return Track(attitude.boot_us, attitude.tilt_deg)
    places = np.searchsorted(fixed_wing.boot_us, attitude.boot_us, side="right") - 1
    on_wings = np.where(places >= 0, fixed_wing.values[np.maximum(places, 0)], 0.0) > 0
    return Track(attitude.boot_us, np.where(on_wings, attitude.nose_deg, attitude.tilt_deg))


def lean_error(boot_us: Times, real: Floats, wanted: Floats) -> Track:
    """Degrees between real and wanted thrust directions, (n, 3) each, at the same times."""
    cosine = np.clip(np.einsum("ij,ij->i", real, wanted), -1.0, 1.0)
    return track(boot_us, np.degrees(np.arccos(cosine)))
