"""D1b: flies rarely, against its own baseline and against its cohort. Pure: arrays in, out.

Formulas, thresholds and their sources: docs/detection-inactivity.md.
"""

from typing import Final, NamedTuple

import numpy as np

from windsock.collector.detect.history import Standing
from windsock.collector.detect.silence import Cohort
from windsock.collector.fleet.arrays import Mask, Ordinals, Reals, blocks


class RarelyLimits(NamedTuple):
    """The thresholds of D1b."""

    cusum: float = 3.75
    """Rare from so many missing flights on, for each unit of dispersion: where flights come in
    projects more have to be missing. Replay: 0.1 false alarms a drone-year in a steady fleet."""
    share: float = 0.5
    """And at or below this share of the usual number: little is made of a busy drone's holiday.
    Our choice."""
    cohort_share: float = 0.25
    """Rare below this share of what its cohort's middle drone flies. Our choice: a rate that
    fell to a quarter is what the fleet simulations call flying rarely."""
    cohort_days: float = 182.0
    """Clock days it must have been watched for that. Our choice: half a year."""
    margin: float = 2.0
    """What is open closes at this factor of its threshold, so that it doesn't flicker. Ours."""


DEFAULTS: Final = RarelyLimits()


class Rarely(NamedTuple):
    """Of n drones."""

    below_own: Mask
    below_cohort: Mask


def flies_rarely(
    standing: Standing,
    cohort: Ordinals,
    priors: Cohort,
    limits: RarelyLimits = DEFAULTS,
    open_before: Mask | None = None,
) -> Rarely:
    """Judge each; *open_before*: those whose case is open, held to less by `margin`."""
    below_own, below_cohort = np.empty((2, len(cohort)), np.bool_)
    ease: Reals = np.ones(1, np.float32)
    for at in blocks(len(cohort)):
        if open_before is not None:
            ease = np.where(open_before[at], np.float32(limits.margin), np.float32(1))
        some = standing.rows(at)
        below_own[at] = _below_own(some, limits, ease)
        below_cohort[at] = _below_cohort(some, cohort[at], priors, limits, ease)
    return Rarely(below_own, below_cohort)


def _below_own(standing: Standing, limits: RarelyLimits, ease: Reals) -> Mask:
    few = standing.recent <= np.float32(limits.share) * ease * standing.expected
    missing: Mask = standing.missing * ease >= limits.cusum
    return missing & few & (standing.expected > 0)


def _below_cohort(
    standing: Standing, cohort: Ordinals, priors: Cohort, limits: RarelyLimits, ease: Reals
) -> Mask:
    days = standing.exposure + standing.gap
    least = priors.median_a_day[cohort] * limits.cohort_share * ease
    low: Mask = (standing.gaps + 1 < least * days) & (standing.gaps >= 0)
    return low & (days >= limits.cohort_days)
