"""Scripted flights, and what the crash rule says of them."""

import numpy as np
import pytest

from tests.agent.record import scripted
from tests.agent.record.scripted import bumped, normal, steps
from windsock.agent.record.measure import Origin, measure
from windsock.collector.detect.crash import judge
from windsock.protocol.facts import matrix

PLANE = "ArduPlane V4.4.0 (0123abcd)"
BOTH = pytest.mark.parametrize("make", [scripted.dataflash, scripted.ulog])


def words(log):
    record = measure(log, Origin("0" * 32)).record
    if not record.flights:
        return ("none", "no-flight")
    return judge(matrix([flight.facts for flight in record.flights])).words(0)


def falling(seconds, start, height):
    """A free fall from a height, in metres at 50 Hz, then the ground."""
    times = np.arange(int(seconds * scripted.HZ)) / scripted.HZ
    fallen = np.where(times < start, 0.0, 4.905 * (times - start) ** 2)
    return np.maximum(height - fallen, 0.0), start + (height / 4.905) ** 0.5


def crashed(roll_after=110.0, impact=200.0, **changes):
    """Like `normal`, but at 35 s it loses thrust at 10 m, tumbles and hits."""
    flight = normal()
    height, hit = falling(60, 35.0, 10.0)
    height = np.minimum(np.asarray(flight.height_m), height)
    force = np.where((flight.times > 35) & (flight.times < hit), 1.0, scripted.GRAVITY)
    roll = np.interp(flight.times, (35.0, 36.0), (0.0, roll_after))
    curves = {
        "height_m": height,
        "force": bumped(force, hit, impact),
        "roll_deg": roll,
        "wanted_roll_deg": 0.0,
        "throttle": steps(60, (4, 0), (4.1, 0.4), (38, 0.4), (38.1, 0)),
    }
    return normal(**(curves | changes))
