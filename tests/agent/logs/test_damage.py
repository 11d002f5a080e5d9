"""Damaged logs: nothing but LogError is raised, and what is intact is kept."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agent.logs.writers import small_dataflash, small_ulog
from windsock.agent.logs import dataflash_chain, dataflash_definitions
from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.pieces import Pieces
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.logs.records import at_every_byte
from windsock.agent.logs.ulog_chain import walk_sections
from windsock.agent.logs.ulog_definitions import Definitions
from windsock.agent.logs.ulog_walk import Walk

SMALL = {"ulog": small_ulog(), "dataflash": small_dataflash()}
REAL = [
    "recorded/a1_normal_box.BIN",
    "recorded/h1_v455_normal.BIN",
    "collected/erle__pxf_copter_10-11-2014_103.BIN",
    "collected/pbarker__1.BIN",
    "collected/frv2__ekf_failure.ulg",
    "collected/surrealist__experiments_m0.ulg",
    "collected/pyulog__sample_log_small.ulg",
    "recorded/px4_k3_force_disarm.ulg",
]


def try_to_read(data):
    """Read it and look at everything, or return None."""
    try:
        log = read_flight_log(data)
    except LogError:
        return None
    for tables in log.tables.values():
        for table in tables.values():
            assert all(len(column) == len(table) for column in table.fields.values())
    assert 0 <= log.damaged_bytes <= log.size_bytes
    return log


def rows(log):
    return sum(len(table) for tables in log.tables.values() for table in tables.values())


@given(st.binary(max_size=400), st.sampled_from([b"", b"ULog\x01\x12\x35", b"\xa3\x95\x80"]))
def test_garbage_is_refused_or_read(garbage, magic):
    try_to_read(magic + garbage)


@pytest.mark.parametrize("kind", SMALL)
@given(data=st.data())
def test_changed_bytes_are_read_or_refused(kind, data):
    log = bytearray(SMALL[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(log) - 1))
        log[place] = data.draw(st.integers(0, 255))
    try_to_read(bytes(log))


@pytest.mark.parametrize("kind", SMALL)
@given(data=st.data())
def test_missing_and_foreign_bytes_are_gone_round(kind, data):
    log = SMALL[kind]
    places = st.integers(0, len(log))
    first, last = sorted([data.draw(places), data.draw(places)])
    foreign = data.draw(st.binary(max_size=80))
    try_to_read(log[:first] + foreign + log[last:])


@pytest.mark.parametrize("kind", SMALL)
def test_a_log_cut_anywhere_keeps_its_whole_messages(kind):
    whole = SMALL[kind]
    counts = []
    for size in range(len(whole) + 1):
        log = try_to_read(whole[:size])
        if log:
            assert log.damaged_bytes == 0, size
            counts.append(rows(log))
    assert counts == sorted(counts)
    assert counts[-1] == rows(read_flight_log(whole))


@pytest.mark.parametrize("path", REAL)
def test_a_real_log_cut_anywhere_is_read(path, shared_logs):
    whole = (shared_logs / path).read_bytes()
    for size in np.linspace(0, len(whole), 60, dtype=int).tolist():
        try:
            log = read_flight_log(whole[:size], wanted=())
        except LogError:
            assert size < len(whole) / 10
        else:
            assert log.damaged_bytes == 0


def zeroed(log, random):
    """50 sectors of 512 bytes are zero. Yields also the bytes that are not intact."""
    hit = np.zeros(len(log), np.bool_)
    for sector in random.choice(len(log) // 512, 50, replace=False).tolist():
        hit[512 * sector : 512 * (sector + 1)] = True
    return np.where(hit, 0, log).astype(np.uint8), hit


def flipped(log, random):
    """2,000 bits are flipped."""
    places = random.choice(len(log), 2000, replace=False)
    bits = 1 << random.integers(0, 8, 2000)
    changed = log.copy()
    changed[places] ^= bits.astype(np.uint8)
    return changed, log != changed


def shortened(log, random):
    """1,000 bytes are missing in the middle."""
    place = int(random.integers(len(log) // 4, len(log) // 2))
    hit = np.zeros(len(log), np.bool_)
    hit[place : place + 1000] = True
    return np.delete(log, slice(place, place + 1000)), hit


@pytest.mark.parametrize("seed", [7, 8, 9])
@pytest.mark.parametrize("damage", [zeroed, flipped, shortened])
@pytest.mark.parametrize("path", REAL)
def test_intact_messages_of_a_damaged_log_are_kept(path, damage, seed, shared_logs):
    """All that can be: of a definition under a zeroed sector nothing is left, nor a second copy.

    What it defined is intact and can't be read: no names, no types. Flipped bits are mended.
    """
    log = np.fromfile(shared_logs / path, np.uint8)
    whole = read_flight_log(log)
    broken, hit = damage(log, np.random.default_rng(seed))
    kept = try_to_read(broken)
    intact = intact_rows(log, hit, lost_definitions=damage is zeroed)
    share = 0.85 if damage is flipped and len(log) < 1e6 else 0.95
    assert rows(kept) >= share * intact
    assert rows(kept) <= rows(whole)
    assert kept.last_boot_us <= whole.last_boot_us + 10_000_000
    assert kept.first_boot_us >= whole.first_boot_us - 10_000_000


def intact_rows(log, hit, *, lost_definitions):
    """Messages without a damaged byte; if *lost_definitions*, nor one in their definition."""
    damaged = np.r_[0, np.cumsum(hit)]
    pieces = Pieces(io.BytesIO(log), piece_bytes=len(log))
    if log[0] == SMALL["ulog"][0]:
        ((starts, kinds),) = walk_sections(Walk(pieces, 16, Definitions()), [])
        sizes = 3 + at_every_byte(log, "<u2")[starts].astype(int)
        undefined = undefined_ids(log.tobytes(), damaged)
    else:
        walk = dataflash_chain.Walk(pieces, dataflash_definitions.Definitions())
        parts = zip(*dataflash_chain.walk_messages(walk), strict=True)
        starts, kinds = map(np.concatenate, parts)
        lengths = [getattr(walk.definitions.formats.get(one), "length", 0) for one in range(256)]
        sizes = np.array(lengths)[kinds]
        undefined = undefined_types(log, starts[kinds == 128], damaged)
    intact = damaged[starts + sizes] == damaged[starts]
    if lost_definitions:
        intact &= ~np.isin(kinds, list(undefined))
    return int(intact.sum())


def undefined_ids(log, damaged):
    """The ids of a ULog whose subscription, format or nested format is damaged."""
    at, formats, lost, topics = 16, {}, set(), {}
    while at + 3 <= len(log):
        size, kind = struct.unpack_from("<HB", log, at)
        payload, end = log[at + 3 : at + 3 + size], at + 3 + size
        is_hit = end <= len(log) and damaged[end] > damaged[at]
        if kind == ord("F"):
            name, _, body = payload.partition(b":")
            formats.setdefault(
                name, {field.split(b"[")[0].split(b" ")[0] for field in body.split(b";")}
            )
            lost |= {name} if is_hit else set()
        elif kind == ord("A"):
            number = int.from_bytes(payload[1:3], "little")
            topics[number] = None if is_hit else payload[3:]
        at = end

    def is_lost(name):
        return name in lost or any(map(is_lost, formats.get(name, ())))

    return {number for number, name in topics.items() if name is None or is_lost(name)}


def undefined_types(log, definitions, damaged):
    """The DataFlash types of which every definition is damaged."""
    is_hit = damaged[definitions + 89] > damaged[definitions]
    numbers = log[definitions + 3]
    return set(numbers[is_hit].tolist()) - set(numbers[~is_hit].tolist())
