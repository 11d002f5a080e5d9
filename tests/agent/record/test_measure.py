"""Whole logs to records: what others rely on, and that no data make it raise."""

import hashlib
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.agent.record import scripted
from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.events import LIMIT
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.wanted import WANTED
from windsock.protocol.facts import NAMES
from windsock.protocol.messages import LogRecord, Series
from windsock.protocol.urgency import urgency

LOGS = Path(__file__).parents[2] / "logs"


def measured(name):
    data = (LOGS / name).read_bytes()
    log_id = hashlib.sha256(data).hexdigest()[:32]
    return measure(read_flight_log(data, WANTED), Origin(log_id, positions="full"))


@pytest.fixture(scope="module")
def crash():
    return measured("d2_hard_impact_upright.BIN").record


def test_a_recorded_crash(crash):
    (flight,) = crash.flights
    facts = flight.facts

    assert (crash.format, crash.simulated, crash.firmware.vehicle) == (
        "dataflash",
        True,
        "multicopter",
    )
    assert facts["contact_boot_s"] == pytest.approx(64.55, abs=0.2)
    assert facts["sink_at_contact_m_s"] == pytest.approx(14.47, rel=0.1)
    assert facts["contact_force_m_s2"] > 300
    assert facts["fall_m"] == pytest.approx(17, abs=2)
    assert facts["tilt_at_contact_deg"] < 5
    assert (facts["ends_in_air"], facts["disarm_in_air"], facts["autopilot_crash"]) == (0, 0, 0)
    assert urgency(facts) == 1


def test_a_normal_flight_is_not_urgent_and_one_that_ends_in_the_air_is():
    cut = scripted.cut(scripted.normal(armed=(1.0, None)), 30.0)

    for script, level in ((scripted.normal(), 0), (cut, 1)):
        (flight,) = measure(scripted.dataflash(script), Origin("0" * 32)).record.flights
        assert urgency(flight.facts) == level


def test_a_rover_on_a_hill_stays_on_the_ground():
    log = scripted.dataflash(scripted.normal(), "ArduRover V4.2.3 (0123abcd)")

    assert measure(log, Origin("0" * 32)).record.flights[0].facts["airborne_s"] == 0


def test_records_and_series_are_what_the_wire_takes(crash):
    found = measured("h1_v455_normal.BIN")

    for part, kind in ((found.record, LogRecord), (found.series[0], Series), (crash, LogRecord)):
        assert msgspec.convert(msgspec.to_builtins(part), kind) == part
    again = msgspec.json.decode(msgspec.json.encode(found.record), type=LogRecord)
    assert again == found.record
    assert json.dumps(found.record.flights[0].facts, allow_nan=False)


def test_facts_that_could_not_be_measured_are_absent():
    log = scripted.dataflash(scripted.normal())
    for name in ("BARO", "CTUN"):
        del log.tables[name]

    facts = measure(log, Origin("0" * 32)).record.flights[0].facts

    assert not {"airborne_s", "height_max_m", "sink_at_contact_m_s", "height_hz"} & set(facts)
    assert facts["attitude_hz"] == 50


def test_events_are_limited_and_keep_the_grave_ones():
    chatter = [(2.0 + number / 100, f"Reached waypoint {number}") for number in range(300)]
    script = scripted.normal(
        messages=[*chatter, (54.0, "Crash: Disarming")], errors=[(54.0, 12, 1)]
    )

    found = measure(scripted.dataflash(script), Origin("0" * 32)).record.flights[0].events

    assert len(found) == LIMIT
    assert {"Crash: Disarming", "crash check (12/1)"} <= {event.text for event in found}
    assert [event.boot_s for event in found] == sorted(event.boot_s for event in found)


def test_a_part_of_a_log_says_how_much_it_saw():
    data = (LOGS / "h1_v455_normal.BIN").read_bytes()
    origin = Origin("0" * 32, partial_of_bytes=len(data))

    record = measure(read_flight_log(data[: len(data) // 2], WANTED), origin).record

    assert (record.partial, record.size_bytes) == (True, len(data))
    assert record.bytes_seen == len(data) // 2
    assert record.flights[0].facts["ends_in_air"] == 1


@pytest.mark.parametrize("share", np.linspace(0.02, 0.98, 13))
def test_cut_anywhere_it_measures_what_is_left(share):
    data = (LOGS / "d2_hard_impact_upright.BIN").read_bytes()
    try:
        log = read_flight_log(data[: int(share * len(data))], WANTED)
    except LogError:
        return
    assert len(measure(log, Origin("0" * 32)).record.flights) <= 1


BASES = (scripted.dataflash(scripted.normal()), scripted.ulog(scripted.normal()))
GARBAGE = st.sampled_from(
    [np.nan, np.inf, -np.inf, 0.0, 1e30, -1e30, 65535.0, 2.0**31, -1.0, 1e-40]
)


@st.composite
def ruined(draw):
    """A log with tables and fields missing, cut short, out of order and full of nonsense."""
    base = draw(st.sampled_from(BASES))
    tables = {}
    for name in draw(st.lists(st.sampled_from(sorted(base.tables)), unique=True)):
        one = base.tables[name][0]
        rows = draw(st.sampled_from([1, 2, 7, len(one)]))
        order = np.arange(min(rows, len(one)))
        if draw(st.booleans()):
            order = order[::-1]
        fields = {field: np.array(one[field])[order] for field in one.fields}
        field = draw(st.sampled_from([None, *sorted(fields)]))
        if field is not None and draw(st.booleans()):
            del fields[field]
        elif field is not None and fields[field].dtype.kind == "f":
            place = draw(st.integers(0, len(order) - 1))
            fields[field] = fields[field].copy()
            fields[field][place:] = draw(GARBAGE)
        boot_us = np.array(one.boot_us)[order]
        if draw(st.booleans()):
            boot_us = boot_us - 30_000_000
        tables[name] = scripted.table(name, boot_us, **fields)
    return scripted.log(base.format, tables, scripted.Script(1), [(1.0, scripted.BANNER)])


@settings(max_examples=300)
@given(ruined(), st.sampled_from(["coarse", "full", "none"]))
def test_no_data_make_it_raise(log, positions):
    found = measure(log, Origin("0" * 32, positions=positions))

    for flight in found.record.flights:
        assert set(flight.facts) <= set(NAMES)
        assert np.isfinite(list(flight.facts.values())).all()
    assert msgspec.json.decode(msgspec.json.encode(found.record), type=LogRecord) == found.record
