import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windsock.collector.detect.versions import UNKNOWN, Version, of_code, packed, version_of


def test_versions_in_their_order():
    rising = [
        "1.15.3", "1.15.4-dev", "1.15.4-alpha2", "1.15.4-beta", "1.15.4-beta2", "1.15.4-rc1",
        "1.15.4-rc2", "1.15.4", "1.15.10", "1.16", "v2", "10.0",
    ]  # fmt: skip
    assert sorted(rising, key=packed) == rising
    assert len({packed(one) for one in rising}) == len(rising)


@pytest.mark.parametrize(
    ("code", "text"),
    [(0x010C0300, "1.12.3-dev"), (0x010F0080, "1.15.0-beta"), (0x011000FF, "1.16.0"),
     (0x04070000, "4.7.0-dev")],
)  # fmt: skip
def test_versions_as_autopilots_encode_them(code, text):
    assert of_code(code) == packed(text)


@given(st.text())
def test_whatever_is_no_version_is_named(text):
    with contextlib.suppress(ValueError):
        assert packed(text) >= 0


@pytest.mark.parametrize("text", ["", "latest", "1.2.3.4", "1..2", "1.2-gamma", "-1.2", "65536.0"])
def test_what_is_no_version(text):
    with pytest.raises(ValueError, match="expected"):
        packed(text)


def test_the_makers_version_comes_first():
    assert version_of("7.1", "1.16.0", None) == Version(packed("7.1.0"), packed("1.16.0"))
    assert version_of(None, "1.16.0", None) == Version(packed("1.16.0"), packed("1.16.0"))
    assert version_of(None, "custom", 0x011000FF).own == packed("1.16.0")
    assert version_of("custom", None, None) == Version(UNKNOWN, UNKNOWN)
