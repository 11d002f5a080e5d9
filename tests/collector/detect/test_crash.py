"""The crash rule itself: missing facts, evidence, any facts alike."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.detect.crash import ATOMS, CrashRule, evidence, judge
from windsock.protocol.facts import FACTS, NAMES, matrix
from windsock.protocol.verdicts import KINDS, VERDICTS


def test_silence_never_reads_as_healthy():
    sighted = {"airborne_s": 60.0, "attitude_hz": 10.0, "force_hz": 25.0, "height_hz": 10.0}
    blind = [
        {},
        {name: value for name, value in sighted.items() if name != "attitude_hz"},
        {"airborne_s": 60.0, "attitude_hz": 10.0},
    ]

    judgement = judge(matrix([sighted, *blind]))

    assert judgement.words(0) == ("none", "normal")
    assert [judgement.words(row) for row in (1, 2, 3)] == [("unknown", "facts-missing")] * 3


def test_evidence_names_facts_with_their_thresholds_and_times():
    facts = matrix(
        [
            {
                "airborne_s": 60.0,
                "attitude_hz": 10.0,
                "height_hz": 10.0,
                "contact_boot_s": 100.5,
                "contact_force_m_s2": 95.0,
                "sink_at_contact_m_s": 9.0,
                "tilt_at_contact_deg": 20.0,
            }
        ]
    )
    judgement = judge(facts)

    found = evidence(facts, judgement, 0)

    assert judgement.words(0) == ("crash", "impact")
    assert judgement.event_boot_s[0] == 100.5
    assert [(one["fact"], one["threshold"], one["boot_s"]) for one in found] == [
        ("contact_force_m_s2", 80.0, 100.5),
        ("sink_at_contact_m_s", 4.5, 100.5),
    ]


rows = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.floats(-1e4, 1e4, width=32), max_size=len(FACTS)),
    max_size=8,
)


@given(rows)
def test_any_facts_are_judged_alike_alone_and_together(facts):
    table = matrix(facts)
    together = judge(table)

    for row in range(len(facts)):
        alone = judge(table[row : row + 1])
        assert together.words(row) == alone.words(0)
        verdict, kind = together.words(row)
        assert verdict in VERDICTS
        assert kind in KINDS
        assert 0 <= together.severity[row] <= 100
        assert bool(evidence(table, together, row)) == (verdict in ("crash", "crash-like"))
        if table[row, NAMES.index("airborne_s")] == 0:
            assert verdict == "none"


def test_every_atom_has_a_threshold_of_the_rule():
    names = {field.name for field in dataclasses.fields(CrashRule)}
    assert {atom.threshold for atom in ATOMS.values() if isinstance(atom.threshold, str)} <= names
