"""How unusual a silence is, for this drone: the own-baseline score. Pure: arrays in, arrays out.

The geometric mean of two scores on the fleet clock: how improbable the gap is for its rate
(Gamma-Poisson), and by how much it exceeds the longest one to expect. Formulas, thresholds and
their sources: docs/detection-inactivity.md.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.detect.history import Standing
from windsock.collector.fleet.arrays import Ordinals, Reals, blocks

EULER: Final = np.float32(0.58)
"""The longest of n + 1 exponential gaps is about mean x (ln(n + 1) + 0.58)."""
SPARE_DAYS: Final = np.float32(5.0)
"""So that a daily flyer's weekend is no record. DETECTION: score."""
_SHAPES: Final = (0.3, 10.0)
"""Beyond these a fit by moments says more of noise than of drones. Our choice."""
_FIT_DAYS: Final = 60.0
"""Clock days from which a drone's rate is worth something for its cohort. Our choice."""
_FIT_DRONES: Final = 20
"""As many as a region needs for a clock of its own. Our choice."""


class Cohort(NamedTuple):
    """Of each of c cohorts, how its drones fly: the prior of those that we don't know yet."""

    shape: Reals
    """r0 of the gamma distribution of its drones' rates ..."""
    rate_days: Reals
    """... and a0, in days."""
    median_a_day: Reals
    """Flight-days a clock day of its middle drone; NaN: too few drones to say."""


UNKNOWN: Final = Cohort(*(np.array([value], np.float32) for value in (1.0, 7.3, np.nan)))
"""50 flight-days a year, widely spread. DETECTION: simulated fleet."""


def cohorts(standing: Standing, cohort: Ordinals, number: int) -> Cohort:
    """Fit *number* cohorts by moments; *cohort* (n,) says which each drone belongs to.

    A cohort with fewer than 20 drones to go by is as the whole fleet, that as `UNKNOWN`.
    """
    days = standing.exposure + standing.gap
    fit = np.flatnonzero((standing.gaps >= 0) & (days >= _FIT_DAYS))
    rate = (standing.gaps[fit] + 1) / days[fit]
    every = _fit(rate, days[fit], UNKNOWN)
    order = np.argsort(cohort[fit], kind="stable")
    edges = np.searchsorted(cohort[fit][order], np.arange(number + 1))
    members = [order[begin:end] for begin, end in pairwise(edges)]
    each = [_fit(rate[one], days[fit][one], every) for one in members]
    return Cohort(*(np.concatenate(column) for column in zip(*each, strict=True)))


def score(standing: Standing, cohort: Ordinals, priors: Cohort) -> Reals:
    """How unusual it is that each has not flown for so long; 0 where it never did."""
    scores = np.empty(len(cohort), np.float32)
    for at in blocks(len(cohort)):
        scores[at] = _scores(standing.rows(at), cohort[at], priors)
    return scores


def _scores(standing: Standing, cohort: Ordinals, priors: Cohort) -> Reals:
    shape, rate_days = priors.shape[cohort], priors.rate_days[cohort]
    gaps = np.maximum(standing.gaps, 0).astype(np.float32)
    gap, days = standing.gap, rate_days + standing.exposure
    improbable = (shape + gaps) * np.log1p(gap / days)
    mean = np.where(
        standing.known(), standing.exposure / np.maximum(gaps, 1), days / (shape + gaps)
    )
    longest = np.maximum(standing.longest, mean * (np.log1p(gaps) + EULER)) + SPARE_DAYS
    return np.asarray(np.sqrt(improbable * gap / longest), np.float32)


def _fit(rate: Reals, days: Reals, otherwise: Cohort) -> Cohort:
    """Mean and variance of the rates, less the part of that variance which is chance."""
    if len(rate) < _FIT_DRONES or not rate.any():
        return otherwise
    mean = float(rate.mean())
    spread = max(float(rate.var()) - float((rate / days).mean()), mean**2 / _SHAPES[1])
    shape = min(max(mean**2 / spread, _SHAPES[0]), _SHAPES[1])
    values = shape, shape / mean, float(np.median(rate))
    return Cohort(*(np.array([value], np.float32) for value in values))
