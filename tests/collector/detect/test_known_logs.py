"""All logs with known truth, also with every threshold moved."""

import dataclasses
import hashlib
import json
import sys
from collections import Counter

import pytest

from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.wanted import WANTED
from windsock.collector.detect.crash import CrashRule, judge
from windsock.protocol.facts import matrix
from windsock.protocol.verdicts import VERDICTS

WORST_FIRST = ("crash", "crash-like", "unknown", "none")


@pytest.fixture(scope="module")
def known(shared_logs):
    """(name, truth, record or None where the log can't be read) of every labelled log."""
    found = []
    for folder in ("recorded", "collected"):
        truths = json.loads((shared_logs / folder / "truth.json").read_text())
        for name, truth in truths.items():
            data = (shared_logs / folder / name).read_bytes()
            found.append((name, truth, _record(data)))
    return found


def _record(data):
    try:
        log = read_flight_log(data, WANTED)
    except LogError:
        return None
    return measure(log, Origin(hashlib.sha256(data).hexdigest()[:32])).record


def judged(known, rule=None):
    """(name, truth, verdict, kind, event) of the worst flight of each scored log."""
    for name, truth, record in known:
        if not truth["accept"]:
            continue
        if record is None or not record.flights:
            yield name, truth, "none", "no-flight", None
            continue
        judgement = judge(matrix([flight.facts for flight in record.flights]), rule)
        worst = min(
            range(len(record.flights)),
            key=lambda row: (
                WORST_FIRST.index(judgement.words(row)[0]),
                -int(judgement.severity[row]),
            ),
        )
        yield name, truth, *judgement.words(worst), float(judgement.event_boot_s[worst])


def figures(results):
    """What the bars are set for, from `judged`."""
    wrong = [one for one in results if one[2] not in one[1]["accept"]]
    crashes = [one for one in results if one[1]["verdict"] == "crash"]
    found = [one for one in crashes if one[2] in one[1]["accept"]]
    dated = [one for one in results if one[1]["event_s"] and one[2] in ("crash", "crash-like")]
    late = [one for one in dated if not abs(one[4] - one[1]["event_s"]) <= 1.0]
    return {
        "recall": len(found) / len(crashes),
        "false crash": [one[0] for one in wrong if one[2] == "crash"],
        "false crash-like": [
            one[0] for one in wrong if one[2] == "crash-like" and one[1]["verdict"] != "crash"
        ],
        "unknown": [one[0] for one in results if one[2] == "unknown"],
        "late": [one[0] for one in late],
    }


def _table(counts):
    yield f"{'truth':20}" + "".join(f"{verdict:>12}" for verdict in VERDICTS)
    for label in sorted({label for label, _ in counts}):
        yield f"{label:20}" + "".join(f"{counts[label, verdict]:12}" for verdict in VERDICTS)


def test_all_logs_with_known_truth(known, capsys):
    results = list(judged(known))
    table = Counter((truth["verdict"], verdict) for _, truth, verdict, _, _ in results)
    found = figures(results)
    with capsys.disabled():
        sys.stdout.write("\n".join(("", *_table(table), str(found), "")))

    assert found["recall"] == 1.0
    assert found["false crash"] == []
    assert len(found["false crash-like"]) <= 1
    assert found["unknown"] == []
    assert len(found["late"]) <= 1


@pytest.mark.parametrize("factor", [0.8, 1.2])
@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(CrashRule)])
def test_no_verdict_hangs_on_a_single_threshold(known, name, factor):
    rule = dataclasses.replace(CrashRule(), **{name: getattr(CrashRule(), name) * factor})
    found = figures(list(judged(known, rule)))

    assert found["recall"] >= 0.95
    assert len(found["false crash"]) <= 1
    assert len(found["false crash-like"]) <= 3
    assert found["unknown"] == []


@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_all_thresholds_moved_together_stay_within_the_bars(known, factor):
    values = dataclasses.asdict(CrashRule())
    found = figures(
        list(judged(known, CrashRule(**{one: v * factor for one, v in values.items()})))
    )

    assert found["recall"] >= 0.95
    assert len(found["false crash"]) <= 2
    assert len(found["false crash-like"]) <= 5
    assert len(found["unknown"]) <= 3
