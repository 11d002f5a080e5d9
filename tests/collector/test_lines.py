"""Line protocol, as somebody else reads it back, and the page that describes it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from influxdb_client import Point

from windsock.collector.influx.lines import Points, render
from windsock.collector.influx.measurements import DRONE_STATE, FLIGHT, MEASUREMENTS, WINDOW
from windsock.collector.influx.schema_page import page

ROOT = Path(__file__).parents[2]
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


def test_names_are_unique_and_the_page_is_true():
    assert len({measurement.name for measurement in MEASUREMENTS}) == len(MEASUREMENTS)
    assert (ROOT / "docs/schema.md").read_text("utf-8") == page()
