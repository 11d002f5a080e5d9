"""Attitude as angles, whichever way the log holds it.

Axes are north-east-down for the world and front-right-down for the body (PX4 and ArduPilot alike).
"""

from typing import NamedTuple

import numpy as np

from windsock.agent.record.tracks import Floats, Mask


class Attitude(NamedTuple):
    """Angles, and how the body's axes lie in the world; (n,) each, NaN where nobody knows."""

    roll_deg: Floats
    pitch_deg: Floats
    yaw_deg: Floats
    tilt_deg: Floats
    """Between the body's and the world's down."""
    nose_deg: Floats
    """Between the body's x axis and the world's down."""
    down: Floats
    """(n, 3): body z in the world, yaw included only where it was logged as a quaternion."""


def from_quaternions(q: Floats) -> Attitude:
    """From body-to-world quaternions (n, 4), scalar first; zeros are none."""
    norm = np.linalg.norm(q, axis=1)
    w, x, y, z = (q / np.where(norm > 0, norm, np.nan)[:, None]).T
    roll = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * y - z * x), -1.0, 1.0))
    yaw = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    down = np.stack((2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)), axis=1)
    return _attitude(roll, pitch, yaw, down)


def from_angles(angles_deg: Floats) -> Attitude:
    """From roll, pitch and yaw in degrees, (n, 3)."""
    angles = np.radians(angles_deg)
    angles[~np.isfinite(angles).all(axis=1)] = np.nan
    roll, pitch, yaw = angles.T
    return _attitude(roll, pitch, yaw, thrust_axis(roll, pitch))


def thrust_axis(roll: Floats, pitch: Floats) -> Floats:
    """Body z for a heading of zero, from radians, (n, 3)."""
    return np.stack(
        (np.cos(roll) * np.sin(pitch), -np.sin(roll), np.cos(roll) * np.cos(pitch)), axis=1
    )


def _attitude(roll: Floats, pitch: Floats, yaw: Floats, down: Floats) -> Attitude:
    angles = [np.degrees(angle) for angle in (roll, pitch, yaw)]
    cosines = np.clip(down[:, 2], -1.0, 1.0), np.clip(-np.sin(pitch), -1.0, 1.0)
    tilt, nose = (np.degrees(np.arccos(cosine)) for cosine in cosines)
    return Attitude(angles[0], angles[1], np.mod(angles[2], 360.0), tilt, nose, down)


def tilt(attitude: Attitude, on_wings: Mask) -> Floats:
    """Degrees between the vehicle's vertical and the world's, (n,).

    A tailsitter in forward flight (`on_wings`) lies on its back for PX4: there its vertical is the
    body's x axis (the frame is turned by 90 degrees, as in FailureDetector.cpp).
    """
    return np.where(on_wings, attitude.nose_deg, attitude.tilt_deg)


def lean_error(real: Floats, wanted: Floats) -> Floats:
    """Degrees between real and wanted thrust directions, (n, 3) each."""
    cosine = np.clip(np.einsum("ij,ij->i", real, wanted), -1.0, 1.0)
    return np.asarray(np.degrees(np.arccos(cosine)))
