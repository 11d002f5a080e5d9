"""Every benign look-alike of docs/detection.md, flown, logged, measured and judged: no crash."""

from dataclasses import replace

import numpy as np
import pytest

from tests.cases.judged import ARDUPILOT, BOARDS, PX4, WRITERS, flown, judged, record, verdicts
from windsock.collector.detect.crash import judge
from windsock.firmware_sim.flights.course import fly
from windsock.firmware_sim.flights.crafts import quadcopter
from windsock.firmware_sim.flights.ground import arm, disarm, rest
from windsock.firmware_sim.flights.hovering import hover, take_off, touch_down
from windsock.protocol.facts import matrix

BOTH = pytest.mark.parametrize("autopilot", WRITERS)
FLOWN = {("none", "normal")}
NOT_FLOWN = {("none", "not-airborne")}
EITHER = FLOWN | NOT_FLOWN
LOG_END = {("crash-like", "in-flight-log-end")}

CASES = {
    "normal": FLOWN,
    "firm-touchdown": FLOWN,
    "called-back": FLOWN,
    "aggressive-manual": FLOWN,
    "flips": FLOWN,
    "acro": FLOWN,
    "carried": NOT_FLOWN,
    "bench-run": NOT_FLOWN,
    "bench-run-turned": NOT_FLOWN,
    "tied-down": EITHER,  # it shakes as hard as it flies
    "cut-at-landing": FLOWN,
    "card-pulled": LOG_END,
    "caught-by-hand": FLOWN,
    "touch-and-go": FLOWN,
    "thrown-to-start": FLOWN,
    "dropped-to-start": FLOWN,
    "catapult": FLOWN,
    "hand-launch": FLOWN,
    "tailsitter-cruise": FLOWN,
    "quadplane-cruise": FLOWN,
}


@BOTH
@pytest.mark.parametrize("name", CASES)
def test_no_lookalike_is_called_a_crash(name, autopilot):
    found = verdicts(name, autopilot)

    assert set(found.values()) <= CASES[name], found


@BOTH
@pytest.mark.parametrize("name", ["normal", "tumbling-fall"])
def test_a_simulated_flight_is_marked_and_judged_like_any_other(name, autopilot):
    flight, write, board = flown(name, 1), WRITERS[autopilot], BOARDS[autopilot]
    real, simulated = (
        record(write(flight, replace(board, in_the_loop=in_the_loop)))
        for in_the_loop in (False, True)
    )

    assert not real.simulated
    assert simulated.simulated
    assert judged(simulated)[:2] == judged(real)[:2]
    assert simulated.flights == real.flights


@BOTH
def test_after_a_pulled_card_the_next_boot_is_sane(autopilot):
    """Its counters prove that the drone came down whole: whoever has both logs may say so."""
    board, write = BOARDS[autopilot], WRITERS[autopilot]
    later = replace(
        board,
        flights=board.flights + 1,
        boot_count=board.boot_count + 1,
        flown_s=board.flown_s + 50.0,
        boot_utc_us=board.boot_utc_us + 3_600_000_000,
    )
    cut, whole = (
        record(write(flown(name, 0), one))
        for name, one in (("card-pulled", board), ("normal", later))
    )

    assert cut.drone_uid == whole.drone_uid
    assert whole.counters.flight_time_s == pytest.approx(cut.counters.flight_time_s + 50.0)
    assert judged(cut)[0] == "crash-like"
    assert judged(whole)[:2] == ("none", "normal")


@BOTH
def test_a_drone_that_only_armed_never_flew(autopilot):
    rng = np.random.default_rng(2)
    flight = fly(quadcopter(rng), rng, rest(2.0), arm(), rest(9.0), disarm(), rest(16.0))

    assert judged(record(WRITERS[autopilot](flight)))[:2] == ("none", "not-airborne")


@BOTH
def test_two_flights_in_one_log_are_two(autopilot):
    rng = np.random.default_rng(3)
    hop = [arm(), rest(1.0), take_off(6.0), hover(8.0), touch_down(0.6), rest(2.0), disarm()]
    logged = record(
        WRITERS[autopilot](fly(quadcopter(rng), rng, *hop, rest(6.0), *hop, rest(16.0)))
    )
    judgement = judge(matrix([flight.facts for flight in logged.flights]))

    assert [judgement.words(row) for row in range(len(logged.flights))] == [("none", "normal")] * 2


@BOTH
def test_a_log_without_an_arming_holds_no_flight(autopilot):
    rng = np.random.default_rng(2)
    flight = fly(quadcopter(rng), rng, rest(10.0))

    assert judged(record(WRITERS[autopilot](flight)))[1] == "no-flight"


def test_the_hardware_id_is_read_as_it_was_written():
    flight = flown("normal", 0)

    for autopilot, prefix in ((PX4, "px4:"), (ARDUPILOT, "ap:")):
        board = BOARDS[autopilot]
        assert record(WRITERS[autopilot](flight)).drone_uid == prefix + board.uid.hex()
