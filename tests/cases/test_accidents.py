"""One accident of each kind, flown, logged, measured and judged: found, and called what it is."""

import numpy as np
import pytest

from tests.cases.judged import (
    ARDUPILOT,
    BOARDS,
    PX4,
    SEEDS,
    WRITERS,
    flown,
    judged,
    record,
    verdicts,
)
from windsock.protocol.verdicts import KINDS

CRASH = {("crash", "impact")}
UNRECORDED = {("crash", "impact-not-recorded")}
SAID = {("crash", "autopilot-only"), ("crash-like", "autopilot-only")}
TIPPED = {("crash-like", "tip-over")}
STOPPED = UNRECORDED | {("crash-like", "disarm-in-air")}
SOFT = {("crash-like", "hard-landing"), ("crash-like", "lost-attitude")}
LOG_END = {("crash-like", "in-flight-log-end")}
CAUGHT = CRASH | TIPPED | {("crash-like", "lost-attitude")}

CASES = [
    ("level-fall", PX4, CRASH),
    ("level-fall", ARDUPILOT, CRASH),
    ("tumbling-fall", PX4, CRASH),
    ("tumbling-fall", ARDUPILOT, CRASH),
    ("from-a-small-hop", PX4, CRASH),
    ("from-a-small-hop", ARDUPILOT, CRASH),
    ("bounced-in-cruise", PX4, CRASH),
    ("bounced-in-cruise", ARDUPILOT, CRASH),
    ("sinks-at-full-thrust", PX4, CRASH),
    ("sinks-at-full-thrust", ARDUPILOT, CRASH),
    ("crashed-in-acro", PX4, CRASH),
    ("crashed-in-acro", ARDUPILOT, CRASH),
    ("down-a-slope", PX4, CRASH),
    ("down-a-slope", ARDUPILOT, CRASH),
    ("under-parachute", PX4, STOPPED),  # its log ends a second after the disarming
    ("under-parachute", ARDUPILOT, CRASH),
    ("stays-in-a-tree", PX4, CRASH | TIPPED),
    ("stays-in-a-tree", ARDUPILOT, CRASH | TIPPED),
    ("into-water", PX4, CRASH | SOFT),
    ("into-water", ARDUPILOT, CRASH | SOFT),
    ("spiral-dive", PX4, CRASH),
    ("spiral-dive", ARDUPILOT, CRASH),
    ("lost-in-transition", PX4, CRASH),
    ("lost-in-transition", ARDUPILOT, CRASH),
    ("quadplane-falls", PX4, CRASH),
    ("quadplane-falls", ARDUPILOT, CRASH),
    ("cut-while-falling", PX4, UNRECORDED),
    ("cut-while-falling", ARDUPILOT, UNRECORDED),
    ("killed-in-air", PX4, UNRECORDED),  # its log ends a second later
    ("killed-in-air", ARDUPILOT, CRASH),
    ("caught-in-a-bush", PX4, CAUGHT),
    ("caught-in-a-bush", ARDUPILOT, SAID),
    ("hard-landing", PX4, {("crash-like", "hard-landing")}),
    ("hard-landing", ARDUPILOT, {("crash-like", "hard-landing")}),
    ("tripped-over", PX4, TIPPED),
    ("tripped-over", ARDUPILOT, TIPPED),
    ("toppled-later", PX4, TIPPED),
    ("toppled-later", ARDUPILOT, TIPPED),
    ("tailsitter-tips-over", PX4, TIPPED),
    ("tailsitter-tips-over", ARDUPILOT, TIPPED),
    ("power-lost", PX4, LOG_END),
    ("power-lost", ARDUPILOT, LOG_END),
    ("plane-power-lost", PX4, LOG_END),
    ("plane-power-lost", ARDUPILOT, LOG_END),
    ("plane-disarmed-in-air", PX4, {("crash-like", "disarm-in-air")}),
    ("plane-disarmed-in-air", ARDUPILOT, {("crash-like", "disarm-in-air")}),
    ("upset-and-recovered", PX4, {("crash-like", "lost-attitude")}),
    ("upset-and-recovered", ARDUPILOT, {("crash-like", "lost-attitude")}),
    ("flown-away", PX4, {("crash-like", "fly-away")}),
    ("flown-away", ARDUPILOT, {("crash-like", "fly-away")}),
    ("landed-by-failsafe", PX4, {("crash-like", "failsafe-landing")}),
    ("landed-by-failsafe", ARDUPILOT, {("crash-like", "failsafe-landing")}),
]
HARMLESS = {"no-flight", "not-airborne", "normal", "facts-missing", "unreadable"}


@pytest.mark.parametrize(("name", "autopilot", "expected"), CASES)
def test_every_accident_is_found_as_what_it_is(name, autopilot, expected):
    found = verdicts(name, autopilot)

    assert set(found.values()) <= expected, found


def test_there_is_a_case_of_every_kind():
    kinds = {kind for _, _, expected in CASES for _, kind in expected}

    assert kinds == set(KINDS) - HARMLESS


@pytest.mark.parametrize("autopilot", WRITERS)
@pytest.mark.parametrize("name", ["level-fall", "tumbling-fall", "hard-landing", "spiral-dive"])
def test_the_event_is_the_impact(name, autopilot):
    for seed in SEEDS:
        flight = flown(name, seed)
        hit_s = np.argmax(np.linalg.norm(flight.force_m_s2, axis=1)) / 500
        *_, event_s = judged(record(WRITERS[autopilot](flight)))

        assert event_s == pytest.approx(BOARDS[autopilot].first_boot_us / 1e6 + hit_s, abs=1.0)
