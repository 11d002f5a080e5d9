"""The line and its faults."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.firmware_sim.vehicle.station import KINDS, US, Station, made_log
from windsock.firmware_sim.vehicle.frames import Codec
from windsock.firmware_sim.vehicle.wire import Faults, Wire

FRAMES = 4000


def sent(seed=0, every_us=1000, **faults):
    """(item, when it arrived) for numbers sent at a steady rate."""
    wire = Wire(Faults(**faults), np.random.default_rng(seed), lambda item: -item)
    arrived, now_us = [], 0
    for item in range(1, FRAMES + 1):
        now_us = item * every_us
        arrived += [(one, now_us) for one in wire.take(now_us)]
        wire.put(item, 100, now_us)
    while (due_us := wire.due_us()) is not None:
        now_us = max(now_us, due_us)
        arrived += [(one, now_us) for one in wire.take(now_us)]
    return arrived


@given(st.lists(st.integers(0, 10_000), max_size=50), st.sampled_from([None, 57_600]))
def test_without_faults_everything_arrives_once_and_in_order(gaps, baud):
    wire = Wire(Faults(baud=baud), np.random.default_rng(0), lambda _: None)
    now_us = 0
    arrived = []
    for item, gap in enumerate(gaps):
        now_us += gap
        wire.put(item, 100, now_us)
        arrived += wire.take(now_us)
    arrived += wire.take(now_us + 100 * US)

    assert arrived == list(range(len(gaps)))


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_losses_happen_as_often_as_asked(share):
    assert 1 - len(sent(loss=share)) / FRAMES == pytest.approx(share, abs=0.02)


def test_duplicates_and_damage_happen_as_often_as_asked():
    assert len(sent(duplicate=0.1)) / FRAMES == pytest.approx(1.1, abs=0.02)
    damaged = [item for item, _ in sent(corrupt=0.1) if item < 0]
    assert len(damaged) / FRAMES == pytest.approx(0.1, abs=0.02)


def test_reordered_frames_come_late_and_nothing_is_lost():
    items = [item for item, _ in sent(reorder=0.1)]

    assert sorted(items) == list(range(1, FRAMES + 1))
    late = sum(after < before for before, after in pairwise(items))
    assert late / FRAMES == pytest.approx(0.1, abs=0.03)


def test_the_same_seed_gives_the_same_faults():
    faults = {"loss": 0.1, "reorder": 0.1, "duplicate": 0.1, "stall_every_s": 1.0}

    assert sent(3, **faults) == sent(3, **faults)
    assert sent(3, **faults) != sent(4, **faults)


def test_stalls_hold_everything_up_and_lose_nothing():
    arrived = sent(stall_every_s=1.0, stall_s=0.5)
    moments = [at for _, at in arrived]
    pauses = [after - before for before, after in pairwise(moments)]

    assert [item for item, _ in arrived] == list(range(1, FRAMES + 1))
    assert sum(pause > 0.4 * US for pause in pauses) >= 2


@pytest.mark.parametrize("baud", [57_600, 115_200])
def test_a_baud_rate_carries_a_tenth_of_it_in_bytes(baud):
    log = made_log("a.bin", 400_000)
    station = Station("ardupilot", log, faults=Faults(baud=baud))
    station.ask(1)

    assert sum(len(frame) for _, frame in station.frames(10)) == pytest.approx(baud, rel=0.01)


def test_a_sender_waits_when_the_buffer_is_full():
    wire = Wire(Faults(baud=9600, buffer_b=1000), np.random.default_rng(0), lambda item: item)
    put = 0
    while wire.room_us() <= 0:
        wire.put(put, 100, 0)
        put += 1

    assert put == 8  # and 300 bytes are kept free for a frame of any size


@pytest.mark.parametrize("kind", KINDS)
def test_unplugged_nothing_gets_through(kind):
    station = Station(kind, made_log("a.bin", 900))
    station.order("unplug 3")
    assert station.list_logs(seconds=2.9) == []
    assert station.drone.heard["LOG_REQUEST_LIST"] == 0
    station.listen(0.2)

    assert len(station.list_logs()) == 1


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=600))
def test_no_bytes_from_the_station_upset_it(kind, data):
    station = Station(kind, made_log("a.bin", 900))
    station.drone.receive(data, station.now_us)
    station.drone.receive(b"\xfd" + bytes(300), station.now_us)  # whatever that began ends here

    assert station.listen(1.1, "HEARTBEAT")


@pytest.mark.parametrize("kind", KINDS)
@given(head=st.binary(min_size=12, max_size=12), data=st.binary(max_size=239))
def test_no_ftp_request_upsets_it(kind, head, data):
    station = Station(kind, made_log("a.bin", 900), alone=True)
    station.ftp(4, b"/APM/LOGS/00000001.BIN", session=0)
    payload = (head + data).ljust(251, b"\0")
    station.say("FILE_TRANSFER_PROTOCOL", target_network=0, payload=payload)
    station.listen(0.5)

    assert station.listen(1.1, "HEARTBEAT")


def test_hardly_a_damaged_frame_is_whole():
    station = Station("px4", faults=Faults(corrupt=1.0))
    frames = [frame for _, frame in station.frames(60)]
    whole = [message for frame in frames for message in Codec().decode(frame)]

    assert len(whole) < 0.05 * len(frames)  # a strange byte in front of it


def test_a_station_that_does_not_keep_up_is_heard():
    station = Station("ardupilot", made_log("1.bin", 90_000), log_data_b_s=9000)
    station.ask(1)
    station.data(0.1)
    station.end()
    station.drone.attend(station.now_us)

    assert station.data(5) == []
