"""BG/NBD, from its published formulas, as a peer.

P. Fader, B. Hardie, K. L. Lee, "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24 (2005), equation 7 (likelihood); B. Hardie, note 021,
"Computing P(alive) Using the BG/NBD Model".
"""

from math import lgamma

import numpy as np

START = np.log([1.0, 10.0, 1.0, 3.0])
STEPS = 200


def fit(x, t_x, period):
    """r, alpha, a, b of greatest likelihood; x repeats, the last at t_x, watched for *period*."""
    seen = period > 0
    x, t_x, period = x[seen], t_x[seen].astype(float), period[seen].astype(float)
    return np.exp(nelder_mead(lambda logs: -_log_likelihood(np.exp(logs), x, t_x, period), START))


def p_alive(parameters, x, t_x, period):
    """The chance that each has not stopped; 1 where it never came back."""
    r, alpha, a, b = parameters
    ratio = a / (b + np.maximum(x, 1) - 1) * ((alpha + period) / (alpha + t_x)) ** (r + x)
    return 1 / (1 + np.where(x > 0, ratio, 0))


def _log_likelihood(parameters, x, t_x, period):
    r, alpha, a, b = parameters
    counts = np.arange(x.max() + 1)
    log_gamma = [np.array([lgamma(base + k) for k in counts])[x] for base in (r, a + b, b)]
    first = log_gamma[0] - lgamma(r) + r * np.log(alpha)
    second = lgamma(a + b) - log_gamma[1] + log_gamma[2] - lgamma(b)
    alive = -(r + x) * np.log(alpha + period)
    stopped = np.log(a / (b + np.maximum(x, 1) - 1)) - (r + x) * np.log(alpha + t_x)
    both = np.where(x > 0, np.logaddexp(alive, stopped), alive)
    total = float(np.sum(first + second + both))
    return total if np.isfinite(total) else -1e300


def nelder_mead(function, start):
    """The simplex of Nelder and Mead (1965)."""
    points = np.vstack([start, start + np.eye(len(start)) * 0.5])
    values = np.array([function(point) for point in points])
    for _ in range(STEPS):
        order = np.argsort(values)
        points, values = points[order], values[order]
        centre = points[:-1].mean(axis=0)
        tried = [centre + step * (centre - points[-1]) for step in (1.0, 2.0, 0.5, -0.5)]
        found = [function(point) for point in tried]
        best = int(np.argmin(found))
        if found[best] < values[-1]:
            points[-1], values[-1] = tried[best], found[best]
        else:
            points[1:] = points[0] + (points[1:] - points[0]) / 2
            values[1:] = [function(point) for point in points[1:]]
    return points[np.argmin(values)]
