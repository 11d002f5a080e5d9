"""Crashes and look-alikes in logs that lack something, are slow, or end anywhere."""

import numpy as np
import pytest

from tests.cases.judged import BOARDS, WRITERS, flown, judged
from tests.cases.thinned import THINNED, until
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.measure import Origin, measure
from windsock.firmware_sim.flights.trajectory import RATE_HZ

SEED = 1
BOTH = pytest.mark.parametrize("autopilot", WRITERS)
CRASHES = ["tumbling-fall", "bounced-in-cruise", "spiral-dive", "quadplane-falls"]
LOG_ENDS = ["power-lost", "card-pulled", "cut-while-falling"]
HARMLESS = ["normal", "firm-touchdown", "carried", "touch-and-go", "caught-by-hand", "hand-launch"]


def read(name, autopilot):
    return read_flight_log(WRITERS[autopilot](flown(name, SEED)))


def verdict(log):
    return judged(measure(log, Origin("0" * 32)).record)[:2]


@BOTH
@pytest.mark.parametrize("thinned", THINNED)
@pytest.mark.parametrize("name", CRASHES)
def test_a_crash_is_found_in_a_thin_log(name, thinned, autopilot):
    found, kind = verdict(THINNED[thinned](read(name, autopilot)))

    assert found == "crash" or (found, kind) == ("crash-like", "hard-landing")
    assert found == "crash" or thinned == "no-force"


@BOTH
@pytest.mark.parametrize("thinned", THINNED)
@pytest.mark.parametrize("name", LOG_ENDS)
def test_a_log_that_ends_in_the_air_is_never_silent(name, thinned, autopilot):
    assert verdict(THINNED[thinned](read(name, autopilot)))[0] in ("crash", "crash-like")


@BOTH
@pytest.mark.parametrize("thinned", THINNED)
@pytest.mark.parametrize("name", HARMLESS)
def test_nothing_is_made_of_what_a_thin_log_lacks(name, thinned, autopilot):
    assert verdict(THINNED[thinned](read(name, autopilot)))[0] == "none"


@BOTH
@pytest.mark.parametrize("name", CRASHES)
def test_a_crash_is_found_wherever_the_log_ends_after_it(name, autopilot):
    flight, log = flown(name, SEED), read(name, autopilot)
    hit_s = np.argmax(np.linalg.norm(flight.force_m_s2, axis=1)) / RATE_HZ
    ends = {
        after: verdict(until(log, BOARDS[autopilot].first_boot_us + round((hit_s + after) * 1e6)))
        for after in (0.7, 1.0, 1.5, 2.0, 3.0, 5.0)
    }

    assert {one for one, _ in ends.values()} == {"crash"}, ends


@BOTH
@pytest.mark.parametrize("name", ["normal", "firm-touchdown", "hand-launch"])
def test_a_landing_is_no_crash_wherever_its_log_ends(name, autopilot):
    flight, log = flown(name, SEED), read(name, autopilot)
    down_s = np.flatnonzero(flight.height_m > 1.0)[-1] / RATE_HZ
    for shift in np.arange(-4.0, 5.0, 0.5):
        end_us = BOARDS[autopilot].first_boot_us + round((down_s + shift) * 1e6)

        assert verdict(until(log, end_us)) in {
            ("none", "normal"),
            ("crash-like", "in-flight-log-end"),
        }, shift
