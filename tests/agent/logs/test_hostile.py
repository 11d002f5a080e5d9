"""Logs made to take for ever or all memory: work grows with the file, memory has an end.

Work is counted (Python calls, bytes looked at), so that no test depends on a clock.
"""

import contextlib
import struct
import tracemalloc

import numpy as np
import pytest

from tests.agent.logs.writers import (
    FMT_ITSELF,
    data,
    definition,
    dropout,
    flags,
    floats,
    fmt,
    keyed,
    message,
    row,
    subscribe,
    text,
    ulog,
    unsubscribe,
)
from tests.fuzz.reading import assert_sound
from tests.fuzz.work import counted
from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.reader import read_flight_log

SIZE = 20_000
THING = definition("t:uint64_t timestamp;float x;")
BIG = definition("big:" + "".join(f"float a{one};" for one in range(700)))
HEAD = ulog(flags(), THING, BIG, subscribe(1, "t"), floats(1, 1_000_000, 1))
ATT = FMT_ITSELF + fmt(130, "ATT", "Qcc", "TimeUS,Roll,Pitch") + row(130, "Qcc", 1000, 1, 1) * 3
ATT += b"".join(fmt(one, f"T{one}", "QB", "TimeUS,I") for one in range(128))


def bare(number, payload=b""):
    """A data message of any content."""
    return message("D", struct.pack("<H", number) + payload)


def broken(definition_message, place=12):
    """A definition with one bit changed."""
    return (
        definition_message[:place]
        + bytes([definition_message[place] ^ 1])
        + definition_message[place + 1 :]
    )


ULOGS = {
    "formats without end": lambda one: definition(f"f{one}:uint64_t timestamp;float x;"),
    "topics without end": lambda one: (
        definition(f"f{one}:uint64_t timestamp;float x;") + subscribe(one % 65536, f"f{one}")
    ),
    "a large type in each format": lambda one: (
        definition(f"f{one}:big b;") + subscribe(one + 9, f"f{one}")
    ),
    "a large topic subscribed after each format": lambda one: (
        definition(f"f{one}:float x;") + subscribe(one + 9, "big")
    ),
    "formats of 65,000 fields": lambda one: (
        definition(f"f{one}:uint8_t[65000] x;") + subscribe(one + 9, f"f{one}")
    ),
    "types within types": lambda one: (
        definition(f"n{one}:n{one + 1}[2] a;") + subscribe(one + 9, f"n{one}")
    ),
    "a type that holds itself": lambda one: (
        definition(f"n{one}:n{(one + 1) % 20} a;") + subscribe(one + 9, f"n{one % 20}")
    ),
    "one format again and again": lambda _: THING,
    "every id subscribed": lambda one: subscribe(one, "t", one % 256) + floats(one, 1_000_000, 1),
    "an id given away all the time": lambda one: (
        unsubscribe(1) + subscribe(1, "t", one % 256) + floats(1, 1_000_000 + one, 1)
    ),
    "broken formats": lambda one: (
        broken(definition(f"b{one}:uint64_t timestamp;float xxxxxxxxxxxxxxxxxxxxxxxxxx;"), 22)
        + subscribe(one + 9, f"b{one}")
        + text("a")
    ),
    "broken subscriptions": lambda one: subscribe(one, f"zz{one}" * 9) + text("a"),
    "fields of endless names": lambda one: (
        message("F", f"b{one}:uint64_t timestamp;\1".encode() + b"x" * 3000 + b";") + text("a")
    ),
    "data of every size": lambda one: bare(1, bytes(9 + one // 3 % 300)),
    "data of unknown topics": lambda one: bare(2 + one, bytes(8 + one % 7)),
    "only headers": lambda _: b"\2\0Z\0\0",
    "data of one byte": lambda _: b"\1\0D\0",
    "messages of no size": lambda _: b"\0\0D",
    "dropouts": lambda _: dropout(5),
    "a parameter that changes": lambda one: keyed("P", "float GAIN", struct.pack("<f", one)),
    "an info without end": lambda _: keyed("M", "char[5] perf", b"hello", b"\1"),
    "time going back": lambda one: floats(1, (1 << 40) - one * 1_000_000, 1),
    "impossible times": lambda one: data(1, [1 << 63, (1 << 63) - 1, (1 << 64) - 1, 0][one % 4]),
    "damage behind every message": lambda _: floats(1, 1_000_000, 1) + b"\x55",
    "zeros": lambda _: bytes(100),
} | {f"the letter {letter}": lambda _, letter=letter: letter * 100 for letter in "ADFILMPQRSBOC"}
DATAFLASH = {
    "only definitions": lambda _: FMT_ITSELF,
    "a definition that changes": lambda one: fmt(130, f"A{one % 99}", "Qcc", "TimeUS,A,B"),
    "broken definitions": lambda one: broken(
        fmt(one % 256, "IMU", "QBf" * 5, ",".join("abcdefghijklmno"))
    ),
    "broken definitions and damage": lambda one: (
        broken(fmt(one % 256, "IMU", "QBf" * 5, ",".join("abcdefghijklmno")))
        + b"\x55" * 20
        + bytes([0xA3, 0x95, one % 256])
    ),
    "every instance of every type": lambda one: row(one % 128, "QB", 1000 + one, one // 128 % 256),
    "only headers": lambda _: b"\xa3\x95",
    "headers of a type": lambda _: b"\xa3\x95\x82",
    "headers of definitions": lambda _: b"\xa3\x95\x80",
    "undefined types": lambda one: row(131 + one % 120, "Q", one),
    "time going back": lambda one: row(130, "Qcc", (1 << 40) - one * 1_000_000, 1, 1),
    "impossible times": lambda one: row(
        130, "Qcc", [0, 1 << 62, 1 << 63, -1 % 2**64][one % 4], 1, 1
    ),
    "parameters without end": lambda one: (
        (b"" if one else fmt(132, "PARM", "QNf", "TimeUS,Name,Value"))
        + row(132, "QNf", one, f"P{one}".encode(), one)
    ),
    "damage behind every message": lambda _: row(130, "Qcc", 1000, 1, 1) + b"\x55",
    "padding of two kinds": lambda _: bytes(9) + b"\xff" * 9,
}
HOSTILE = {("ulog", name): (HEAD, part) for name, part in ULOGS.items()} | {
    ("dataflash", name): (ATT, part) for name, part in DATAFLASH.items()
}


def hostile(which, size):
    head, part = HOSTILE[which]
    parts, length = [head], len(head)
    while length < len(head) + size:
        one = part(len(parts) - 1)
        parts.append(one.encode() if isinstance(one, str) else one)
        length += len(parts[-1])
    return b"".join(parts)


def read(log):
    with contextlib.suppress(LogError):
        assert_sound(read_flight_log(log), len(log))


@pytest.mark.parametrize("which", HOSTILE, ids=" ".join)
def test_twice_the_bytes_are_at_most_twice_the_work(which):
    work = []
    for size in (SIZE, 2 * SIZE):
        log = hostile(which, size)
        with counted() as count:
            read(log)
        work.append(count)
        assert count.calls < 100_000 + 60 * len(log)
        assert count.scanned_bytes < 1_000_000 + 400 * len(log)
    assert work[1].calls < 2.5 * work[0].calls + 20_000
    assert work[1].scanned_bytes < 2.5 * work[0].scanned_bytes + 200_000


@pytest.mark.parametrize("which", HOSTILE, ids=" ".join)
def test_memory_has_an_end(which):
    log = hostile(which, 2 * SIZE)
    tracemalloc.start()
    try:
        read(log)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 12_000_000 + 100 * len(log)


def test_more_topics_than_any_firmware_has_are_left_out():
    """32,767 tables are kept: PX4 has 255 subscriptions at most."""
    topics = [f"f{one}" for one in range(129)]
    log = read_flight_log(
        ulog(
            *(definition(f"{name}:uint64_t timestamp;") for name in topics),
            *(
                subscribe(number, name, instance)
                for number, (name, instance) in enumerate(
                    (name, instance) for name in topics for instance in range(256)
                )
            ),
            data(0, 1_000_000),
            data(129 * 256 - 1, 1_000_000),
        )
    )
    assert log.tables.keys() == {"f0"}
    assert log.damaged_bytes == 0


def test_what_is_said_without_end_is_kept_up_to_a_bound():
    log = read_flight_log(ulog(THING, dropout(1) * 140_000, subscribe(1, "t"), floats(1, 5, 1)))
    assert len(log.dropouts) == 1 << 17
    assert len(log.table("t")) == 1


def test_ids_that_change_hands_keep_their_messages_apart():
    given = np.random.default_rng(4).integers(0, 3, 60).tolist()
    parts = [
        unsubscribe(1) + subscribe(1, "t", instance) + floats(1, 1_000_000 + one, one)
        for one, instance in enumerate(given)
    ]
    tables = read_flight_log(ulog(THING, *parts)).tables["t"]
    for instance, table in tables.items():
        assert table["x"].tolist() == [one for one, own in enumerate(given) if own == instance]
