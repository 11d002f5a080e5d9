"""Real and recorded logs with known truth, made worse: cut anywhere, and with topics missing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.cases.thinned import THINNED, until
from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.facts import flight_facts
from windsock.agent.record.flights import armed_intervals
from windsock.agent.record.motion import motion
from windsock.agent.record.normalise import tracks
from windsock.collector.detect.crash import judge
from windsock.protocol.facts import matrix

MOST_FLIGHTS = 3


@pytest.fixture(scope="module")
def known(shared_logs):
    """(name, truth, FlightLog) of every labelled log that can be read."""
    found = []
    for folder in ("recorded", "collected"):
        truths = json.loads((shared_logs / folder / "truth.json").read_text())
        for name, truth in truths.items():
            if log := readable((shared_logs / folder / name).read_bytes()):
                found.append((name, truth, log))
    return found


def readable(data):
    try:
        return read_flight_log(data)
    except LogError:
        return None


def seen_in(log):
    """Tracks of a copy: measuring lets go of a log's tables."""
    return tracks(replace(log, tables=dict(log.tables)))


def verdicts(log):
    """Of each flight."""
    seen = seen_in(log)
    facts = [
        flight_facts(seen, motion(seen, interval), "full") for interval in armed_intervals(seen)
    ]
    judgement = judge(matrix(facts))
    return {judgement.words(row)[0] for row in range(len(facts))}


@pytest.mark.parametrize("after_s", [1.5, 3.0, 6.0])
def test_a_crash_is_one_wherever_its_log_ends_after_it(known, after_s):
    ended = [
        (name, verdicts(until(log, round((truth["event_s"] + after_s) * 1e6))))
        for name, truth, log in known
        if truth["verdict"] == "crash" and truth["event_s"]
    ]

    assert ended
    assert [name for name, found in ended if "crash" not in found] == []


def test_a_flight_without_a_crash_has_none_wherever_its_log_ends(known):
    rng = np.random.default_rng(0)
    ends = [
        (name, log, int(rng.uniform(interval.armed_us, interval.until_us)))
        for name, truth, log in known
        if truth["verdict"] == "none"
        for interval in armed_intervals(seen_in(log))[:MOST_FLIGHTS]
        for _ in range(2)
    ]

    assert [(name, us) for name, log, us in ends if "crash" in verdicts(until(log, us))] == []


@pytest.mark.parametrize("thinned", THINNED)
def test_crashes_are_found_in_thin_logs(known, thinned):
    crashes = [log for _, truth, log in known if truth["verdict"] == "crash"]
    missed = [
        log for log in crashes if not verdicts(THINNED[thinned](log)) & {"crash", "crash-like"}
    ]

    assert len(missed) <= 1  # a hop of a metre without an accelerometer; 0.6 m of noise
