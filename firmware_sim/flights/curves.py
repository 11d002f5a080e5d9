"""Shapes over time that manoeuvres are made of."""

from typing import Final

import numpy as np

from windsock.firmware_sim.flights.rotation import Floats

_TONES: Final = 8


def eased(times: Floats, seconds: float, start: float = 0.0) -> Floats:
    """From 0 to 1 between `start` and `start + seconds`, without a jerk at either end.

    The minimum-jerk polynomial (Flash and Hogan, 1985): its mean is one half.
    """
    share = np.clip((times - start) / max(seconds, 1e-9), 0.0, 1.0)
    return np.asarray(share**3 * (10.0 + share * (6.0 * share - 15.0)))


def wandering(rng: np.random.Generator, times: Floats, fastest_hz: float) -> Floats:
    """A smooth random curve of standard deviation 1 that starts and ends at 0, (n,).

    It fades in and out within half its shortest period, at most 2 s.
    """
    hz = fastest_hz * rng.uniform(0.1, 1.0, _TONES)
    phase = rng.uniform(0.0, 2 * np.pi, _TONES)
    tones = np.cos(2 * np.pi * hz[:, None] * times + phase[:, None])
    fade = tapered(times, min(0.5 / fastest_hz, 2.0))
    return np.asarray(tones.sum(axis=0) * np.sqrt(2.0 / _TONES) * fade)


def tapered(times: Floats, seconds: float) -> Floats:
    """1 with an eased start and end, (n,)."""
    fade = min(seconds, float(times[-1]) / 2)
    return eased(times, fade) * (1.0 - eased(times, fade, float(times[-1]) - fade))


def pulse(times: Floats, seconds: float, start: float = 0.0) -> Floats:
    """From 0 to 1 along half a cosine: what a spring does to a speed it stops."""
    share = np.clip((times - start) / seconds, 0.0, 1.0)
    return np.asarray((1.0 - np.cos(np.pi * share)) / 2)
