"""Whatever comes instead of facts is named, and leaves everything as it was."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collector.outside.facts import facts, said, taken
from tests.collector.world import T0, World
from windsock.collector.outside.reading import MOST_BYTES
from windsock.collector.outside.take import KINDS, take
from windsock.collector.roster.sheet import MOST_ERRORS

HEADER = "ticket,critical,title\n"


def errors(world, data, kind="tickets"):
    before = facts(world)
    result = take(world.ledger, kind, data, "f", T0)
    assert (result.taken, facts(world)) == (0, before)
    return said(result)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "f: empty: expected a header with ticket, critical"),
        (b"x" * (MOST_BYTES + 1), "f: more than 16 MB, which is the most that is taken at once"),
        (HEADER.encode() + b"1,yes,\n" * 200_001, "f: more than 200,000 rows, which are the most"),
        (b"[" + b"{}," * 200_001 + b"{}]", "f: more than 200,000 rows, which are the most taken"),
        ("ticket,critical\nÄ,yes".encode("utf-16"), "f: this is UTF-16: save it as UTF-8"),
        ("ticket,critical\n1,yes".encode("utf-16-le"), "f: this is UTF-16 without a byte order"),
        ("ticket,critical\n1,yes".encode("utf-32"), "f: this is UTF-32: save it as UTF-8"),
        ("ticket,critical\nÄ,yes".encode("latin-1"), "f:2: not UTF-8: byte 0xC4; this is probab"),
        (b"ticket,critical\n1,yes\n2,\0yes", "f:3: has a NUL byte, which no text has"),
        (b"PK\x03\x04" + bytes(100), "f: this is an Excel workbook or a ZIP archive: save the"),
        (gzip.compress(b"ticket,critical"), "f: this is compressed with gzip: unpack it first"),
        (b"ticket;critical\n1;yes", "f:1:ticket;critical: no such column; there are ticket, crit"),
        (b"<html><body>sign in", "f:1:<html><body>sign in: no such column"),
        (b"ticket,critical\n1,\xe2\x80\xaeyes", "f:2:critical: has the character U+202E, which"),
        ((HEADER + "1,yes," + "x" * 200_000).encode(), "f:2: not CSV: field larger than field li"),
        ((HEADER + "1,yes," + "x" * 100_000).encode(), "f:2:title: 100000 characters, at most 20"),
        ((HEADER + "1,yes" + "," * 100_000).encode(), "f:2: 100002 cells, the header has 3"),
        (("ticket," * 100_000).encode(), "f:1:(empty): no such column; there are"),
        (("ticket," * 99_999 + "ticket").encode(), "f:1:ticket: this column is there twice"),
        (b"[" * 1_000_000, "f:1: not JSON that is meant: nested too deep; nothing after it was"),
        (b'{"a":' * 1_000_000, "f:1: not JSON that is meant: nested too deep"),
        (b'{"ticket": 1, "critical": true, "ticket": 2}', "f:1: the key 'ticket' is there twice"),
        (b'{"ticket": 1, "critical": {}}', "f:1:critical: expected text, a number, true, false"),
        (b'{"ticket": NaN, "critical": true}', "f:1: NaN is no number"),
        (b'{"ticket": "\\ud800", "critical": true}', "f:1:ticket: has the character U+D800"),
        (b'{"ticket": "a\\u0000b", "critical": true}', "f:1:ticket: has the character U+0000"),
        (b'{"ticket": ' + b"9" * 5000 + b', "critical": true}', "f:1: Exceeds the limit"),
        (b"[1, 2]", "f:1: expected an object with a value for each column"),
        (b'[{"ticket": 1}', "f:1: expected a comma or ] after the object; nothing after it was"),
        (b"[\n\n}", "f:3: not JSON: Expecting value at column 1; nothing after it was read"),
        (b'{"ticket": 1, "kritisch": true}', "f:1:kritisch: no such column; there are ticket"),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_it_is_named(world, data, error):
    assert errors(world, data)[0].startswith(error)


def test_of_100_000_columns_nobody_is_told_each(world):
    names = [f"c{number}" for number in range(100_000)]
    in_csv = errors(world, ",".join(names).encode())
    in_json = errors(world, json.dumps(dict.fromkeys(names, 1)).encode())

    assert len(in_csv) == len(in_json) == 6
    assert in_csv[-1] == in_json[-1] == "f:1: 99995 more such columns"


def test_errors_are_told_up_to_a_number_and_counted_beyond_it(world):
    result = take(world.ledger, "tickets", ("ticket,critical\n" + ",x\n" * 5000).encode(), "f", T0)

    assert (len(result.errors), result.refused) == (MOST_ERRORS, 5000)


def test_json_goes_on_after_what_is_broken(world):
    lines = [
        '{"ticket": 1, "critical": true}',
        '{"ticket": 2, oh',
        '{"ticket": 3,',
        '"critical": "no"}',
    ]
    result = taken(world, "tickets", *lines)

    assert (result.taken, result.refused) == (2, 1)
    assert said(result) == [
        "facts.csv:2: not JSON: Expecting property name enclosed in double quotes at column 15"
    ]


def test_what_is_not_json_at_all_ends_soon(world):
    result = take(world.ledger, "tickets", b"{\n" * 100_000, "f", T0)

    assert result.refused == 100
    assert said(result)[-1].endswith("; nothing after it was read")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=HYPERLINK(A1)", "'; DROP TABLE x"]
)
def test_names_are_text_whatever_they_look_like(world, name):
    taken(world, "accounts", "account,stage", f'"{name}",customer')

    assert world.rows("SELECT account FROM accounts") == [{"account": name}]


_GARBAGE = st.one_of(
    st.binary(max_size=200),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(max_size=50).map(lambda text: f"[{text}]".encode("utf-8", "surrogatepass")),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)  # fmt: skip


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("hostile") / "ledger")
    yield world
    world.ledger.close()


@given(_GARBAGE, st.sampled_from(list(KINDS)))
def test_garbage_is_errors_and_nothing_else(empty, data, kind):
    result = take(empty.ledger, kind, data, "f", T0)

    assert result.taken == 0
    assert result.errors or b"".join(data.split()) in (b"", b"[]", b"{}")
    assert not any(facts(empty).values())


@given(st.sampled_from(list(KINDS)), st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_garbage_below_a_good_header_raises_nothing(empty, kind, texts):
    header = ",".join(KINDS[kind].needed)
    data = "\n".join([header, *texts]).encode("utf-8", "surrogatepass")

    take(empty.ledger, kind, data, "f", T0)
    for table in facts(empty):
        empty.ledger.execute(f"DELETE FROM {table}")
