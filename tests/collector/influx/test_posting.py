"""Requests: their size, and what becomes of a line that the store refuses."""

from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.influx import posting
from windsock.collector.influx.client import Refused
from windsock.collector.influx.lines import Block
from windsock.collector.influx.posting import requests, write_blocks

LINES = st.lists(st.binary(min_size=1, max_size=30).map(lambda text: text.hex().encode() + b"\n"))
BLOCKS = st.lists(LINES.map(lambda lines: Block(b"".join(lines), len(lines))), max_size=5)


@given(BLOCKS, st.integers(1, 9), st.integers(1, 300))
def test_requests_hold_all_lines_and_no_more_than_they_may(blocks, lines, size):
    limits = posting.LINES_A_REQUEST, posting.BYTES_A_REQUEST
    posting.LINES_A_REQUEST, posting.BYTES_A_REQUEST = lines, size
    try:
        found = list(requests(blocks))
    finally:
        posting.LINES_A_REQUEST, posting.BYTES_A_REQUEST = limits

    assert b"".join(one.body for one in found) == b"".join(block.body for block in blocks)
    for body, count in found:
        assert 1 <= body.count(b"\n") == count <= lines
        assert len(body) <= size or body.count(b"\n") == 1


def test_small_blocks_share_a_request():
    assert len(list(requests([Block(b"x\n", 1)] * 5000))) == 1


class Store:
    """Refuses lines as *generation* does: 1 stores the good ones, 2 none, 3 all but the listed."""

    def __init__(self, bad, generation):
        self.bad, self.generation = bad, generation
        self.stored, self.requests = set(), 0

    def write(self, body, _precision):
        self.requests += 1
        lines = body.splitlines()
        bad = [number for number, line in enumerate(lines) if line in self.bad]
        if not bad or self.generation != 2:
            self.stored |= set(lines) - self.bad
        if bad and self.generation == 3:
            raise Refused("listed", numbers=(*bad[:2], 10**6))
        if bad and self.generation == 2:
            raise Refused("named", texts=(lines[bad[0]].decode(), "no line of ours"))
        if bad:
            raise Refused("somewhere")


@given(st.sets(st.integers(0, 200)), st.sets(st.integers(0, 200), max_size=9), st.data())
def test_refused_lines_are_dead_and_their_neighbours_are_stored(numbers, bad, data):
    lines = {b"%d" % number for number in numbers}
    bad_lines = {b"%d" % number for number in bad}
    store, dead = Store(bad_lines, data.draw(st.sampled_from([1, 2, 3]))), []
    block = Block(b"".join(line + b"\n" for line in sorted(lines)), len(lines))

    write_blocks(store, [block], "ms", lambda line, error: dead.append((line, error)))

    assert store.stored == lines - bad_lines
    assert sorted(line.encode() for line, _ in dead) == sorted(lines & bad_lines)
    assert all(error for _, error in dead)
    assert store.requests <= 1 + 18 * len(lines & bad_lines)
