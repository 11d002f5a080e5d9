"""Series and positions: ten signals at 1 Hz, and what each positions setting lets out."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agent.record import scripted
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record import sensors
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.names import ARDUPILOT
from windsock.agent.record.series import nearest
from windsock.agent.record.tracks import track
from windsock.agent.record.wanted import WANTED
from windsock.protocol.columns import decode_column
from windsock.protocol.signals import BY_NAME

LOGS = Path(__file__).parents[2] / "logs"

HALF_A_STEP = 0.5001  # tracks are single precision


@pytest.fixture(scope="module")
def normal_log():
    return read_flight_log((LOGS / "h1_v455_normal.BIN").read_bytes(), None)


def measured(log, positions="full"):
    return measure(log, Origin("0" * 32, positions=positions))


def test_rows_equal_the_nearest_logged_value_at_the_signals_step(normal_log):
    found = measured(normal_log)
    (part,) = found.series
    times = part.start_boot_us + part.interval_us * np.arange(part.rows)
    sources = {
        "roll_deg": ("ATT", "Roll"),
        "pitch_deg": ("ATT", "Pitch"),
        "voltage_v": ("BAT", "Volt"),
        "ground_speed_m_s": ("GPS", "Spd"),
        "lat_deg": ("GPS", "Lat"),
        "lon_deg": ("GPS", "Lng"),
    }

    for name, (table, field) in sources.items():
        values, present = decode_column(part.columns[name], part.rows)
        raw = normal_log.table(table)
        places = np.abs(raw.boot_us[None] - times[:, None]).argmin(axis=1)
        steps = raw[field].astype(float)[places] * BY_NAME[name].scale
        assert present.all()
        assert np.abs(values - steps).max() < HALF_A_STEP, name


def test_height_starts_at_zero_and_reaches_the_boxs_height(normal_log):
    (part,) = measured(normal_log).series
    values, present = decode_column(part.columns["height_m"], part.rows)

    assert abs(values[0]) <= 1
    assert values[present].max() / 10 == pytest.approx(20, abs=0.5)


def test_coarse_keeps_the_flight_and_hides_the_place(normal_log):
    found = measured(normal_log, "coarse")
    (flight,) = found.record.flights

    assert not {"lat_deg", "lon_deg"} & set(found.series[0].columns)
    assert {"yaw_deg", "ground_speed_m_s"} <= set(found.series[0].columns)
    assert flight.lat_deg == round(flight.lat_deg, 1)
    assert flight.lat_deg == pytest.approx(
        measured(normal_log).record.flights[0].lat_deg, abs=0.05001
    )


def test_none_lets_nothing_out_that_draws_a_track(normal_log):
    found = measured(normal_log, "none")
    (flight,) = found.record.flights

    hidden = {"lat_deg", "lon_deg", "yaw_deg", "ground_speed_m_s"}
    assert not hidden & set(found.series[0].columns)
    assert (flight.lat_deg, flight.lon_deg) == (None, None)
    assert not {"distance_max_m", "ground_speed_max_m_s"} & set(flight.facts)


def test_hours_come_in_even_chunks_and_absent_signals_have_no_column():
    script = scripted.normal(armed=(1.0, None))
    log = scripted.dataflash(script)
    late = scripted.table("ATT", [7_300_000_000], Roll=[3.0], Pitch=[0.0], Yaw=[9.0])
    att = log.tables["ATT"][0]
    log.tables["ATT"][0] = scripted.table(
        "ATT",
        np.concatenate((att.boot_us, late.boot_us)),
        **{name: np.concatenate((att[name], late[name])) for name in late.fields},
    )

    parts = measured(log).series

    assert [part.rows for part in parts] == [2433, 2433, 2434]
    assert [part.start_boot_us for part in parts] == [1_000_000, 2_434_000_000, 4_867_000_000]
    assert set(parts[1].columns) == set()
    values, present = decode_column(parts[2].columns["roll_deg"], 2434)
    assert (values[2433], present.sum()) == (30, 2)  # a sample serves the rows within a second
    assert not {"lat_deg", "current_a"} & set(parts[0].columns)


@given(
    st.lists(st.integers(0, 20_000_000), max_size=20),
    st.lists(st.integers(-5_000_000, 25_000_000), min_size=1, max_size=20),
)
def test_nearest_is_nearest(samples, times):
    times_us = np.array(sorted(times), np.int64)
    source = track(np.array(samples, np.int64), np.arange(len(samples), dtype=float))

    values, present = nearest(source, times_us)

    for at, value, there in zip(times_us, values, present, strict=True):
        distances = np.abs(source.boot_us - at)
        assert there == (len(samples) > 0 and distances.min() <= 1_000_000)
        if there:
            best = source.values[distances == distances.min()]
            assert value in best


def test_the_same_bytes_give_the_same_record(normal_log):
    data = (LOGS / "h1_v455_normal.BIN").read_bytes()
    log_id = hashlib.sha256(data).hexdigest()[:32]
    first = measure(read_flight_log(data, WANTED), Origin(log_id))

    assert first.record == measure(normal_log, Origin(log_id)).record


@pytest.mark.parametrize(
    ("volts", "amperes"), [([1239, 1101], [2047, 5754]), ([12.39, 11.01], [20.47, 57.54])]
)
def test_a_battery_is_read_in_volts_and_amperes_whatever_it_was_logged_in(volts, amperes):
    """ArduCopter 3.2's CURR has hundredths of both, 3.4's the numbers themselves."""
    curr = scripted.table(
        "CURR", [1_000_000, 2_000_000], Volt=np.array(volts), Curr=np.array(amperes)
    )
    log = scripted.log("dataflash", {"CURR": curr}, scripted.Script(3), [(0.0, scripted.BANNER)])

    voltage, current = sensors.battery(log, ARDUPILOT)

    np.testing.assert_allclose(voltage.values, [12.39, 11.01], rtol=1e-6)
    np.testing.assert_allclose(current.values, [20.47, 57.54], rtol=1e-6)
