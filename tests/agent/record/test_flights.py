"""Armed intervals: what each witness knows, and against recordings with known truth."""

import hashlib
import json
from datetime import datetime

import numpy as np
import pytest

from tests.agent.record import scripted
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.flights import armed_intervals
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.normalise import tracks
from windsock.agent.record.wanted import WANTED


def intervals(script, make=scripted.dataflash):
    found = armed_intervals(tracks(make(script)))
    return [(one.armed_us / 1e6, one.disarmed_us and one.disarmed_us / 1e6) for one in found]


@pytest.mark.parametrize("make", [scripted.dataflash, scripted.ulog])
def test_armed_and_disarmed(make):
    assert intervals(scripted.normal(), make) == [pytest.approx((1.0, 55.0), abs=0.2)]


def test_a_log_that_ends_before_the_disarming():
    assert intervals(scripted.normal(armed=(1.0, None))) == [(1.0, None)]


def test_a_log_that_begins_after_the_arming():
    log = scripted.dataflash(scripted.normal())
    events = log.tables["EV"][0]
    kept = events["Id"] != 10
    log.tables["EV"][0] = scripted.table("EV", events.boot_us[kept], Id=events["Id"][kept])

    (flight,) = armed_intervals(tracks(log))

    assert (flight.armed_us, flight.disarmed_us) == (0, 55_000_000)


def test_a_log_without_a_word_of_arming_but_with_running_motors():
    log = scripted.dataflash(scripted.normal())
    del log.tables["EV"]

    (flight,) = armed_intervals(tracks(log))

    assert (flight.armed_us, flight.disarmed_us) == (0, None)


def test_never_armed_is_no_flight():
    assert intervals(scripted.Script(10, armed=(None, None))) == []
    assert intervals(scripted.Script(10, armed=(99.0, None)), scripted.ulog) == []


def test_two_witnesses_of_one_arming_are_one_flight():
    log = scripted.dataflash(scripted.normal())
    log.tables["ARM"] = {0: scripted.rows("ARM", [(1.4, 1), (55.6, 0)], "ArmState")}

    (flight,) = armed_intervals(tracks(log))

    assert (flight.armed_us, flight.disarmed_us) == (1_000_000, 55_000_000)


def test_arming_again_without_a_disarming_between_is_a_second_flight():
    log = scripted.dataflash(scripted.normal(armed=(1.0, None)))
    log.tables["EV"] = {0: scripted.rows("EV", [(1.0, 10), (30.0, 10)], "Id")}

    first, second = armed_intervals(tracks(log))

    assert first.disarmed_us == pytest.approx(30e6, abs=1e5)
    assert (second.armed_us, second.disarmed_us) == (30_000_000, None)


def test_events_without_a_time_of_their_own_move_to_the_edges_of_the_gap():
    log = scripted.dataflash(scripted.normal())
    for name, one in list(log.tables.items()):
        gap = (one[0].boot_us < 20_000_000) | (one[0].boot_us > 40_000_000)
        fields = {key: one[0][key][gap] for key in one[0].fields}
        log.tables[name] = {0: scripted.table(name, one[0].boot_us[gap], **fields)}
    log.tables["EV"] = {0: scripted.rows("EV", [(1.0, 10), (27.0, 11), (33.0, 10)], "Id")}

    first, second = armed_intervals(tracks(log))

    assert first.disarmed_us == pytest.approx(20e6, abs=1e5)
    assert second.armed_us == pytest.approx(40e6, abs=1e5)


def test_a_damaged_stamp_does_not_stretch_a_flight_for_years():
    log = scripted.dataflash(scripted.normal(armed=(1.0, None)))
    one = log.tables["IMU"][0]
    times = np.array(one.boot_us)
    times[-1] = 10**17
    log.tables["IMU"] = {0: scripted.table("IMU", times, **one.fields)}

    (flight,) = measure(log, Origin("0" * 32)).record.flights

    assert flight.end_boot_us - flight.armed_boot_us == 24 * 3600 * 1_000_000


def test_every_flight_of_a_flickering_log_up_to_a_thousand():
    log = scripted.dataflash(scripted.Script(20))
    pairs = [(1 + 0.01 * number, 10 + number % 2) for number in range(2_400)]
    log.tables["EV"] = {0: scripted.rows("EV", pairs, "Id")}
    late = scripted.table("IMU", [0, 26_000_000], AccX=[0.0] * 2, AccY=[0.0] * 2, AccZ=[9.8] * 2)
    log.tables["IMU"] = {0: late}

    assert len(armed_intervals(tracks(log))) <= 1000


def recorded(shared_logs):
    truths = json.loads((shared_logs / "recorded/truth.json").read_text())
    for name, truth in truths.items():
        data = (shared_logs / "recorded" / name).read_bytes()
        log_id = hashlib.sha256(data).hexdigest()[:32]
        yield name, truth, measure(read_flight_log(data, WANTED), Origin(log_id)).record


def nearest(moments, boot_us):
    return min(moments, key=lambda moment: abs(moment[0] - boot_us / 1e6))


def test_flights_of_the_recorded_logs(shared_logs):
    """Armed and disarmed within 1 s, UTC within 2 s; where a log holds one flight of a boot's two,
    that one."""
    for name, truth, record in recorded(shared_logs):
        assert len(record.flights) == (
            1 if "f1_" in name or "g1_" in name else len(truth["armed"])
        )
        for flight in record.flights:
            armed_s, armed_utc = nearest(truth["armed"], flight.armed_boot_us)[:2]
            assert flight.armed_boot_us / 1e6 == pytest.approx(armed_s, abs=1.0), name
            if flight.disarmed_boot_us is None:
                assert not truth["disarmed"], name
            else:
                disarmed_s = nearest(truth["disarmed"], flight.disarmed_boot_us)[0]
                assert flight.disarmed_boot_us / 1e6 == pytest.approx(disarmed_s, abs=1.0), name
            if record.format == "dataflash":
                start = datetime.fromisoformat(armed_utc).timestamp()
                assert flight.start.quality == "gps"
                assert flight.start.us / 1e6 == pytest.approx(start, abs=2.0), name


def test_contacts_of_the_recorded_logs(shared_logs):
    """Ground contact within 1 s, and how fast it hit within a tenth."""
    for name, truth, record in recorded(shared_logs):
        for flight in record.flights:
            if not truth["ground_contact"] or "contact_boot_s" not in flight.facts:
                continue
            contact = nearest(truth["ground_contact"], 1e6 * flight.facts["contact_boot_s"])
            assert flight.facts["contact_boot_s"] == pytest.approx(contact[0], abs=1.0), name
            if contact[2] > 3:
                sink = flight.facts["sink_at_contact_m_s"]
                assert sink == pytest.approx(contact[2], rel=0.1), name


def test_a_bent_clock_is_set_straight():
    log = scripted.dataflash(scripted.normal())
    one = log.tables["IMU"][0]
    order = np.random.default_rng(1).permutation(len(one))
    fields = {key: one[key][order] for key in one.fields}
    log.tables["IMU"][0] = scripted.table("IMU", one.boot_us[order], **fields)

    force = tracks(log).force_m_s2

    assert np.all(np.diff(force.boot_us) >= 0)
