"""A height that was not held, full-scale samples at contact, what counts as a crash check."""

import numpy as np
import pytest

from tests.agent.record import scripted
from tests.agent.record.scripted import normal, steps, table
from windsock.agent.record.measure import Origin, measure

PLANE = "ArduPlane V4.4.0 (0123abcd)"
SINKING = steps(60, (5, 0), (15, 20), (40, 20), (52, 0))
"""Down at 1.7 m/s from 20 m."""


def facts(log):
    (flight,) = measure(log, Origin("0" * 32)).record.flights
    return flight.facts


def holding(wanted_m):
    """A PX4 flight that sinks from 20 m, and the height that it holds."""
    log = scripted.ulog(normal(height_m=SINKING))
    us = log.tables["vehicle_local_position"][0].boot_us
    wanted = np.broadcast_to(wanted_m, us.shape)
    name = "vehicle_local_position_setpoint"
    log.tables[name] = {0: table(name, us, z=-wanted.astype(np.float64))}
    return log


def test_how_far_below_the_height_it_held():
    assert facts(holding(20.0))["below_wanted_m"] == pytest.approx(20.0, abs=2.0)
    assert facts(holding(np.nan)).get("below_wanted_m") is None
    assert facts(holding(SINKING[::5]))["below_wanted_m"] == pytest.approx(0.0, abs=0.2)


def test_sinking_at_full_throttle_is_timed_just_before_contact():
    full = steps(60, (4, 0), (4.1, 0.4), (45, 0.4), (45.1, 1.0), (52.0, 1.0), (52.1, 0))
    landing = scripted.dataflash(normal(height_m=SINKING))
    weak = scripted.dataflash(normal(height_m=SINKING, throttle=full))

    assert facts(landing)["full_thrust_sinking_s"] == 0.0
    assert facts(weak)["full_thrust_sinking_s"] == pytest.approx(5.0, abs=0.3)


def clipping(*points):
    """The facts of a normal flight whose clip counter goes through (second, count) points."""
    script = normal()
    log = scripted.dataflash(script)
    us = np.rint(script.times * 1e6).astype(np.int64)[::5]
    log.tables["VIBE"] = {0: table("VIBE", us, Clip=np.floor(steps(60, *points)[::5]))}
    return facts(log)


def test_full_scale_samples_count_at_contact_beyond_what_vibration_makes():
    assert clipping((0, 0), (60, 0))["contact_clips"] == 0
    assert clipping((51.8, 0), (52.2, 12))["contact_clips"] == 12
    assert clipping((10, 0), (60, 500))["contact_clips"] <= 1
    assert clipping((20, 0), (20.2, 40))["contact_clips"] == 0


@pytest.mark.parametrize(
    ("text", "fired"),
    [
        ("Crash detected", 1),
        ("Crash detected. No action taken", 1),
        ("Hard landing detected", 0),
        ("Crash check disabled", 0),
    ],
)
def test_arduplane_says_in_words_that_its_crash_check_fired(text, fired):
    log = scripted.dataflash(normal(mode=[(0.0, 10)], messages=[(54.0, text)]), PLANE)

    assert facts(log)["autopilot_crash"] == fired


def test_px4_says_it_by_a_flag():
    log = scripted.ulog(normal())
    us = log.tables["vehicle_status"][0].boot_us
    log.tables["failure_detector_status"] = {
        0: table("failure_detector_status", us, fd_crash=(us > 53_000_000).astype(np.uint8))
    }

    assert facts(log)["autopilot_crash"] == 1
    assert facts(log)["autopilot_crash_boot_s"] == pytest.approx(53.1, abs=0.3)
