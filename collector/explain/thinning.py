"""Series that are longer than a screen is wide, as what can be seen of them. Pure."""

from typing import Final

import numpy as np

from windsock.collector.explain.plots import Band, Curve
from windsock.collector.explain.reading import Floats

MOST: Final = 1500
"""Points of a curve: more than a phone or a laptop has pixels across."""


def thinned(at: Floats, values: Floats, gap: float) -> tuple[tuple[Band, ...], tuple[Curve, ...]]:
    """One curve of all values (n,), or a band of each bucket's extremes where they are too many.

    NaN is left out; `at` never decreases.
    """
    known = np.isfinite(at) & np.isfinite(values)
    at, values = at[known], values[known]
    if len(at) <= MOST:
        return (), (Curve(at, values, gap),)
    firsts = np.linspace(0, len(at), MOST // 2, endpoint=False).astype(np.int64)
    low = np.minimum.reduceat(values, firsts)
    high = np.maximum.reduceat(values, firsts)
    widest = float(np.diff(at[firsts]).min()) * 1.5
    return (Band(at[firsts], low, high, max(gap, widest)),), ()
