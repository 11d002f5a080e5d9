"""Verdicts in words: all of them, and whatever was measured."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collector.explain.given import CRASH, NORMAL, flight, reading
from windsock.collector.detect.crash import ATOMS, CrashRule
from windsock.collector.explain.evidence import points
from windsock.collector.explain.judged import judged
from windsock.collector.explain.quantities import unbroken
from windsock.collector.explain.sentence import certainty, meaning, sentence
from windsock.collector.explain.words import CALLED, EVIDENCE, MEANING, SOURCES
from windsock.protocol.facts import NAMES
from windsock.protocol.verdicts import KINDS, VERDICTS

EVENTLESS = {"no-flight", "not-airborne", "normal", "facts-missing", "unreadable"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verdict", VERDICTS)
def test_every_kind_has_a_sentence_with_the_time_of_its_event(kind, verdict):
    said = sentence(verdict, kind, CRASH, 92.0)

    assert said.endswith(".")
    assert said[0].isupper()
    assert ("1 min 12 s after take-off" in said) or kind in EVENTLESS
    assert said.startswith("Possible crash") or verdict != "crash"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_said_of_a_flight_of_which_nothing_is_known(kind):
    said = sentence("crash-like", kind, {})

    assert "None" not in said
    assert "nan" not in said


known = st.dictionaries(st.sampled_from(NAMES), st.floats(-1e6, 1e6), max_size=60)


@given(known, st.sampled_from(KINDS), st.none() | st.floats(-1e6, 1e6))
def test_whatever_was_measured_makes_one_line(facts, kind, event_s):
    said = sentence("crash", kind, facts, event_s)

    assert "\n" not in said
    assert "  " not in said
    assert ".." not in said
    assert said.endswith(".")


def test_the_sentence_of_a_crash():
    assert sentence("crash", "impact", CRASH | {"rest_tilt_deg": 3.0}, 92.0) == (
        "Possible crash 1 min 12 s after take-off: it tilted up to 112°, fell 17 m in 1.8 s and"
        " hit the ground at 13.6 m/s with 356 m/s² (36 g)."
    )


def test_the_sentence_of_a_fall_that_nobody_recorded():
    facts = {
        "takeoff_boot_s": 14.0,
        "disarm_in_air": 1.0,
        "disarm_height_m": 19.7,
        "end_height_m": 17.6,
        "end_sink_m_s": 5.8,
    }

    assert sentence("crash", "impact-not-recorded", facts, 35.0) == (
        "Possible crash 21 s after take-off: its motors were stopped in the air at 19.7 m; the log"
        " ends at 17.6 m, still falling at 5.8 m/s, before the ground."
    )


def test_everything_the_rule_knows_has_words():
    rule_fields = {field.name for field in dataclasses.fields(CrashRule)}

    assert {atom.fact for atom in ATOMS.values()} <= set(EVIDENCE)
    assert rule_fields <= set(SOURCES)
    assert set(MEANING) == set(KINDS)
    assert set(CALLED) == set(VERDICTS)


def only(facts):
    (one,) = judged(reading(flight(facts=facts)))
    return one


def test_four_witnesses_are_stronger_than_one():
    lone = {"airborne_s": 60.0, "takeoff_boot_s": 20.0, "autopilot_crash": 1.0}
    far = {**NORMAL, "contact_force_m_s2": 300.0, "sink_at_contact_m_s": 12.0}

    assert certainty(only(CRASH)).startswith("Strong: 4 independent witnesses agree")
    assert certainty(only(far)).endswith("both far beyond the limit.")
    assert certainty(only(lone)) == "Weak: one witness only (autopilot)."
    assert re.match(r"\d+ of \d+ checks within their limits", certainty(only(NORMAL)))


def test_a_firm_touchdown_says_why_it_is_no_crash():
    firm = only(NORMAL | {"contact_force_m_s2": 60.0})

    assert firm.verdict == "none"
    assert "shock at ground contact" in meaning(firm)
    assert "1 beyond" in certainty(firm)


def test_evidence_is_numbered_in_the_order_of_events():
    found = points(only(CRASH))
    times = [point.boot_s for point in found]

    assert [point.label for point in found] == [str(n + 1) for n in range(len(found))]
    assert times == sorted(times)
    assert all(point.source or point.threshold == "—" for point in found)


def test_numbers_stay_with_their_units():
    assert unbroken("fell 17 m in 1 min 3 s at 5 m/s") == (
        "fell 17\u00a0m in 1\u00a0min\u00a03\u00a0s at 5\u00a0m/s"
    )
