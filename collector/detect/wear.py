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
    share: float
    """Of its usual: how far flights of any drone vary, where no fleet says better. Our choice."""


SIGNS: Final = (
    Sign("vibration_m_s2", 0.5, 0.25),
    Sign("motor_asymmetry_pct", 1.0, 0.28),
    Sign("battery_sag_pct", 1.0, 0.25),
    Sign("estimator_ratio", 0.05, 0.38),
)
PRIOR_DRONES: Final = 20
"""Drones for which `Sign.share` counts beside those of the fleet. Replay: benchmarks/wear.py."""
_MAD_TO_SIGMA: Final = 1.4826
"""Of a normal distribution."""


class WearLimits(NamedTuple):
    """The thresholds."""

    score: float = 3.0
    """Robust standard deviations. Replay: 0.12 to 0.13 false lines a drone and year in fleets of
    1 to 1,500 drones that vary by `Sign.share`; more in small ones that vary by more."""
    least_before: int = 10
    """Flights with a value, for a usual."""


class Usual(NamedTuple):
    """What flights say of n drones and the signs, (n, len(SIGNS)) each."""

    now: Cube
    usual: Cube
    spread: Cube
    """Robust standard deviations of the flights that are the usual."""
    share: Cube
    """Of the usual: `spread`; NaN: unknown, or the usual is 0."""
    enough: Mask
    """Flights, to say anything."""


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
    """Judge drones by *flights*, (n, FLIGHTS, len(SIGNS)), the newest first: one fleet's."""
    usual = usuals(flights, limits)
    return held(usual, fleets_shares(usual.share[None])[0], limits)


def usuals(flights: Cube, limits: WearLimits) -> Usual:
    """Each drone by itself."""
    now, of_now = _median(flights[:, :RECENT])
    before = flights[:, RECENT + BETWEEN :]
    usual, of_usual = _median(before)
    spread = _MAD_TO_SIGMA * _median(np.abs(before - usual[:, None, :]))[0]
    known = of_usual >= limits.least_before
    share = np.divide(spread, usual, out=np.full_like(spread, np.nan), where=known & (usual > 0))
    return Usual(now, usual, spread, share, (of_now == RECENT) & known)


def fleets_shares(shares: Cube) -> Cube:
    """(k, len(SIGNS)) of the drones of *k* fleets, (k, n, len(SIGNS)); NaN: unknown.

    Twenty flights tell a spread badly: one that came out small by chance makes noise look like
    wear. The fleet's middle drone tells it better, and that of few drones as badly again: it
    counts for as many drones as are known, and `Sign.share` for `PRIOR_DRONES`.
    """
    prior = np.array([sign.share for sign in SIGNS])
    if not shares.shape[1]:
        return np.tile(prior, (len(shares), 1))
    middle, known = _median(shares)
    told = known * np.nan_to_num(middle) + PRIOR_DRONES * prior
    weighed: Cube = told / (known + PRIOR_DRONES)
    return weighed


def held(by: Usual, share: Cube, limits: WearLimits) -> Wear:
    """Held to at least *share* of their usual: one for all, or one a drone."""
    least = np.array([sign.least for sign in SIGNS])
    spread = np.maximum(by.spread, np.maximum(share * by.usual, least))
    score = (by.now - by.usual) / spread
    score[~by.enough] = np.nan
    return Wear(score >= limits.score, score, by.usual, by.now)


def _median(values: Cube) -> tuple[Cube, npt.NDArray[np.int64]]:
    """Along the second axis without NaN, and of how many values."""
    ordered = np.sort(values, axis=1)  # NaN goes last
    number = np.count_nonzero(~np.isnan(values), axis=1)
    low_at, high_at = np.maximum(number - 1, 0) // 2, number // 2
    high_at = np.minimum(high_at, values.shape[1] - 1)
    low = np.take_along_axis(ordered, low_at[:, None], axis=1)[:, 0]
    high = np.take_along_axis(ordered, high_at[:, None], axis=1)[:, 0]
    return (low + high) / 2, number
