"""Batches as bytes: round trips, golden vectors, and hostile input."""

import json
import zlib
from pathlib import Path

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.protocol import envelope
from windsock.protocol.acks import QUARANTINED, STORED, Ack, decode_acks, encode_acks
from windsock.protocol.dictionary import DICTIONARY
from windsock.protocol.errors import WireError

from .examples import HEADER, MESSAGES, RECORD

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", MESSAGES)
def test_every_kind_survives(name):
    batch = envelope.decode(envelope.encode(HEADER, MESSAGES[name]))

    assert batch == (HEADER, MESSAGES[name])


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.bin")), ids=lambda path: path.stem)
def test_golden_vectors_still_decode(path):
    """Bytes that shipped agents may still hold in their spools. Add vectors, never change one."""
    said = json.loads(path.with_suffix(".json").read_text("utf-8"))

    batch = envelope.decode(path.read_bytes())

    assert json.loads(msgspec.json.encode(batch._asdict())) == said


def test_there_is_a_golden_vector_of_every_kind():
    for version in ("v1.0", "v1.1"):
        found = {path.stem for path in GOLDEN.glob(f"{version}-*.bin")}
        assert found == {f"{version}-{kind}" for kind in MESSAGES}


def test_an_unknown_minor_version_and_unknown_fields_are_tolerated():
    body = msgpack.packb({"kind": "ping", "from_the_future": [1, 2]})

    assert envelope.decode(framed(body, minor=9)).message == MESSAGES["ping"]


def test_a_major_version_is_not():
    with pytest.raises(WireError, match="major version 2"):
        envelope.decode(framed(b"\x80", major=2))


@given(st.binary(max_size=400))
def test_garbage_raises_the_named_error(garbage):
    with pytest.raises(WireError):
        envelope.decode(garbage)


@given(st.binary(max_size=400))
def test_a_garbage_body_raises_the_named_error(body):
    payload = framed(body)
    with pytest.raises(WireError):
        envelope.decode(payload)
    assert envelope.key_of(payload) == HEADER.key


@given(st.sampled_from(sorted(MESSAGES)), st.data())
def test_a_damaged_message_raises_the_named_error(name, data):
    payload = bytearray(envelope.encode(HEADER, MESSAGES[name]))
    at = data.draw(st.integers(0, len(payload) - 1))
    payload[at] ^= data.draw(st.integers(1, 255))

    with pytest.raises(WireError):
        envelope.decode(bytes(payload))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_cut_message_raises_the_named_error(name):
    payload = envelope.encode(HEADER, MESSAGES[name])
    for length in range(len(payload)):
        with pytest.raises(WireError):
            envelope.decode(payload[:length])


UNKNOWN = b"\x82\xa4kind\xa4ping\xa1x"
"""A ping with something that this reader skips."""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\x91" * 100_000, "array"),
        (UNKNOWN + b"\x91" * 100_000, "recursion"),
        (b"\x81\xa1a" * 50_000, "body"),
        (b"\xdd\xff\xff\xff\xff", "array"),
        (b"\x82\xa4kind\xa6flight\xa4logs\xdd\xff\xff\xff\xff", "logs"),
        (UNKNOWN + b"\xdd\xff\xff\xff\xff", "body"),
        (b"\xc6\xff\xff\xff\xff", "body"),
        (b"\x81\xa4kind\xa2\xff\xfe", "utf-8"),
        (msgpack.packb({"kind": "ping"}) + b"\0", "trailing"),
        (msgpack.packb({"kind": "from-the-future"}), "from-the-future"),
        (msgpack.packb({"kind": "log", "log_id": "x", "name": "n", "size_bytes": 1}), "log_id"),
    ],
)
def test_hostile_bodies_are_named(body, reason):
    with pytest.raises(WireError, match=reason):
        envelope.decode(framed(body))


def test_a_decompression_bomb_is_refused():
    bomb = zlib.compress(bytes(100_000_000))
    assert len(bomb) < envelope.MESSAGE_LIMIT

    with pytest.raises(WireError, match="more than"):
        envelope.decode(framed(bomb, codec=envelope.ZLIB))


def test_the_preset_dictionary_never_changes():
    """Spools hold bytes that only these words can undo: new ones need another body codec."""
    assert zlib.adler32(DICTIONARY) == 0xF22D67A0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e39])
def test_a_fact_that_is_no_number_is_refused(value):
    flight = msgspec.structs.replace(RECORD.flights[0], facts={"airborne_s": value})
    record = msgspec.structs.replace(RECORD, flights=[flight])
    message = msgspec.structs.replace(MESSAGES["flight"], logs=[record])

    with pytest.raises(WireError, match="airborne_s"):
        envelope.decode(envelope.encode(HEADER, message))


@pytest.mark.parametrize(
    ("start", "facts"),
    [
        ({"quality": "gps"}, {}),
        ({"quality": "none", "us": 1_795_467_600_000_000}, {}),
        ({"quality": "gps", "us": 2**63 - 1}, {}),
        ({"quality": "gps", "us": -(2**63)}, {}),
        ({"quality": "gps", "us": 1_795_467_600_000_000}, {"contact_boot_s": 3e38}),
    ],
)
def test_times_nobody_can_reckon_with_are_refused(start, facts):
    body = msgspec.to_builtins(MESSAGES["flight"], builtin_types=(bytes,))
    body["logs"][0]["flights"][0] |= {"start": start, "facts": facts}

    with pytest.raises(WireError, match=r"start|fact"):
        envelope.decode(framed(msgpack.packb(body)))


def test_what_would_not_fit_is_refused_before_it_is_sent():
    changed = {f"P{number}": (0.1 * number, None) for number in range(100_000)}
    record = msgspec.structs.replace(RECORD, parameters_changed=changed)

    with pytest.raises(ValueError, match="exceeds"):
        envelope.encode(HEADER, msgspec.structs.replace(MESSAGES["flight"], logs=[record]))


@given(st.lists(st.tuples(st.binary(min_size=8, max_size=8), st.sampled_from([0, 1]))))
def test_acks_survive(pairs):
    acks = [Ack(*pair) for pair in pairs]

    assert decode_acks(encode_acks(acks)) == acks


@given(st.binary(max_size=100))
def test_garbage_acks_raise_the_named_error(garbage):
    try:
        acks = decode_acks(garbage)
    except WireError:
        return
    assert all(ack.status in (STORED, QUARANTINED) for ack in acks)


def framed(body, *, major=1, minor=0, codec=envelope.PLAIN):
    """A valid envelope around any body, written from docs/wire-format.md."""
    start = bytes([0x57, major, minor, codec])
    rest = msgpack.packb(list(msgspec.structs.astuple(HEADER))) + body
    return start + zlib.crc32(start + rest).to_bytes(4, "little") + rest
