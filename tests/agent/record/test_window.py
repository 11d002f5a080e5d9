"""Windows: every value as it was logged, around what looks most like an event."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agent.record import scripted
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.flights import Armed
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.motion import motion
from windsock.agent.record.normalise import tracks as tracks_of
from windsock.agent.record.tracks import Track, Tracks
from windsock.agent.record.utc import Clock
from windsock.agent.record.wanted import WANTED
from windsock.agent.record.window import FULL_LIMIT, FULL_US, window
from windsock.protocol.envelope import Header, encode
from windsock.protocol.series import decode_samples, decode_values
from windsock.protocol.signals import WINDOW_BY_NAME

LOGS = sorted((Path(__file__).parents[2] / "logs").glob("*.BIN"))
KEYS = ("as:1", "0" * 32)
AS_LOGGED = ("force_m_s2", "tilt_deg", "roll_deg", "pitch_deg", "throttle_pct", "voltage_v")
SECOND = 1_000_000


@pytest.fixture(scope="module", params=LOGS, ids=lambda path: path.stem)
def found(request):
    """A real log's tracks and its only window."""
    log = read_flight_log(request.param.read_bytes(), WANTED)
    (one,) = measure(log, Origin("0" * 32)).windows
    return tracks_of(log), one


def raw(tracks, name):
    return tracks.throttle.scaled(100.0) if name == "throttle_pct" else getattr(tracks, name)


def in_steps(name, values):
    return np.rint(np.asarray(values, float) * WINDOW_BY_NAME[name].scale)


def column(one, side, name):
    """Integers at the signal's step, NaN where absent."""
    values, present = decode_values(name, getattr(one, side)[name], one.rows, WINDOW_BY_NAME)
    return np.where(present, in_steps(name, values), np.nan)


def extremes(track, one, name):
    """What each interval must hold, counted one by one."""
    for row in range(one.rows):
        start_us = one.start_boot_us + row * one.interval_us
        values = track.between(start_us, start_us + one.interval_us - 1).values
        if len(values):
            yield in_steps(name, [values.min(), values.max()])
        else:
            yield [np.nan, np.nan]


@pytest.mark.parametrize("name", AS_LOGGED)
def test_every_interval_has_the_least_and_greatest_of_its_samples(found, name):
    tracks, one = found
    low, high = np.transpose(list(extremes(raw(tracks, name), one, name)))

    np.testing.assert_array_equal(column(one, "low", name), low)
    np.testing.assert_array_equal(column(one, "high", name), high)


@pytest.mark.parametrize("name", AS_LOGGED)
def test_within_two_seconds_every_sample_is_there(found, name):
    tracks, one = found
    times, values = decode_samples(one.full[name], WINDOW_BY_NAME[name].scale)
    logged = raw(tracks, name).between(one.event_boot_us - FULL_US, one.event_boot_us + FULL_US)

    np.testing.assert_array_equal(times + one.start_boot_us, logged.boot_us)
    np.testing.assert_array_equal(in_steps(name, values), in_steps(name, logged.values))


def test_height_is_a_logged_one_above_the_place_of_arming(found):
    tracks, one = found
    times, height = decode_samples(one.full["height_m"], WINDOW_BY_NAME["height_m"].scale)
    baro = tracks.baro_m.between(one.event_boot_us - FULL_US, one.event_boot_us + FULL_US)
    ground = np.median(tracks.baro_m.between(one.armed_boot_us, one.armed_boot_us + SECOND).values)

    np.testing.assert_array_equal(times + one.start_boot_us, baro.boot_us)
    np.testing.assert_allclose(height, baro.values - ground, atol=0.05)


def test_it_spans_ten_seconds_before_and_five_after(found):
    _, one = found
    start_s = (one.start_boot_us - one.event_boot_us) / SECOND

    assert -10 <= start_s < -9.9
    assert 4.9 < start_s + one.rows * one.interval_us / SECOND <= 5


def test_it_is_dated_at_its_start(found):
    tracks, one = found
    clock = Clock("gps", 1_700_000_000_000_000)
    again = window(tracks, motion(tracks, armed(one)), {"contact_boot_s": 1.0}, clock, KEYS)

    assert again.start.us == clock.boot_us + again.start_boot_us


def armed(one):
    return Armed(one.armed_boot_us, None, one.event_boot_us + 8 * SECOND)


def test_a_window_is_small(found):
    _, one = found
    header = Header("station-7", 1, 2, 1, 0, 0, "boot", "0.1.0")

    assert len(encode(header, one)) < 2000


def windows(script):
    measured = measure(scripted.dataflash(script), Origin("0" * 32))
    return measured.record.flights, measured.windows


def test_the_candidate_of_a_normal_flight_is_its_touchdown():
    (flight,), (one,) = windows(scripted.normal())

    assert one.event_boot_us == round(flight.facts["contact_boot_s"] * SECOND)


def test_the_candidate_of_a_fall_is_where_it_struck():
    height = scripted.steps(40, (5, 0), (10, 20), (30, 20), (32, 0))
    force = scripted.bumped(np.full(2000, 9.8), 32, 150.0)
    throttle = scripted.steps(40, (4, 0), (4.1, 0.4), (30, 0.4), (30.1, 0))
    script = scripted.Script(40, height_m=height, force=force, throttle=throttle)
    (flight,), (one,) = windows(script)

    assert one.event_boot_us == pytest.approx(32 * SECOND, abs=0.2 * SECOND)
    assert decode_samples(one.full["force_m_s2"], 10)[1].max() == 150.0
    assert flight.facts["peak_force_m_s2"] == 150.0


def test_the_candidate_of_motors_stopped_in_the_air_is_that_moment():
    script = scripted.Script(
        40,
        height_m=scripted.steps(40, (15, 0), (20, 30), (38, 30), (40, 10)),
        throttle=scripted.steps(40, (14, 0), (14.1, 0.4), (38, 0.4), (38.02, 0)),
        force=scripted.steps(40, (0, 9.8), (38, 9.8), (38.1, 0.5)),
        armed=(1.0, 38.0),
    )
    (flight,), (one,) = windows(script)

    assert flight.facts["disarm_in_air"] == 1
    assert one.event_boot_us == 38 * SECOND


def test_the_candidate_of_a_log_that_stops_in_the_air_is_its_end():
    script = scripted.Script(
        20,
        height_m=scripted.steps(20, (5, 0), (10, 30)),
        throttle=scripted.steps(20, (4, 0), (4.1, 0.4)),
    )
    (flight,), (one,) = windows(script)

    assert flight.facts["ends_in_air"] == 1
    assert one.event_boot_us == round(flight.facts["end_boot_s"] * SECOND)
    assert one.rows <= 10 * SECOND // one.interval_us + 1, "nothing is sampled after the end"


def test_the_candidate_of_a_drone_that_stayed_down_is_its_greatest_shake():
    force = scripted.bumped(np.full(1000, 9.8), 12, 14.0, samples=1)
    (flight,), (one,) = windows(scripted.Script(20, force=force, armed=(1.0, 18.0)))

    assert flight.facts["airborne_s"] == 0
    assert one.event_boot_us == 12 * SECOND


def test_a_crash_check_after_the_logger_stopped_is_no_place_to_look_at():
    (_,), (plain,) = windows(scripted.normal())
    tracks = tracks_of(scripted.dataflash(scripted.normal()))
    facts = {"autopilot_crash": 2.0, "autopilot_crash_boot_s": 90.0, "contact_boot_s": 52.0}
    one = window(tracks, motion(tracks, Armed(SECOND, None, 60 * SECOND)), facts, Clock(), KEYS)

    assert one.event_boot_us == 52 * SECOND
    assert plain.full


def test_of_two_heights_the_one_that_the_facts_believe():
    """An estimator that falls through the ground while the drone lies there."""
    tracks = tracks_of(scripted.dataflash(scripted.normal()))
    times = tracks.baro_m.boot_us
    lost = Track(times, tracks.baro_m.values - np.maximum(times / SECOND - 45, 0) ** 2)
    flight = Armed(SECOND, 55 * SECOND, 60 * SECOND)
    facts = {"contact_boot_s": 52.0, "contact_force_m_s2": 20.0}
    both = replace(tracks, baro_m=lost, estimate_m=tracks.baro_m)

    one = window(both, motion(both, flight), facts, Clock(), KEYS)

    assert np.nanmin(column(one, "low", "height_m")) == pytest.approx(0, abs=20)


def test_without_any_sample_there_is_no_window():
    empty = motion(Tracks(), Armed(0, None, SECOND))

    assert window(Tracks(), empty, {}, Clock(), KEYS) is None


def test_a_million_samples_at_once_stay_a_message():
    count = 100_000
    rng = np.random.default_rng(7)
    storm = Track(np.full(count, 5 * SECOND), rng.uniform(0, 1e9, count))
    names = ("force_m_s2", "tilt_deg", "roll_deg", "pitch_deg", "throttle", "voltage_v", "baro_m")
    tracks = Tracks(**dict.fromkeys(names, storm))
    one = window(tracks, motion(tracks, Armed(0, None, 10 * SECOND)), {}, Clock(), KEYS)

    assert one.full["force_m_s2"].rows == FULL_LIMIT
    encode(Header("station-7", 1, 2, 1, 0, 0, "boot", "0.1.0"), one)


samples = st.lists(
    st.tuples(st.integers(0, 20 * SECOND), st.floats(-1e10, 1e10)), min_size=1, max_size=60
)


@given(samples, st.integers(0, 20 * SECOND))
def test_gaps_and_bursts_are_kept_as_they_are(pairs, event_us):
    pairs.sort()
    times, values = (np.array(part) for part in zip(*pairs, strict=True))
    track = Track(times.astype(np.int64), values.astype(float))
    tracks = Tracks(voltage_v=track, baro_m=Track(np.array([event_us]), np.zeros(1)))
    facts = {"contact_boot_s": event_us / SECOND, "contact_force_m_s2": 10.0}
    one = window(tracks, motion(tracks, Armed(0, None, 20 * SECOND)), facts, Clock(), KEYS)

    if not len(track.between(event_us - 10 * SECOND, event_us + 5 * SECOND - 1)):
        assert one is None or "voltage_v" not in one.low
        return
    low, high = np.transpose(list(extremes(track, one, "voltage_v")))
    np.testing.assert_array_equal(column(one, "low", "voltage_v"), low)
    np.testing.assert_array_equal(column(one, "high", "voltage_v"), high)
