"""The flights obey physics, so that what a detector says of them means something."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.firmware_sim.flights import accidents, lookalikes, rotation, winged
from windsock.firmware_sim.flights.course import fly
from windsock.firmware_sim.flights.crafts import plane, quadcopter
from windsock.firmware_sim.flights.falling import fall, impact, tip_over
from windsock.firmware_sim.flights.ground import arm, disarm, rest
from windsock.firmware_sim.flights.hovering import (
    cruise,
    flip,
    hover,
    take_off,
    touch_down,
)
from windsock.firmware_sim.flights.scenarios import SCENARIOS
from windsock.firmware_sim.flights.trajectory import GRAVITY, RATE_HZ, STEP_S, Craft
from windsock.firmware_sim.flights.wings import launch, rail, wing

ABOVE = {"stays-in-a-tree", "caught-by-hand"}
BELOW = {"into-water", "down-a-slope"}
STILL_AIR = {"gust_m_s": 0.0}
angles = st.floats(-np.pi, np.pi)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def force(flight):
    return np.linalg.norm(flight.force_m_s2, axis=1)


def tilt_deg(flight):
    return np.degrees(rotation.tilt(flight.attitude))


@pytest.mark.parametrize("name", SCENARIOS)
def test_forces_attitudes_velocities_and_places_belong_together(name):
    flight = SCENARIOS[name](np.random.default_rng(3))
    felt = rotation.to_world(flight.attitude, flight.force_m_s2)
    pull = np.gradient(flight.velocity_m_s, STEP_S, axis=0) - [0.0, 0.0, GRAVITY]
    steps = np.diff(flight.position_m, axis=0)
    moved = np.linalg.norm(steps - flight.velocity_m_s[1:] * STEP_S, axis=1)

    assert np.allclose(felt, pull, atol=1e-6)
    assert np.allclose(np.linalg.norm(flight.attitude, axis=1), 1.0)
    assert moved.max() < 0.02  # the ground is found within a step
    if name not in BELOW:
        assert flight.height_m.min() > -0.8  # frames give way, and toppled craft lie low
    assert flight.cut_s or flight.height_m[-1] < 1.0 or name in ABOVE
    assert (flight.throttle >= 0).all()
    assert (flight.throttle <= 1).all()
    assert flight.motors.shape == (len(flight), flight.craft.motors)
    assert not flight.motors[~flight.armed].any()


def test_the_same_generator_gives_the_same_flight_and_log():
    twice = [accidents.tumbling_fall(np.random.default_rng(9)) for _ in range(2)]

    assert np.array_equal(twice[0].force_m_s2, twice[1].force_m_s2)
    assert twice[0].seed == twice[1].seed


def test_at_rest_it_feels_gravity(rng):
    flight = fly(quadcopter(rng), rng, rest(1.0))

    assert np.allclose(force(flight), GRAVITY)


def test_it_climbs_to_a_height_and_hovers_on_its_hover_throttle(rng):
    craft = quadcopter(rng)
    flight = fly(craft, rng, rest(1.0), arm(), take_off(10.0), hover(5.0, **STILL_AIR))
    hovering = slice(-2 * RATE_HZ, -RATE_HZ)

    assert flight.height_m[-1] == pytest.approx(10.0, abs=0.2)
    assert flight.throttle[hovering].mean() == pytest.approx(craft.hover_throttle, rel=0.02)


def test_drag_leans_it_into_its_speed(rng):
    craft = Craft(kind="multicopter", terminal_m_s=20.0)
    flight = fly(craft, rng, arm(), take_off(10.0), cruise(10.0, 12.0, **STILL_AIR))

    assert tilt_deg(flight)[-1] == pytest.approx(np.degrees(np.arctan((10 / 20) ** 2)), abs=2.0)


@pytest.mark.parametrize("sink", [0.4, 0.8, 2.0])
def test_a_touchdown_is_as_hard_as_sink_and_gear_make_it(rng, sink):
    craft = Craft(kind="multicopter", gear_s=0.04)
    flight = fly(craft, rng, arm(), take_off(8.0), touch_down(sink, bounce=0.0, hurried=True))

    assert force(flight).max() == pytest.approx(np.pi / 2 * sink / 0.04 + GRAVITY, rel=0.05)
    assert flight.height_m[-1] == pytest.approx(-sink * 0.04 / 2, abs=0.01)  # gear gives way


def test_touchdowns_of_a_fleet_feel_like_real_ones():
    peaks = [
        force(lookalikes.normal(np.random.default_rng(seed)))[-25 * RATE_HZ :].max()
        for seed in range(8)
    ]

    assert min(peaks) > 17.0
    assert max(peaks) < 117.0  # the hardest normal one on record


def test_a_free_fall_is_weightless_and_as_fast_as_its_height_says(rng):
    craft = Craft(kind="multicopter", terminal_m_s=1000.0)
    flight = fly(craft, rng, arm(), take_off(20.0), hover(3.0, **STILL_AIR), fall(), impact())
    falling = slice(np.argmin(force(flight)), np.argmax(force(flight)) - 50)

    assert force(flight)[falling].max() < 0.2
    assert flight.velocity_m_s[:, 2].max() == pytest.approx(np.sqrt(2 * GRAVITY * 20), rel=0.03)


def test_air_limits_a_fall(rng):
    craft = Craft(kind="multicopter", terminal_m_s=15.0)
    flight = fly(craft, rng, arm(), take_off(40.0), fall(), impact())

    assert 13.0 < flight.velocity_m_s[:, 2].max() < 15.0


@pytest.mark.parametrize(("lying", "low", "high"), [("upright", 0, 13), ("upside down", 159, 180)])
def test_it_lies_as_it_was_told(rng, lying, low, high):
    craft = quadcopter(rng)
    flight = fly(
        craft, rng, arm(), take_off(8.0), fall(tumbling_deg_s=300.0), impact(lying), rest(2.0)
    )

    assert low <= tilt_deg(flight)[-1] <= high
    assert np.allclose(force(flight)[-RATE_HZ:], GRAVITY)


def test_a_flip_turns_it_over_once_and_it_is_caught(rng):
    flight = fly(quadcopter(rng), rng, arm(), take_off(15.0), flip(seconds=0.6), hover(3.0))
    over = tilt_deg(flight) > 90

    assert tilt_deg(flight).max() > 170
    assert np.count_nonzero(np.diff(over.astype(int)) > 0) == 1
    assert tilt_deg(flight)[-1] < 5


def test_toppling_knocks_its_accelerometer(rng):
    craft = Craft(kind="multicopter", height_m=0.3)
    flight = fly(craft, rng, rest(1.0), arm(), tip_over(90.0, stop_s=0.03), rest(1.0))

    assert tilt_deg(flight)[-1] == pytest.approx(90.0, abs=5.0)
    assert 40.0 < force(flight).max() < 160.0


def test_a_catapult_pushes_as_hard_as_speed_and_time_say(rng):
    flight = fly(
        plane(rng), rng, rail(1.0), arm("mission"), launch(15.0, seconds=0.4), wing(16, 8)
    )

    assert force(flight).max() == pytest.approx(np.pi / 2 * 15.0 / 0.4, rel=0.2)
    assert flight.when("launch detected") == pytest.approx([1.4])


def test_a_bank_pulls_as_a_turn_does(rng):
    flight = fly(plane(rng), rng, arm(), launch(16.0, seconds=0.4), wing(16, 20, turn_deg_s=25.0))
    turning = force(flight)[8 * RATE_HZ : 14 * RATE_HZ].mean()
    bank = np.arctan(16.0 * np.radians(25.0) / GRAVITY)

    assert turning == pytest.approx(GRAVITY / np.cos(bank), rel=0.05)


def test_a_tailsitter_cruises_on_its_back_as_px4_sees_it():
    flight = winged.tailsitter_cruise(np.random.default_rng(4))
    cruising = flight.on_wings & ~flight.in_transition

    assert np.median(tilt_deg(flight)[cruising]) == pytest.approx(86.0, abs=3.0)
    assert tilt_deg(flight)[~flight.on_wings & ~flight.in_transition].max() < 15


def test_the_land_detector_waits_a_second(rng):
    flight = fly(
        quadcopter(rng), rng, rest(1.0), arm(), take_off(5.0), touch_down(0.5), rest(3.0), disarm()
    )
    contact = np.argmax(force(flight))
    landed = np.flatnonzero(flight.landed[contact:])[0]

    assert flight.landed[0]
    assert not flight.landed[contact]
    assert 1.0 < landed * STEP_S < 2.0


@given(angles, st.floats(-1.5, 1.5), angles)
def test_angles_become_quaternions_and_angles_again(roll, pitch, yaw):
    back = rotation.to_euler(rotation.from_euler(roll, pitch, yaw))

    assert np.allclose(np.sin(back), np.sin((roll, pitch, yaw)), atol=1e-6)
    assert np.allclose(np.cos(back), np.cos((roll, pitch, yaw)), atol=1e-6)


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3), angles, angles)
def test_bodies_and_worlds_see_the_same_vector(vector, roll, yaw):
    q = rotation.from_euler(roll, 0.3, yaw)

    assert np.allclose(rotation.to_body(q, rotation.to_world(q, np.array(vector))), vector)
