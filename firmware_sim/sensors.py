"""What sensors make of a trajectory: noise, filters, limits. Both autopilots' logs show it.

All times are indices into the trajectory, so that each writer logs at its own rates.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from windsock.firmware_sim.flights.rotation import Floats
from windsock.firmware_sim.flights.trajectory import GRAVITY, RATE_HZ, STEP_S, Trajectory

Rows = npt.NDArray[np.int64]

ACCELEROMETER_RANGE: Final = 16 * GRAVITY
"""Full scale of ICM-20x and ICM-42x as both autopilots set them."""
_ACCELEROMETER_NOISE: Final = 0.05
_GYRO_NOISE: Final = 0.005
_ATTITUDE_NOISE_RAD: Final = 0.004
_BAROMETER_NOISE_M: Final = 0.08
_BAROMETER_DRIFT_M: Final = 0.25
_WASH_M: Final = 0.6
"""Propellers near the ground press on the barometer: it reads low by as much."""
_WIND_SHARE: Final = 0.15
"""How much of the dynamic pressure reaches the barometer."""
_GPS_NOISE_M: Final = np.array([0.4, 0.4, 0.9])
_GPS_NOISE_M_S: Final = 0.08
_GPS_LATE_S: Final = 0.12
_CELL_OHM: Final = 0.004
_IDLE_A: Final = 0.6
_EARTH_M: Final = 6_371_000.0


class Sensors:
    """Readings of one flight, the same at every call: noise comes from the trajectory's seed."""

    def __init__(self, flight: Trajectory) -> None:
        self.flight = flight
        self._felt: dict[int, Floats] = {}

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.flight.seed, *name.encode()])

    def acceleration(self, number: int = 0) -> Floats:
        """Specific force by one accelerometer within its range, (n, 3)."""
        if number not in self._felt:
            self._felt[number] = self._feel(number)
        return self._felt[number]

    def _feel(self, number: int) -> Floats:
        rng = self._rng(f"accelerometer {number}")
        noise = np.hypot(self.flight.shaking_m_s2 * np.sqrt(2.0), _ACCELEROMETER_NOISE)
        bias = rng.normal(0.0, 0.05, 3)
        felt = self.flight.force_m_s2 + bias + noise[:, None] * rng.normal(size=(len(noise), 3))
        return np.asarray(np.clip(felt, -ACCELEROMETER_RANGE, ACCELEROMETER_RANGE))

    def clips(self, number: int = 0) -> npt.NDArray[np.int64]:
        """Samples at full scale so far, of each axis, (n, 3)."""
        full = np.abs(self.acceleration(number)) >= ACCELEROMETER_RANGE
        return np.cumsum(full, axis=0)

    def turning(self) -> Floats:
        """Body rates in rad/s, (n, 3)."""
        return self.flight.rates_rad_s + self._rng("gyro").normal(
            0.0, _GYRO_NOISE, self.flight.rates_rad_s.shape
        )

    def attitude_noise(self, rows: Rows) -> Floats:
        """Errors of roll, pitch and yaw in radians, (rows, 3)."""
        return self._rng("attitude").normal(0.0, _ATTITUDE_NOISE_RAD, (len(rows), 3))

    def barometer(self, rows: Rows, number: int = 0) -> Floats:
        """Height above the place of arming in metres, with drift, propeller wash and wind."""
        rng, flight = self._rng(f"barometer {number}"), self.flight
        t_s, height = rows * STEP_S, flight.height_m[rows]
        drift = _BAROMETER_DRIFT_M * rng.normal() * np.sin(2 * np.pi * t_s / rng.uniform(60, 300))
        near = np.exp(-np.maximum(height, 0.0) / 1.0)
        wash = (
            _WASH_M * near * np.minimum(flight.throttle[rows] / flight.craft.hover_throttle, 1.5)
        )
        speed = np.linalg.norm(flight.velocity_m_s[rows], axis=1)
        wind = _WIND_SHARE * speed**2 / (2 * GRAVITY)
        noise = rng.normal(0.0, _BAROMETER_NOISE_M, len(rows))
        return np.asarray(height + drift - wash - wind + noise)

    def estimate(self, rows: Rows) -> tuple[Floats, Floats]:
        """Position and velocity by the estimator, (rows, 3) each, off after a shock."""
        rng, flight = self._rng("estimator"), self.flight
        upset = _since_shock(flight)[rows, None]
        position = flight.position_m[rows] + rng.normal(0.0, 0.02, (len(rows), 3))
        velocity = flight.velocity_m_s[rows] + rng.normal(0.0, 0.03, (len(rows), 3))
        error = rng.normal(0.0, 1.2, 3)
        return position + 1.5 * upset * error, velocity + upset * error

    def ratios(self, rows: Rows) -> Floats:
        """Innovation test ratios: velocity, position, height, magnetometer, (rows, 4)."""
        rng = self._rng("ratios")
        usual = np.abs(rng.normal(0.06, 0.04, (len(rows), 4)))
        return np.asarray(usual + 1.5 * _since_shock(self.flight)[rows, None])

    def vibration(self, rows: Rows) -> Floats:
        """Standard deviation of the acceleration around each row, (rows,)."""
        noise = np.abs(self._rng("vibration").normal(1.0, 0.1, len(rows)))
        return np.asarray((self.flight.shaking_m_s2[rows] + 0.05) * noise)

    def gps(self, rows: Rows) -> tuple[Floats, Floats]:
        """Position and velocity by satellites, (rows, 3) each, a little late."""
        rng = self._rng("gps")
        late = np.maximum(rows - round(_GPS_LATE_S * RATE_HZ), 0)
        wander = rng.normal(size=3) * np.sin(rows[:, None] * STEP_S / 20.0)
        position = self.flight.position_m[late] + _GPS_NOISE_M * wander
        noise = rng.normal(0.0, _GPS_NOISE_M_S, (len(rows), 3))
        return position, self.flight.velocity_m_s[late] + noise

    def battery(self) -> "Battery":
        """The battery at the trajectory's rate."""
        craft = self.flight.craft
        effort = self.flight.throttle / craft.hover_throttle
        current = _IDLE_A + craft.hover_a * effort**1.5 * self.flight.armed
        used = np.cumsum(current) * STEP_S / 3.6
        left = 1.0 - used / craft.capacity_mah
        volts = craft.cells * (3.55 + 0.6 * left - _CELL_OHM * current)
        return Battery(volts, current, used, np.clip(left, 0.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Battery:
    """Each (n,) at the trajectory's rate."""

    voltage_v: Floats
    current_a: Floats
    used_mah: Floats
    left: Floats
    """1 is full."""


def _since_shock(flight: Trajectory) -> Floats:
    """1 after a shock at the accelerometer's limit, fading within seconds; 0 without one."""
    hit = np.linalg.norm(flight.force_m_s2, axis=1) >= ACCELEROMETER_RANGE
    rows = np.arange(len(hit))
    last = np.maximum.accumulate(np.where(hit, rows, -1))
    return np.asarray(np.where(last < 0, 0.0, np.exp(-(rows - last) * STEP_S / 3.0)))


def averaged(values: Floats, width: int) -> Floats:
    """Means of `width` rows each, (n // width, ...): what an integrating IMU hands out."""
    whole = len(values) // width * width
    return np.asarray(values[:whole].reshape(-1, width, *values.shape[1:]).mean(axis=1))


def low_passed(values: Floats, cutoff_hz: float) -> Floats:
    """Through a Butterworth filter of second order, (n, 3), as autopilots filter accelerometers.

    Its impulse response, cut off after five periods, is convolved with each column.
    """
    omega = 2 * np.pi * cutoff_hz / np.sqrt(2.0)
    times = np.arange(round(2.5 * RATE_HZ / cutoff_hz)) * STEP_S
    response = np.exp(-omega * times) * np.sin(omega * times)
    response /= response.sum()
    padded = np.concatenate((np.repeat(values[:1], len(response) - 1, axis=0), values))
    columns = [np.convolve(column, response, "valid") for column in padded.T]
    return np.stack(columns, axis=1)


def degrees(position_m: Floats, lat_deg: float, lon_deg: float) -> tuple[Floats, Floats]:
    """Latitude and longitude of places (n, 3) in metres from home: fine for a few kilometres."""
    north = np.degrees(position_m[:, 0] / _EARTH_M)
    east = np.degrees(position_m[:, 1] / (_EARTH_M * np.cos(np.radians(lat_deg))))
    return lat_deg + north, lon_deg + east
