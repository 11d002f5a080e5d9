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
LOG_END = {("crash-like", "in-flight-log-end")}
CAUGHT = CRASH | TIPPED | {("crash-like", "lost-attitude")}
NOT_YET = "no fact measures where it was to land, or that it flies away"

CASES = [
    ("level-fall", PX4, CRASH, None),
    ("level-fall", ARDUPILOT, CRASH, None),
    ("tumbling-fall", PX4, CRASH, None),
    ("tumbling-fall", ARDUPILOT, CRASH, None),
    ("from-a-small-hop", PX4, CRASH, None),
    ("from-a-small-hop", ARDUPILOT, CRASH, None),
    ("bounced-in-cruise", PX4, CRASH, None),
    ("bounced-in-cruise", ARDUPILOT, CRASH, None),
    ("spiral-dive", PX4, CRASH, None),
    ("spiral-dive", ARDUPILOT, CRASH, None),
    ("lost-in-transition", PX4, CRASH, None),
    ("lost-in-transition", ARDUPILOT, CRASH, None),
    ("quadplane-falls", PX4, CRASH, None),
    ("quadplane-falls", ARDUPILOT, CRASH, None),
    ("cut-while-falling", PX4, UNRECORDED, None),
    ("cut-while-falling", ARDUPILOT, UNRECORDED, None),
    ("killed-in-air", PX4, UNRECORDED, None),  # its log ends a second later
    ("killed-in-air", ARDUPILOT, CRASH, None),
    ("caught-in-a-bush", PX4, CAUGHT, None),
    ("caught-in-a-bush", ARDUPILOT, SAID, None),
    ("hard-landing", PX4, {("crash-like", "hard-landing")}, None),
    ("hard-landing", ARDUPILOT, {("crash-like", "hard-landing")}, None),
    ("tripped-over", PX4, TIPPED, None),
    ("tripped-over", ARDUPILOT, TIPPED, None),
    ("toppled-later", PX4, TIPPED, None),
    ("toppled-later", ARDUPILOT, TIPPED, None),
    ("tailsitter-tips-over", PX4, TIPPED, None),
    ("tailsitter-tips-over", ARDUPILOT, TIPPED, None),
    ("power-lost", PX4, LOG_END, None),
    ("power-lost", ARDUPILOT, LOG_END, None),
    ("plane-power-lost", PX4, LOG_END, None),
    ("plane-power-lost", ARDUPILOT, LOG_END, None),
    ("plane-disarmed-in-air", PX4, {("crash-like", "disarm-in-air")}, None),
    ("plane-disarmed-in-air", ARDUPILOT, {("crash-like", "disarm-in-air")}, None),
    ("upset-and-recovered", PX4, {("crash-like", "lost-attitude")}, None),
    ("upset-and-recovered", ARDUPILOT, {("crash-like", "lost-attitude")}, None),
    ("flown-away", PX4, {("crash-like", "fly-away")}, NOT_YET),
    ("flown-away", ARDUPILOT, {("crash-like", "fly-away")}, NOT_YET),
    ("landed-by-failsafe", PX4, {("crash-like", "failsafe-landing")}, NOT_YET),
    ("landed-by-failsafe", ARDUPILOT, {("crash-like", "failsafe-landing")}, NOT_YET),
]
HARMLESS = {"no-flight", "not-airborne", "normal", "facts-missing", "unreadable"}


def marked(name, autopilot, expected, fault):
    marks = [pytest.mark.xfail(reason=fault, strict=True)] if fault else []
    return pytest.param(name, autopilot, expected, id=f"{name}-{autopilot}", marks=marks)


@pytest.mark.parametrize(("name", "autopilot", "expected"), [marked(*case) for case in CASES])
def test_every_accident_is_found_as_what_it_is(name, autopilot, expected):
    found = verdicts(name, autopilot)

    assert set(found.values()) <= expected, found


def test_there_is_a_case_of_every_kind():
    kinds = {kind for _, _, expected, _ in CASES for _, kind in expected}

    assert kinds == set(KINDS) - HARMLESS


@pytest.mark.parametrize("autopilot", WRITERS)
@pytest.mark.parametrize("name", ["level-fall", "tumbling-fall", "hard-landing", "spiral-dive"])
def test_the_event_is_the_impact(name, autopilot):
    for seed in SEEDS:
        flight = flown(name, seed)
        hit_s = np.argmax(np.linalg.norm(flight.force_m_s2, axis=1)) / 500
        *_, event_s = judged(record(WRITERS[autopilot](flight)))

        assert event_s == pytest.approx(BOARDS[autopilot].first_boot_us / 1e6 + hit_s, abs=1.0)
