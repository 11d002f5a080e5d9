"""Which drones are ours to read."""

import pytest

from windsock.agent.drones.met import Drones
from windsock.agent.drones.release import duration_s, release, released

UID, VENDOR = "px4:00112233", "2dae:1016"


@pytest.mark.parametrize(
    ("allow", "allowed"),
    [
        ((), False),
        (("*",), True),
        ((UID,), True),
        (("px4:99",), False),
        (("vendor:2dae",), True),
        (("vendor:2dae:1016",), True),
        (("vendor:2dae:9999", "vendor:26ac"), False),
    ],
)
def test_the_allow_list(tmp_path, allow, allowed):
    assert Drones(tmp_path, allow).allowed(UID, VENDOR) is allowed


def test_a_stranger_is_counted_until_it_is_claimed(tmp_path):
    drones = Drones(tmp_path)
    drones.meet(UID, VENDOR, 1)
    drones.meet(UID, VENDOR, 2)
    assert [(one.drone_uid, one.met, one.met_us) for one in drones.strangers()] == [(UID, 2, 2)]

    Drones(tmp_path).claim(UID, "SN-9")

    assert drones.allowed(UID, VENDOR)
    assert drones.serial(UID) == "SN-9"
    assert drones.strangers() == []
    drones.meet(UID, VENDOR, 3)
    assert drones.serial(UID) == "SN-9"


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("2h", 7200), ("90", 90), ("0", 0)])
def test_durations(text, seconds):
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "-5m", "25h", "1d"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="no duration"):
        duration_s(text)


def test_a_release_is_remembered_and_taken_back(tmp_path):
    assert not released(tmp_path, 70)
    release(tmp_path / "new", 77)
    assert released(tmp_path / "new", 76)
    assert not released(tmp_path / "new", 77)
    (tmp_path / "new" / "released-until").write_text("?")
    assert not released(tmp_path / "new", 70)


def test_a_clock_that_fell_back_to_1970_holds_no_port_for_decades(tmp_path):
    release(tmp_path, 1_795_000_000_000_000)

    assert not released(tmp_path, 60_000_000)
