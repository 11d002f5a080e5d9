"""X3: a drone that wears out, by its own last flights. Pure: arrays in, arrays out.

The median of the last five flights against twenty before them, in robust standard deviations as in
Iglewicz & Hoaglin, How to Detect and Handle Outliers (1993), section 3. docs/detection-wear.md.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.collector.fleet.arrays import Mask
from windsock.protocol.facts import COLUMN, Matrix

RECENT: Final = 5
"""Flights: two rough ones among them are not wear. Replay: benchmarks/wear.py, as the others."""
BETWEEN: Final = 5
"""Flights that count for neither: what begins to wear is not its own usual yet."""
BEFORE: Final = 20
"""Flights that are a drone's own usual. DESIGN: X3."""
FLIGHTS: Final = RECENT + BETWEEN + BEFORE

Cube = npt.NDArray[np.float64]


class Sign(NamedTuple):
    """Something that rises as a drone wears."""

    name: str
    least: float
    """Robust standard deviations below this count as this: what is not worth a look."""


SIGNS: Final = (
    Sign("vibration_m_s2", 0.5),
    Sign("motor_asymmetry_pct", 1.0),
    Sign("battery_sag_pct", 1.0),
    Sign("estimator_ratio", 0.05),
)
_MAD_TO_SIGMA: Final = 1.4826
"""Of a normal distribution."""


class WearLimits(NamedTuple):
    """The thresholds."""

    score: float = 3.0
    """Robust standard deviations. Replay: 0.1 false lines a drone and year."""
    least_before: int = 10
    """Flights with a value, for a usual."""


class Wear(NamedTuple):
    """Of n drones and the signs, (n, len(SIGNS)) each; NaN: too few flights to say."""

    worn: Mask
    score: Cube
    usual: Cube
    now: Cube


def signs(facts: Matrix) -> Cube:
    """(flights, len(SIGNS)) of facts, NaN where something was not measured."""
    voltage_v = facts[:, COLUMN["voltage_start_v"]].astype(np.float64)
    lowest_v = facts[:, COLUMN["voltage_min_v"]].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        sag_pct = np.where(voltage_v > 0, (voltage_v - lowest_v) / voltage_v * 100, np.nan)
    columns = [
        facts[:, COLUMN["vibration_m_s2"]],
        facts[:, COLUMN["motor_asymmetry_pct"]],
        sag_pct,
        facts[:, COLUMN["estimator_ratio_max"]],
    ]
    return np.stack(columns, axis=1).astype(np.float64)


def wear(flights: Cube, limits: WearLimits) -> Wear:
    """Judge drones by *flights*, (n, FLIGHTS, len(SIGNS)), the newest first."""
    now, of_now = _median(flights[:, :RECENT])
    before = flights[:, RECENT + BETWEEN :]
    usual, of_usual = _median(before)
    spread = _MAD_TO_SIGMA * _median(np.abs(before - usual[:, None, :]))[0]
    known = of_usual >= limits.least_before
    least = np.array([sign.least for sign in SIGNS])
    spread = np.maximum(spread, np.maximum(_fleets_share(spread, usual, known) * usual, least))
    score = (now - usual) / spread
    score[(of_now < RECENT) | ~known] = np.nan
    return Wear(score >= limits.score, score, usual, now)


def _fleets_share(spread: Cube, usual: Cube, known: Mask) -> Cube:
    """(len(SIGNS),) spread of the middle drone, as a share of its usual; 0 where nobody knows.

    Twenty flights tell a spread badly: one that came out small by chance makes noise look like
    wear.
    """
    if not len(spread):
        return np.zeros(spread.shape[1])
    share = np.divide(spread, usual, out=np.full_like(spread, np.nan), where=known & (usual > 0))
    middle, _ = _median(share[None])
    return np.asarray(np.nan_to_num(middle[0]))


def _median(values: Cube) -> tuple[Cube, npt.NDArray[np.int64]]:
    """Along the second axis without NaN, and of how many values."""
    ordered = np.sort(values, axis=1)  # NaN goes last
    number = np.count_nonzero(~np.isnan(values), axis=1)
    low_at, high_at = np.maximum(number - 1, 0) // 2, number // 2
    high_at = np.minimum(high_at, values.shape[1] - 1)
    low = np.take_along_axis(ordered, low_at[:, None], axis=1)[:, 0]
    high = np.take_along_axis(ordered, high_at[:, None], axis=1)[:, 0]
    return (low + high) / 2, number
