"""The crash rule beside plain rules on all logs with known truth, thresholds moved, and its speed.

The plain rules, from the whole log, are what one would write first: the firmware's own crash flag,
a peak beyond three g, a tilt beyond 60 degrees, and both of these. A false alarm is a crash called
where the truth does not accept one.
"""

import dataclasses
import hashlib
import json
from functools import cache
from typing import NamedTuple

import numpy as np
from figure import Figure
from large_logs import LOGS, missing
from rich.table import Table
from timing import in_turns

from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.normalise import tracks
from windsock.agent.record.wanted import WANTED
from windsock.collector.detect.crash import CrashRule, judge
from windsock.protocol.facts import matrix

THREE_G_M_S2 = 3 * 9.80665
LOST_TILT_DEG = 60.0
ROWS = 1_000_000
ALONE = 1_000
MOVED = (0.8, 1.2)
WORST_FIRST = ("crash", "crash-like", "unknown", "none")


class Seen(NamedTuple):
    """A log with its truth: extremes of the whole log, and facts and verdicts of its flights."""

    truth: dict
    firmware_flag: bool
    peak_m_s2: float
    tilt_deg: float
    facts: list
    verdicts: frozenset


class Score(NamedTuple):
    """How a rule does on the known logs."""

    rule: str
    found: int
    recall: float
    false_alarms: int
    precision: float

    @classmethod
    def of(cls, rule, calls):
        crashes = [one for one in known() if one.truth["verdict"] == "crash"]
        found = sum(calls(one) for one in crashes)
        false_alarms = sum(calls(one) and not is_crash(one) for one in known())
        called = found + false_alarms
        return cls(rule, found, found / len(crashes), false_alarms, found / called)


PLAIN = {
    "firmware's crash flag": lambda one: one.firmware_flag,
    "peak > 3 g": lambda one: one.peak_m_s2 > THREE_G_M_S2,
    "tilt > 60 degrees": lambda one: one.tilt_deg > LOST_TILT_DEG,
    "tilt > 60 degrees and > 3 g": lambda one: (
        one.tilt_deg > LOST_TILT_DEG and one.peak_m_s2 > THREE_G_M_S2
    ),
}


def figures():
    if reason := missing():
        print(f"crash_rules {reason}")
        return
    own, *plain = scores()
    best = max(plain, key=lambda one: one.precision)
    logs = f"on {len(known())} labelled logs of shared/logs"
    yield Figure(f"crash, recall {logs}", own.recall, "", best.recall, best.rule)
    yield Figure(f"crash, precision {logs}", own.precision, "", best.precision, best.rule)
    yield judging([facts for one in known() for facts in one.facts])


def tables():
    """All rules beside each other; none without the logs."""
    if missing():
        return
    crashes = sum(one.truth["verdict"] == "crash" for one in known())
    others = sum(not is_crash(one) for one in known())
    result = Table(
        "rule", f"found of {crashes} crashes", "recall", f"false alarms in {others} others",
        "precision", title="Crash rules on all of shared/logs",
    )  # fmt: skip
    for one in scores():
        found, false_alarms = str(one.found), str(one.false_alarms)
        result.add_row(one.rule, found, f"{one.recall:.2f}", false_alarms, f"{one.precision:.2f}")
    yield result
    yield moved_table()


def moved_table():
    """The rule with each of its thresholds a fifth lower and higher, then with all of them."""
    result = Table(
        "threshold", "", "found at -20 %", "false crash", "false crash-like", "unknown",
        "found at +20 %", "false crash", "false crash-like", "unknown",
        title="One threshold moved at a time",
    )  # fmt: skip
    fields = [field.name for field in dataclasses.fields(CrashRule)]
    for name, changed in (("as it is", []), *((one, [one]) for one in fields), ("all", fields)):
        value = f"{getattr(CrashRule(), name):g}" if name in fields else ""
        counts = [str(one) for factor in MOVED for one in Counts.of(moved(changed, factor))]
        result.add_row(name, value, *counts)
    return result


def moved(names, factor):
    """The rule with some thresholds times *factor*."""
    rule = CrashRule()
    return dataclasses.replace(rule, **{name: getattr(rule, name) * factor for name in names})


class Counts(NamedTuple):
    """What the issue's bars are set for: of crashes, and of all others."""

    found: int
    false_crash: int
    false_like: int
    unknown: int

    @classmethod
    def of(cls, rule):
        verdicts = [(one, worst(one, rule)) for one in known()]
        wrong = [(one, said) for one, said in verdicts if said not in one.truth["accept"]]
        others = [said for one, said in wrong if one.truth["verdict"] != "crash"]
        missed = sum(one.truth["verdict"] == "crash" for one, _ in wrong)
        crashes = sum(one.truth["verdict"] == "crash" for one in known())
        return cls(
            crashes - missed, *(others.count(one) for one in ("crash", "crash-like", "unknown"))
        )


def worst(one, rule):
    """The verdict of a log's worst flight; none without a flight."""
    if not one.facts:
        return "none"
    judgement = judge(matrix(one.facts), rule)
    return min((judgement.words(row)[0] for row in range(len(one.facts))), key=WORST_FIRST.index)


@cache
def known():
    """Every log whose truth is scored."""
    found = []
    for folder in (LOGS / "recorded", LOGS / "collected"):
        truths = json.loads((folder / "truth.json").read_text())
        found += [look(folder / name, truth) for name, truth in truths.items() if truth["accept"]]
    return found


def look(path, truth):
    data = path.read_bytes()
    try:
        log = read_flight_log(data, WANTED)
    except LogError:
        return Seen(
            truth, firmware_flag=False, peak_m_s2=0.0, tilt_deg=0.0, facts=[], verdicts=frozenset()
        )
    whole = tracks(read_flight_log(data, WANTED))  # a log of its own, as reading one uses it up
    record = measure(log, Origin(hashlib.sha256(data).hexdigest()[:32])).record
    facts = [flight.facts for flight in record.flights]
    judgement = judge(matrix(facts))
    return Seen(
        truth,
        bool(whole.codes.crash),
        whole.force_m_s2.values.max(initial=0.0),
        whole.tilt_deg.values.max(initial=0.0),
        facts,
        frozenset(judgement.words(row)[0] for row in range(len(facts))),
    )


def is_crash(one):
    return "crash" in one.truth["accept"]


def scores():
    """Ours first, with the verdict `crash`, or another that the truth of a crash accepts."""
    ours = Score.of("windsock", lambda one: bool(one.verdicts & {"crash", *accepted(one)}))
    return [ours, *(Score.of(name, rule) for name, rule in PLAIN.items())]


def accepted(one):
    """`crash-like` is as right where the impact is not in the log of a crash."""
    return one.truth["accept"] if one.truth["verdict"] == "crash" else ()


def judging(facts):
    """Flights judged in a second, beside judging each of the first thousand alone."""
    real = matrix(facts)
    rows = np.tile(real, (-(-ROWS // len(real)), 1))[:ROWS]
    alone = [rows[row : row + 1] for row in range(ALONE)]
    seconds, alone_s = in_turns(lambda: judge(rows), lambda: [judge(row) for row in alone])
    together, one_by_one = ROWS / seconds, ALONE / alone_s
    return Figure(
        f"crash rule: flights judged per CPU second, {ROWS:,} rows of facts", together, "",
        one_by_one, "each alone", together / one_by_one,
    )  # fmt: skip
