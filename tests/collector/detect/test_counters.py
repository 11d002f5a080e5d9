import numpy as np
import pytest

from windsock.collector.detect.counters import Explained, Readings, quiet_stretches
from windsock.collector.fleet.arrays import MISSING_US as NONE

FLOWN = 100


def quiet(*readings, airborne_s=0.0, flights=0):
    """(jumped, from, until) of one drone that flew at 100; readings (seen, flight time)."""
    seen, time = zip(*readings, strict=True) if readings else ((), ())
    found = quiet_stretches(
        Readings(
            np.zeros(len(seen), np.int32),
            np.zeros(len(seen), np.int32),
            np.array(seen, np.int64),
            np.array(time, np.float64),
        ),
        np.array([FLOWN]),
        Explained(np.array([airborne_s]), np.array([flights])),
    )
    return tuple(int(column[0]) for column in found)


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ([], (NONE, NONE, NONE)),
        ([(90, 50)], (NONE, NONE, NONE)),  # before the flight
        ([(150, 50)], (NONE, NONE, NONE)),  # one reading proves nothing
        ([(150, 50), (190, 50)], (NONE, 150, 190)),
        ([(100, 50), (190, 50)], (NONE, 100, 190)),
        ([(100, 50), (190, 59.9)], (NONE, 100, 190)),
        ([(100, 50), (190, 60)], (190, NONE, NONE)),
        ([(150, 50), (160, 70), (190, 70)], (160, 160, 190)),
        ([(150, 50), (160, 0), (190, 0)], (NONE, 160, 190)),  # parameter reset
        ([(150, 50), (160, 0)], (NONE, NONE, NONE)),
    ],
)
def test_what_readings_prove(readings, expected):
    jumped, start, until = quiet(*readings)

    if until != NONE and start == until:
        until = start = NONE
    assert (jumped, start, until) == expected


def test_flights_that_we_have_explain_a_rise():
    first = (100, 0)

    assert quiet(first, (190, 600 + 99), airborne_s=600, flights=1) == (NONE, 100, 190)
    assert quiet(first, (190, 600 + 100), airborne_s=600, flights=1)[0] == 190
    assert quiet(first, (190, 0), airborne_s=600, flights=1) == (NONE, 100, 190)


def test_drones_are_kept_apart():
    drones = np.array([0, 0, 2, 2], np.int32)
    seen = np.array([150, 160, 150, 170], np.int64)
    time = np.array([5.0, 5.0, 900.0, 950.0])
    nothing = Explained(np.zeros(3), np.zeros(3, np.int64))

    found = quiet_stretches(Readings(drones, drones, seen, time), np.full(3, FLOWN), nothing)

    assert found.jumped_us.tolist() == [NONE, NONE, 170]
    assert found.until_us.tolist() == [160, NONE, NONE]
