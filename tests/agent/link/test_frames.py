"""Frames are found among anything; what is none is skipped and counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import ardupilotmega, common

from windsock.agent.link import dialect
from windsock.agent.link.frames import Splitter


def splitter():
    return Splitter(dialect.crc_extra, dialect.checksum)


def heartbeat(number, *, mavlink1=False):
    sender = common.MAVLink(None, srcSystem=7, srcComponent=1)
    sender.seq = number % 256
    message = common.MAVLink_heartbeat_message(2, 3, 81, number, 3, 3)
    return message.pack(sender, force_mavlink1=mavlink1)


FRAMES = st.lists(
    st.builds(heartbeat, st.integers(0, 2**32 - 1), mavlink1=st.booleans()), max_size=5
)
NOISE = st.binary(max_size=40).map(lambda noise: noise.replace(b"\xfd", b"").replace(b"\xfe", b""))


@given(FRAMES, st.lists(NOISE, min_size=6, max_size=6), st.integers(1, 20))
def test_frames_come_out_of_any_noise_in_any_pieces(frames, noises, step):
    stream = noises[0] + b"".join(
        frame + noise for frame, noise in zip(frames, noises[1:], strict=False)
    )
    reader, found = splitter(), []
    for at in range(0, len(stream), step):
        found += reader.feed(stream[at : at + step])

    assert [frame.raw for frame in found] == frames
    assert reader.counts.bytes == len(stream)
    assert reader.counts.foreign_bytes == len(stream) - sum(map(len, frames))


@given(st.binary(max_size=600))
def test_garbage_raises_nothing(garbage):
    reader = splitter()
    for frame in reader.feed(garbage):
        dialect.decode(frame)


@pytest.mark.parametrize("mavlink1", [False, True])
def test_a_damaged_frame_takes_no_neighbour_with_it(mavlink1):
    frames = [heartbeat(number, mavlink1=mavlink1) for number in range(3)]
    for at in range(len(frames[1])):
        damaged = bytearray(frames[1])
        damaged[at] ^= 0x55
        reader = splitter()
        # Enough behind it: a damaged length makes the reader wait for what it promised.
        found = reader.feed(frames[0] + damaged + frames[2] + bytes(300))

        assert [frame.raw for frame in found][:1] == frames[:1]
        assert frames[2] in [frame.raw for frame in found]
        assert len(found) == 2
        assert reader.counts.lost == 1


def test_an_id_that_the_dialect_does_not_know_is_let_go_whole():
    sender = ardupilotmega.MAVLink(None, srcSystem=1, srcComponent=1)
    stranger = ardupilotmega.MAVLink_ekf_status_report_message(1, 0.1, 0.2, 0.3, 0.4, 0.5)
    raw = stranger.pack(sender)
    assert dialect.crc_extra(stranger.id) is None
    reader = splitter()

    found = reader.feed(raw + heartbeat(1))

    assert [frame.raw for frame in found] == [heartbeat(1)]
    assert (reader.counts.unknown, reader.counts.foreign_bytes) == (1, 0)


def test_a_signed_frame_is_a_frame_and_unknown_flags_are_none():
    sender = common.MAVLink(None, srcSystem=7, srcComponent=1)
    sender.signing.secret_key, sender.signing.sign_outgoing = bytes(32), True
    signed = common.MAVLink_heartbeat_message(2, 3, 81, 5, 3, 3).pack(sender)
    flagged = bytearray(heartbeat(1))
    flagged[2] = 2
    reader = splitter()

    found = reader.feed(signed + flagged + heartbeat(9))

    assert [frame.raw for frame in found] == [signed, heartbeat(9)]


def test_lost_frames_are_counted_for_each_sender():
    reader = splitter()
    for number in (0, 1, 4, 255, 256):
        reader.feed(heartbeat(number))

    assert reader.counts.lost == 2 + 250


def test_a_message_is_decoded_as_it_was_sent():
    (frame,) = splitter().feed(heartbeat(77))
    message = dialect.decode(frame)

    assert isinstance(message, dialect.Heartbeat)
    assert (message.custom_mode, frame.system, frame.component) == (77, 7, 1)
