"""Accidents: each found, as what it is."""

import numpy as np

from tests.agent.record import scripted
from tests.agent.record.scripted import Script, bumped, cut, normal, steps
from tests.collector.detect.scripts import BOTH, PLANE, crashed, words


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
