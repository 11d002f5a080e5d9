"""Quantiles, without the look for masked arrays that costs numpy's own a megabyte of memory."""

import numpy as np

from windsock.agent.record.tracks import Floats


def median(values: Floats) -> float:
    """Median of values, (n,), without the missing ones; NaN where there is none.

    Equal to `np.nanmedian`, which imports `numpy.ma` to find out that nothing is masked.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan")
    middles = [(len(known) - 1) // 2, len(known) // 2]
    return float(np.partition(known, middles)[middles].mean())


def quantile(values: Floats, share: float) -> float:
    """What so large a share of values, (n,), n > 0, all known, is below; linear between two."""
    place = share * (len(values) - 1)
    below = int(place)
    beside = [below, min(below + 1, len(values) - 1)]
    low, high = np.partition(values, beside)[beside].tolist()
    return float(low + (high - low) * (place - below))
