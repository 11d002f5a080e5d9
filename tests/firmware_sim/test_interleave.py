import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from windsock.firmware_sim.interleave import Records, interleaved

times = st.lists(st.integers(0, 50), max_size=20)


@given(st.lists(st.tuples(times, st.integers(1, 9)), max_size=6))
def test_records_lie_in_order_of_time_and_of_their_kinds(kinds):
    parts = [
        Records(np.array(stamps, np.int64), np.full((len(stamps), size), number, np.uint8))
        for number, (stamps, size) in enumerate(kinds)
    ]
    expected = sorted(
        ((stamp, number, size) for number, (stamps, size) in enumerate(kinds) for stamp in stamps),
        key=lambda one: one[:2],
    )

    assert interleaved(parts) == b"".join(bytes([number] * size) for _, number, size in expected)
