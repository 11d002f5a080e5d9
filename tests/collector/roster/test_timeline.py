from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.roster.timeline import Span, at, overlay


def test_a_hand_over_ends_the_span_before():
    assert overlay([Span(0, None, "A"), Span(5, None, "B")]) == [
        Span(0, 5, "A"),
        Span(5, None, "B"),
    ]


def test_after_a_loan_the_old_span_goes_on():
    assert overlay([Span(0, None, "A"), Span(5, 7, "B")]) == [
        Span(0, 5, "A"),
        Span(5, 7, "B"),
        Span(7, None, "A"),
    ]


def test_neighbours_of_one_value_are_one_span():
    assert overlay([Span(0, 5, "A"), Span(5, None, "A"), Span(7, 9, "A")]) == [Span(0, None, "A")]


def test_spans_are_half_open():
    spans = overlay([Span(0, 5, "A"), Span(5, 7, "B")])

    assert [at(spans, moment) for moment in (-1, 0, 4, 5, 6, 7)] == [
        None,
        "A",
        "A",
        "B",
        "B",
        None,
    ]


spans_st = st.lists(
    st.builds(
        lambda start, length, value: Span(
            start, None if length is None else start + length, value
        ),
        st.integers(0, 20),
        st.none() | st.integers(1, 20),
        st.sampled_from("AB"),
    ),
    max_size=8,
    unique_by=lambda span: span.from_us,
)


@given(spans_st)
def test_at_every_moment_the_latest_start_counts(spans):
    laid = overlay(spans)

    for moment in range(45):
        holding = [s for s in spans if s.from_us <= moment and (s.until_us or 99) > moment]
        expected = max(holding, key=lambda s: s.from_us).value if holding else None
        assert at(laid, moment) == expected
    assert overlay(laid) == laid
