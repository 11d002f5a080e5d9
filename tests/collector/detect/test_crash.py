"""The crash rule: look-alikes, accidents, missing facts, and all logs with known truth."""

import dataclasses
import hashlib
import json
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agent.record import scripted
from tests.agent.record.scripted import Script, bumped, cut, normal, steps
from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.wanted import WANTED
from windsock.collector.detect.crash import ATOMS, CrashRule, evidence, judge
from windsock.protocol.facts import FACTS, NAMES, matrix
from windsock.protocol.verdicts import KINDS, VERDICTS

PLANE = "ArduPlane V4.4.0 (0123abcd)"
BOTH = pytest.mark.parametrize("make", [scripted.dataflash, scripted.ulog])


def words(log):
    record = measure(log, Origin("0" * 32)).record
    if not record.flights:
        return ("none", "no-flight")
    return judge(matrix([flight.facts for flight in record.flights])).words(0)


def falling(seconds, start, height):
    """A free fall from a height, in metres at 50 Hz, then the ground."""
    times = np.arange(int(seconds * scripted.HZ)) / scripted.HZ
    fallen = np.where(times < start, 0.0, 4.905 * (times - start) ** 2)
    return np.maximum(height - fallen, 0.0), start + (height / 4.905) ** 0.5


def crashed(roll_after=110.0, impact=200.0, **changes):
    """Like `normal`, but at 35 s it loses thrust at 10 m, tumbles and hits."""
    flight = normal()
    height, hit = falling(60, 35.0, 10.0)
    height = np.minimum(np.asarray(flight.height_m), height)
    force = np.where((flight.times > 35) & (flight.times < hit), 1.0, scripted.GRAVITY)
    roll = np.interp(flight.times, (35.0, 36.0), (0.0, roll_after))
    curves = {
        "height_m": height,
        "force": bumped(force, hit, impact),
        "roll_deg": roll,
        "wanted_roll_deg": 0.0,
        "throttle": steps(60, (4, 0), (4.1, 0.4), (38, 0.4), (38.1, 0)),
    }
    return normal(**(curves | changes))


# Benign look-alikes: none of them a crash


@BOTH
def test_a_normal_flight(make):
    assert words(make(normal())) == ("none", "normal")


@BOTH
def test_a_firm_touchdown(make):
    assert words(make(normal(force=bumped(np.full(3000, 9.81), 52.0, 110.0))))[0] == "none"


@BOTH
def test_flips_in_acro(make):
    roll = steps(60, (25, 0), (26, 360), (30, 360), (31, 0))
    acro = 1 if make is scripted.dataflash else 10
    assert words(make(normal(roll_deg=roll, mode=[(0.0, 0), (20.0, acro), (35.0, 0)]))) == (
        "none",
        "normal",
    )


@BOTH
def test_a_flight_all_in_acro(make):
    acro = 1 if make is scripted.dataflash else 10
    assert words(make(normal(mode=[(0.0, acro)]))) == ("none", "normal")


@BOTH
def test_carried_and_shaken_while_armed(make):
    script = Script(
        60,
        height_m=steps(60, (10, 0), (12, 1.8), (40, 1.8), (42, 0)),
        roll_deg=steps(60, (15, 0), (16, 120), (30, 120), (31, 0)),
        force=bumped(np.full(3000, 9.81), 20.0, 45.0),
        landed=[(11.0, 0), (45.0, 1)],
        armed=(1.0, 58.0),
    )
    assert words(make(script)) == ("none", "not-airborne")


@BOTH
def test_a_bench_run_without_propellers_and_with_the_firmwares_crash_flag(make):
    script = Script(
        40,
        height_m=steps(40, (0, 0), (40, 0.9)),
        roll_deg=steps(40, (10, 0), (30, 170)),
        throttle=steps(40, (5, 0), (6, 0.9), (30, 0.9), (31, 0)),
        force=steps(40, (0, 9.5), (6, 11), (40, 9.5)),
        landed=[(7.0, 0)],
        errors=[(32.0, 12, 1)],
        armed=(1.0, 32.0),
    )
    assert words(make(script)) == ("none", "not-airborne")


@BOTH
def test_a_log_cut_at_landing(make):
    script = normal(armed=(1.0, None))
    kept = int(50.0 * scripted.HZ)  # 1.7 m above ground
    script.seconds = 50.0
    script.height_m, script.throttle = script.height_m[:kept], script.throttle[:kept]
    script.landed = script.landed[:1]
    assert words(make(script))[0] == "none"


def test_a_planes_belly_landing():
    force = bumped(np.full(3000, 9.81), 52.0, 95.0)
    script = normal(force=force, speed_m_s=12.0, mode=[(0.0, 5)])
    assert words(scripted.dataflash(script, PLANE))[0] == "none"


def test_a_catapult():
    force = bumped(np.full(3000, 9.81), 5.0, 60.0, samples=15)
    height = steps(60, (5, 0), (8, 30), (40, 30), (55, 0))
    throttle = steps(60, (5.3, 0), (5.4, 0.9), (54, 0.3), (54.5, 0))
    script = normal(force=force, height_m=height, throttle=throttle, mode=[(0.0, 5)])
    assert words(scripted.dataflash(script, PLANE))[0] == "none"


def test_a_tailsitters_cruise_lies_on_its_back():
    pitch = steps(60, (18, 0), (20, -88), (34, -88), (36, 0))
    times = np.arange(3000) / scripted.HZ
    wings = np.where((times > 20) & (times < 34), 2, 1)
    turning = ((times > 18) & (times < 20)) | ((times > 34) & (times < 36))
    script = normal(pitch_deg=pitch, transition=turning)
    log = scripted.ulog(script, vehicle_type=wings, mav_type=20, tailsitter=True)
    facts = measure(log, Origin("0" * 32)).record.flights[0].facts

    assert words(log) == ("none", "normal")
    assert facts["tilt_over_60_s"] < 0.3


def test_a_hitl_flight_is_judged_like_any_other_and_marked():
    log = scripted.ulog(crashed(parameters={"SYS_HITL": 1}))

    assert words(log)[0] == "crash"
    assert measure(log, Origin("0" * 32)).record.simulated


@BOTH
def test_a_barometer_that_drifts_on_the_bench_is_no_take_off(make):
    script = Script(
        600,
        height_m=steps(600, (0, 0), (600, 12)),
        throttle=steps(600, (5, 0), (6, 0.5), (590, 0.5), (591, 0)),
        armed=(1.0, 598.0),
    )
    assert words(make(script)) == ("none", "not-airborne")


# Accidents: each found, as what it is


@BOTH
def test_a_tumbling_fall(make):
    assert words(make(crashed())) == ("crash", "impact")


@BOTH
def test_a_level_fall(make):
    assert words(make(crashed(roll_after=0.0, impact=60.0))) == ("crash", "impact")


@BOTH
def test_a_fall_that_no_accelerometer_saw(make):
    assert words(make(crashed(roll_after=0.0, impact=9.81))) == ("crash-like", "hard-landing")


@BOTH
def test_a_forced_disarming_whose_impact_is_in_the_log(make):
    assert words(make(crashed(armed=(1.0, 35.0)))) == ("crash", "impact")


@BOTH
def test_a_log_that_ends_falling(make):
    script = cut(crashed(armed=(1.0, 35.0)), 36.0)
    assert words(make(script)) == ("crash", "impact-not-recorded")


@BOTH
def test_a_log_that_ends_falling_just_above_the_ground(make):
    script = cut(crashed(armed=(1.0, None)), 36.4)  # at 0.4 m
    assert words(make(script)) == ("crash", "impact-not-recorded")


@BOTH
def test_power_lost_in_level_flight(make):
    assert words(make(cut(normal(armed=(1.0, None)), 30.0))) == ("crash-like", "in-flight-log-end")


@BOTH
def test_tipping_over_after_landing(make):
    script = normal(roll_deg=steps(60, (53.5, 0), (54.5, 88)), wanted_roll_deg=0.0)
    assert words(make(script)) == ("crash-like", "tip-over")


@BOTH
def test_tipping_over_with_a_knock_once_the_motors_stopped(make):
    roll = steps(60, (53.2, 0), (54.0, 88))
    script = normal(
        roll_deg=roll, wanted_roll_deg=0.0, force=bumped(np.full(3000, 9.81), 54.0, 60.0)
    )
    assert words(make(script)) == ("crash-like", "tip-over")


@BOTH
def test_tipping_over_under_power(make):
    """It goes on to its side with the motors that hold it up, so control was lost."""
    script = normal(
        roll_deg=steps(60, (52.4, 0), (53.2, 120)),
        wanted_roll_deg=0.0,
        force=bumped(np.full(3000, 9.81), 53.2, 60.0),
        throttle=steps(60, (4, 0), (4.1, 0.4), (53.2, 0.4), (53.3, 0)),
    )
    assert words(make(script)) == ("crash", "impact")


@BOTH
def test_toppled_by_the_wind_after_it_stood(make):
    script = normal(roll_deg=steps(60, (56, 0), (56.8, 88)), armed=(1.0, 59.5))
    assert words(make(script)) == ("crash-like", "tip-over")


@BOTH
def test_picked_up_after_the_disarming(make):
    script = Script(
        90,
        height_m=steps(90, (5, 0), (15, 10), (40, 10), (52, 0)),
        throttle=steps(90, (4, 0), (4.1, 0.4), (52, 0.4), (52.5, 0)),
        roll_deg=steps(90, (80, 0), (81, 88)),
        armed=(1.0, 55.0),
    )
    assert words(make(script)) == ("none", "normal")


@BOTH
def test_held_askew_while_the_motors_fight(make):
    script = normal(
        roll_deg=steps(60, (51.0, 0), (51.5, 40)),
        wanted_roll_deg=0.0,
        throttle=steps(60, (4, 0), (4.1, 0.4), (56, 0.4), (56.1, 0)),
    )
    assert words(make(script)) == ("crash-like", "lost-attitude")


def test_a_plane_whose_log_ends_in_a_glide():
    height = steps(40, (5, 0), (15, 60), (30, 60), (40, 54))
    throttle = steps(40, (4.9, 0), (5, 0.8), (30, 0.5), (30.1, 0))
    script = Script(
        40, height_m=height, throttle=throttle, speed_m_s=16.0, mode=[(0.0, 5)], armed=(1.0, None)
    )
    log = scripted.ulog(script, vehicle_type=2, mav_type=1)
    assert words(log) == ("crash-like", "in-flight-log-end")


def test_a_quadplane_hovers_by_the_throttle_of_its_lift():
    log = scripted.dataflash(crashed(parameters={"Q_ENABLE": 1}, mode=[(0.0, 18)]), PLANE)
    pusher = log.tables["CTUN"][0]
    lift = scripted.table("QTUN", pusher.boot_us, ThO=pusher["ThO"] / 100)
    pusher["ThO"][:] = 0.0
    log.tables["QTUN"] = {0: lift}

    assert words(log) == ("crash", "impact")


@BOTH
def test_a_hard_landing_upright(make):
    height = steps(60, (5, 0), (15, 10), (40, 10), (42.7, 0))
    throttle = steps(60, (4, 0), (4.1, 0.4), (42.5, 0.4), (42.6, 0))
    force = bumped(np.full(3000, 9.81), 42.7, 70.0)
    script = normal(height_m=height, force=force, throttle=throttle)
    assert words(make(script)) == ("crash-like", "hard-landing")


@BOTH
def test_attitude_lost_and_found(make):
    roll = steps(60, (25, 0), (25.4, 85), (26.2, 85), (26.8, 0))
    assert words(make(normal(roll_deg=roll, wanted_roll_deg=0.0))) == (
        "crash-like",
        "lost-attitude",
    )


def test_the_autopilots_word_alone_is_crash_like():
    assert words(scripted.dataflash(normal(errors=[(54.0, 12, 1)]))) == (
        "crash-like",
        "autopilot-only",
    )


# The rule itself


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


# All logs with known truth


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
