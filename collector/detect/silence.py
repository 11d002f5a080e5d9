"""How unusual a silence is, for this drone: the own-baseline score. Pure: arrays in, arrays out.

How improbable the gap is for its rate, on the fleet clock (Gamma-Poisson), divided by how many
times its longest gap is what chance gives: a drone that works in projects has been silent before.
Formulas, thresholds and their sources: docs/detection-inactivity.md.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from windsock.collector.detect.history import Standing
from windsock.collector.fleet.arrays import Ordinals, Reals, blocks

LONGEST_BY_CHANCE: Final = np.float32(1.25)
"""Of drones that fly by chance, one in four has had a gap longer than its mean gap x (ln(n + 1) +
this): -ln(-ln 0.75), as the longest of many exponential gaps is Gumbel distributed (Gumbel 1958).
One in four is our choice: docs/decisions/0014."""
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
    gaps = np.maximum(standing.gaps, 0).astype(np.float32)
    days = priors.rate_days[cohort] + standing.exposure
    improbable = (priors.shape[cohort] + gaps) * np.log1p(standing.gap / days)
    by_chance = standing.exposure * (np.log1p(gaps) + LONGEST_BY_CHANCE)
    clumped = standing.longest * gaps / np.maximum(by_chance, np.float32(1e-6))
    return np.asarray(improbable / np.maximum(clumped, 1), np.float32)


def _fit(rate: Reals, days: Reals, otherwise: Cohort) -> Cohort:
    """Mean and variance of the rates, less the part of that variance which is chance."""
    if len(rate) < _FIT_DRONES or not rate.any():
        return otherwise
    mean = float(rate.mean())
    spread = max(float(rate.var()) - float((rate / days).mean()), mean**2 / _SHAPES[1])
    shape = min(max(mean**2 / spread, _SHAPES[0]), _SHAPES[1])
    values = shape, shape / mean, float(np.median(rate))
    return Cohort(*(np.array([value], np.float32) for value in values))
