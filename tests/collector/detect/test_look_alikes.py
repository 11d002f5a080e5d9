"""What looks like a crash and is none, one flight for each kind."""

import numpy as np

from tests.agent.record import scripted
from tests.agent.record.scripted import Script, bumped, normal, steps
from tests.collector.detect.scripts import BOTH, PLANE, crashed, words
from windsock.agent.record.measure import Origin, measure


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
