"""How often something happens, and how sure that is: Gamma-Poisson intervals. Pure.

With *k* events in *n* flights and Jeffreys' prior Gamma(1/2, 0) the rate is Gamma(k + 1/2, n)
(Box & Tiao, Bayesian Inference in Statistical Analysis, 1973, section 1.3). The incomplete gamma
function is computed as in Press et al., Numerical Recipes, 3rd edition, section 6.2.
"""

import math
from typing import Final, NamedTuple

LEAST_FLIGHTS: Final = 50
"""Of fewer flights no rate is shown. DETECTION: firmware compliance."""
LEVEL: Final = 0.95
"""Of the interval: 2.5 % of the belief lie on either side."""
_PRIOR: Final = 0.5
_STEPS: Final = 200


class Rate(NamedTuple):
    """Events per 1,000 flights, and the interval that holds the truth with `LEVEL`."""

    per_1000: float
    lower: float
    upper: float


def rate(events: int, flights: int) -> Rate | None:
    """The rate of *events*; None for fewer than `LEAST_FLIGHTS`. No event: the lower end is 0."""
    if flights < LEAST_FLIGHTS:
        return None
    shape, tail = events + _PRIOR, (1 - LEVEL) / 2
    lower = gamma_quantile(tail, shape) if events else 0.0
    upper = gamma_quantile(1 - tail, shape)
    return Rate(*(1000 / flights * value for value in (events, lower, upper)))


def worse(new: Rate | None, old: Rate | None) -> bool:
    """Certainly: even the lower end of *new* is above the upper end of *old*."""
    return new is not None and old is not None and new.lower > old.upper


def gamma_quantile(share: float, shape: float) -> float:
    """Where *share* (0 < share < 1) of Gamma(*shape*, 1) lies below, by bisection."""
    low, high = 0.0, shape + 10 * math.sqrt(shape) + 10
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if gamma_share(shape, middle) < share else (low, middle)
    return (low + high) / 2


def gamma_share(shape: float, x: float) -> float:
    """P(shape, x): the share of Gamma(*shape*, 1) that lies below *x*."""
    if x <= 0:
        return 0.0
    scale = math.exp(-x + shape * math.log(x) - math.lgamma(shape))
    return scale * _series(shape, x) if x < shape + 1 else 1 - scale * _fraction(shape, x)


def _series(shape: float, x: float) -> float:
    term = total = 1 / shape
    for step in range(1, _STEPS + int(10 * math.sqrt(shape))):
        term *= x / (shape + step)
        total += term
        if term < total * 1e-16:
            break
    return total


def _fraction(shape: float, x: float) -> float:
    """Lentz's way through the continued fraction."""
    tiny = 1e-300
    b = x + 1 - shape
    c, d = 1 / tiny, 1 / b
    total = d
    for step in range(1, _STEPS + int(10 * math.sqrt(shape))):
        a = -step * (step - shape)
        b += 2
        d = 1 / ((a * d + b) or tiny)
        c = (b + a / c) or tiny
        total *= d * c
        if abs(d * c - 1) < 1e-15:  # noqa: PLR2004 - as near as a float comes
            break
    return total
