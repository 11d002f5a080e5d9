"""Line protocol, as somebody else reads it back, and the page that describes it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from influxdb_client import Point

from windsock.collector.influx import lines
from windsock.collector.influx.digits import Steps, decimals
from windsock.collector.influx.lines import (
    Columns,
    Points,
    Values,
    plain,
    render,
    render_all,
    since,
)
from windsock.collector.influx.measurements import (
    DRONE_STATE,
    FLIGHT,
    MEASUREMENTS,
    SERIES,
    WINDOW,
)
from windsock.collector.influx.schema_page import page
from windsock.protocol.signals import SIGNALS
from windsock.protocol.signals import WINDOW as WINDOW_SIGNALS

ROOT = Path(__file__).parents[3]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


def rendered(measurement, tags, times_us, fields):
    return read(render(Points(measurement, tags, times_us, fields)))


def read(block):
    """The lines of a block; it knows how many they are."""
    lines = block.body.decode().split("\n")
    assert (lines.pop(), len(lines)) == ("", block.lines)
    return lines


def test_a_row_has_its_tags_its_fields_and_its_time_in_milliseconds():
    lines = rendered(
        FLIGHT,
        {"drone": "as:SN 1"},
        [1_500_000, 2_500_999],
        {"airborne_s": [59.2, None], "simulated": [True, False], "log_id": ['a"b\\c', None]},
    )

    assert lines == [
        'flight,drone=as:SN\\ 1 airborne_s=59.2,simulated=true,log_id="a\\"b\\\\c" 1500',
        "flight,drone=as:SN\\ 1 simulated=false 2500",
    ]


def test_a_window_is_written_to_the_nanosecond():
    assert rendered(WINDOW, {"drone": "x"}, [7], {"height_m_min": [1.0]}) == [
        "window,drone=x height_m_min=1.0 7000"
    ]


def test_a_row_without_a_field_is_no_row():
    assert rendered(FLIGHT, {"drone": "x"}, [1], {"airborne_s": [float("nan")]}) == []


@pytest.mark.parametrize(("tags", "fields"), [({"log": "x"}, {}), ({}, {"misspelt": [1.0]})])
def test_what_the_schema_does_not_have_is_refused(tags, fields):
    with pytest.raises(KeyError):
        rendered(FLIGHT, tags, [1], fields)


@given(
    st.dictionaries(st.sampled_from(DRONE_STATE.tags), TEXTS.filter(lambda t: t[-1] != "\\")),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**63), 2**63 - 1),
    TEXTS,
)
def test_it_is_what_influxdb_client_would_write(tags, number, integer, text):
    """Its Point as an oracle; it escapes a backslash in a tag, which no server undoes."""
    tags = {name: value.replace("\\", "/") for name, value in tags.items()}
    point = Point("drone_state").field("serial", text).field("flights", integer)
    point = point.field("airborne_h", number).time(5)
    for name, value in tags.items():
        point = point.tag(name, value)

    (line,) = rendered(
        DRONE_STATE,
        tags,
        [5000],
        {"airborne_h": [number], "flights": [integer], "serial": [text]},
    )

    theirs = point.to_line_protocol()
    assert as_read(line) == as_read(theirs)


def as_read(line):
    """Tags and fields of a line as a server takes them: numbers as numbers."""
    head, _, rest = line.partition(" airborne_h=")
    number, _, tail = rest.partition(",")
    return head, float(number), tail


SCALES = st.sampled_from([1, 2, 10, 100, 1_000_000])
WIDTHS = st.sampled_from([9, 10, 9999, 10_000, 2**31, 2**53])
US = st.integers(946_684_800_000_000, 4_102_444_800_000_000)


@st.composite
def columns(draw, measurement):
    """A table of numbers, some of them missing, with a tag that has to be escaped."""
    times_us = np.array(sorted(draw(st.sets(US, max_size=30))), np.int64)
    fields = {}
    for name in draw(st.sets(st.sampled_from(list(measurement.fields)), max_size=4)):
        width = draw(WIDTHS)
        steps = draw(arrays(np.int64, len(times_us), elements=st.integers(-width, width)))
        fields[name] = Steps(steps, draw(SCALES), draw(arrays(np.bool_, len(times_us))))
    tag = draw(TEXTS).replace("\\", "/")
    return Columns(measurement, {"drone": tag}, times_us, fields)


@given(columns(SERIES) | columns(WINDOW))
def test_columns_hold_the_values_that_influxdb_client_would_write(table):
    precision = table.measurement.precision
    theirs = []
    for row, time_us in enumerate(table.times_us.tolist()):
        point = Point(table.measurement.name).tag("drone", table.tags["drone"])
        for name, (steps, scale, present) in table.fields.items():
            point = point.field(name, float(steps[row] / scale) if present[row] else None)
        time = time_us // 1000 if precision == "ms" else time_us * 1000
        line = point.time(time, precision).to_line_protocol()
        theirs += [line] if line else []

    assert list(map(numbers_read, read(render(table)))) == list(map(numbers_read, theirs))


@given(columns(SERIES))
def test_columns_hold_the_values_that_rows_would(table):
    in_rows = Points(
        table.measurement,
        table.tags,
        table.times_us.tolist(),
        {
            name: [
                value if there else None
                for value, there in zip(steps / scale, present, strict=True)
            ]
            for name, (steps, scale, present) in table.fields.items()
        },
    )

    ours, theirs = read(render(table)), read(render(in_rows))
    assert list(map(numbers_read, ours)) == list(map(numbers_read, theirs))


@given(columns(WINDOW))
def test_values_one_by_one_are_the_lines_of_their_rows(table):
    """And in their order."""
    ours, theirs = read(render(one_by_one(table))), read(render(table))
    assert list(map(numbers_read, ours)) == list(map(numbers_read, theirs))


@given(st.lists(columns(WINDOW), max_size=4))
def test_values_of_many_tables_are_the_lines_of_each(tables):
    """Of many tags: each line has the head, fields and time it should."""
    ours = [line for block in render_all(map(one_by_one, tables)) for line in read(block)]

    theirs = [line for table in tables for line in read(render(table))]
    assert as_sets(ours) == as_sets(theirs)


def one_by_one(table):
    """The same numbers as single values, in the order that `Values` asks for."""
    places = {name: place for place, name in enumerate(table.measurement.fields)}
    singles = sorted(
        (time_us, places[name], int(steps[row]))
        for name, (steps, _, present) in table.fields.items()
        for row, time_us in enumerate(table.times_us.tolist())
        if present[row]
    )
    scales = tuple(table.fields[name].scale if name in table.fields else 1 for name in places)
    parts = np.array(singles, np.int64).reshape(-1, 3).T
    return Values(table.measurement, table.tags, scales, *parts)


@given(st.lists(columns(SERIES), max_size=4), st.sampled_from([1, 5000]))
def test_tables_together_are_the_lines_of_each(tables, together):
    kept, lines._TOGETHER = lines._TOGETHER, together
    try:
        ours = [line for block in render_all(tables) for line in read(block)]
    finally:
        lines._TOGETHER = kept

    theirs = [line for table in tables for line in read(render(table))]
    assert as_sets(ours) == as_sets(theirs)


def as_sets(lines):
    """What a server has of lines, in whatever order they and their fields came."""
    read_back = map(numbers_read, lines)
    return sorted((head, sorted(fields.items()), time) for head, fields, time in read_back)


def numbers_read(line):
    """What a server has of a line of numbers: series, fields and time."""
    head, fields, time = line.rsplit(" ", 2)
    pairs = [field.split("=") for field in fields.split(",")]
    return head, {name: float(value) for name, value in pairs}, int(time)


def test_a_number_is_written_to_its_step_and_as_wide_as_its_column():
    steps = np.array([0, -1, 1, -12, 4739774, 0])
    fields = {
        "yaw_deg": Steps(steps, 2, np.array([1, 1, 1, 1, 1, 0], bool)),
        "lat_deg": Steps(steps, 1_000_000, np.array([1, 0, 0, 1, 1, 0], bool)),
    }
    table = Columns(SERIES, {"drone": "as:S N"}, np.arange(6) * 1_000_000, fields)

    assert read(render(table)) == [
        "series,drone=as:S\\ N yaw_deg=0000000.0,lat_deg=00.000000 0000",
        "series,drone=as:S\\ N yaw_deg=-000000.5 1000",
        "series,drone=as:S\\ N yaw_deg=0000000.5 2000",
        "series,drone=as:S\\ N yaw_deg=-000006.0,lat_deg=-0.000012 3000",
        "series,drone=as:S\\ N yaw_deg=2369887.0,lat_deg=04.739774 4000",
    ]


@given(columns(SERIES), columns(SERIES))
def test_a_line_by_itself_is_the_same_whatever_was_beside_it(table, other):
    drawn = [line for block in render_all([table, other]) for line in read(block)]
    alone = {line for one in (table, other) for line in read(render(one))}

    assert set(map(plain, drawn)) == set(map(plain, alone))


def test_a_line_of_text_is_plain_as_it_is():
    line = 'flight,drone=as:S\\ N log_id="a=007 b=-00.5" 1'
    assert plain(line) == line


@pytest.mark.parametrize("name", ["misspelt", "log_id"])
def test_columns_are_floats_of_the_schema(name):
    field = Steps(np.zeros(1, np.int64), 1, np.ones(1, bool))
    with pytest.raises(KeyError):
        render(Columns(FLIGHT, {}, np.zeros(1, np.int64), {name: field}))


def test_every_signal_has_steps_that_end_in_decimals():
    for catalogue in (SIGNALS, WINDOW_SIGNALS):
        for signal in catalogue:
            assert 10 ** decimals(signal.scale) % signal.scale == 0
    with pytest.raises(ValueError, match="no end"):
        decimals(3)


@given(columns(SERIES), US)
def test_rows_from_a_time_on(table, oldest_us):
    later = table.times_us >= oldest_us

    found = since(table, oldest_us)

    assert found.times_us.tolist() == table.times_us[later].tolist()
    for name, (steps, scale, present) in table.fields.items():
        assert found.fields[name].scale == scale
        assert found.fields[name].steps.tolist() == steps[later].tolist()
        assert found.fields[name].present.tolist() == present[later].tolist()


@given(columns(WINDOW), US)
def test_single_values_from_a_time_on(table, oldest_us):
    later = render(since(table, oldest_us))

    assert render(since(one_by_one(table), oldest_us)).lines == later.lines


def test_rows_of_any_kind_from_a_time_on():
    rows = Points(FLIGHT, {}, [1000, 2000, 3000], {"log_id": ["a", None, "c"]})

    assert read(render(since(rows, 2000))) == ['flight log_id="c" 3']
    assert since(rows, 1000) is rows
    assert render(since(rows, 3001)).lines == 0


def test_names_are_unique_and_the_page_is_true():
    assert len({measurement.name for measurement in MEASUREMENTS}) == len(MEASUREMENTS)
    assert (ROOT / "docs/schema.md").read_text("utf-8") == page()
