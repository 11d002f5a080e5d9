"""A crash as a picture: whatever its window holds, a PNG or nothing, and never an error."""

import io

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.collector.crashed import NOW, crash, settings_in
from windsock.collector.notify.notice import Notice
from windsock.collector.notify.painting import WIDTH_PX
from windsock.collector.notify.pictures import pictures_of
from windsock.protocol.messages import Samples, Window
from windsock.protocol.series import encode_columns, encode_samples
from windsock.protocol.signals import WINDOW_BY_NAME

NAMES = st.sampled_from(["height_m", "tilt_deg", "force_m_s2", "voltage_v"])
NUMBERS = st.lists(
    st.one_of(st.just(float("nan")), st.floats(-1e9, 1e9), st.just(0.0)), min_size=3, max_size=3
)


@pytest.fixture
def case(world, tmp_path):
    return crash(world, settings_in(tmp_path))


def told(case, **kind):
    return Notice(
        case=case, transition="1-open", rule="X1", subject="WX-0002", severity=1, headline="x",
        lines=[], created_us=NOW, **kind,
    )  # fmt: skip


def hold(world, **changes):
    """The window as the ledger has it from now on."""
    row = world.ledger.execute("SELECT message FROM windows").fetchone()
    window = msgspec.msgpack.decode(row["message"], type=Window)
    changed = msgspec.msgpack.encode(msgspec.structs.replace(window, **changes))
    world.ledger.execute("UPDATE windows SET message = ?", (changed,))


def test_three_panels_twice_as_fine_as_they_are_shown(world, case):
    (picture,) = pictures_of(world.ledger, told(case))
    image = Image.open(io.BytesIO(picture.png))

    assert image.width == 2 * WIDTH_PX
    assert image.height == 2 * (120 + 110 + 150 + 3 * 32 + 26)
    assert len(image.getcolors()) > 10
    assert len(picture.png) < 60_000


def test_other_notices_show_nothing(world, case):
    assert not pictures_of(world.ledger, told(None, kind="digest"))
    assert not pictures_of(world.ledger, told(case + 1))


def test_a_window_that_cannot_be_read_is_no_picture(world, case):
    hold(world, low={"height_m": b"\xff"})
    assert not pictures_of(world.ledger, told(case))
    world.ledger.execute("UPDATE windows SET message = x'00'")
    assert not pictures_of(world.ledger, told(case))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, st.tuples(NUMBERS, NUMBERS)), st.booleans(), st.data())
def test_any_window_is_a_picture_or_none(world, case, signals, sampled, data):
    low = {name: np.array(values[0]) for name, values in signals.items()}
    high = {name: np.array(values[1]) for name, values in signals.items()}
    at_us = data.draw(st.lists(st.integers(0, 59_999), min_size=3, max_size=3))
    full = {
        name: encode_samples(np.array(at_us), np.nan_to_num(values), WINDOW_BY_NAME[name].scale)
        for name, values in low.items()
    }
    hold(
        world,
        rows=3,
        low=encode_columns(low, WINDOW_BY_NAME),
        high=encode_columns(high, WINDOW_BY_NAME),
        full=full if sampled else dict[str, Samples](),
        event_boot_us=data.draw(st.integers(-(10**16), 10**16)),
    )
    for picture in pictures_of(world.ledger, told(case)):
        assert Image.open(io.BytesIO(picture.png)).width == 2 * WIDTH_PX
