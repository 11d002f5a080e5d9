"""Scripts, orders, and their mistakes."""

import pytest

from tests.firmware_sim.vehicle.station import US, Station, made_log
from windsock.firmware_sim.vehicle.orders import Agenda, OrderError

SCRIPT = """
# a flight
2 arm
3.5 fly      # up
10 land
11 disarm
"""


def test_a_script_happens_on_time():
    station = Station("ardupilot")
    station.agenda.read(SCRIPT.splitlines(), station.now_us)
    craft = station.drone.vehicle.craft
    seen = []
    for _ in range(12):
        station.listen(1)
        seen.append((craft.armed, craft.airborne))

    assert [armed for armed, _ in seen].index(True) == 1  # within the second second
    assert [airborne for _, airborne in seen].count(True) == 6
    assert seen[-1] == (False, False)


@pytest.mark.parametrize("line", ["arm", "soon arm", "3"])
def test_a_line_without_a_time_is_named(line):
    with pytest.raises(OrderError, match=line):
        Agenda().read([line], 0)


@pytest.mark.parametrize(
    "order",
    ["dance", "stall", "stall long", "station", "station dance", "foreign arm x", ""],
)
def test_orders_nobody_can_follow_are_refused(order):
    with pytest.raises(OrderError):
        Station("px4").order(order)


def test_a_drone_that_is_not_armed_does_not_fly():
    station = Station("px4")
    station.order("fly")
    assert not station.drone.vehicle.craft.airborne


def test_a_stall_holds_the_line():
    station = Station("px4")
    station.order("stall 5")

    assert station.frames(4.9) == []
    assert station.frames(1)


def test_a_reboot_in_a_download_ends_it():
    station = Station("ardupilot", made_log("1.bin", 90_000), log_data_b_s=9000)
    station.ask(1)
    assert station.data(1)
    station.order("reboot")

    assert station.data(20) == []
    station.ask(1, 0, 90)
    assert len(station.data()) == 1


def test_what_reached_the_drone_is_told_to_a_witness():
    station = Station("px4")
    told = []
    station.drone.witness = lambda now_us, message, armed: told.append(
        (now_us, message.name, armed)
    )
    station.end()
    station.listen(1)
    station.order("arm")
    station.end()
    station.listen(1)

    assert [(name, armed) for _, name, armed in told] == [
        ("LOG_REQUEST_END", False),
        ("LOG_REQUEST_END", True),
    ]
    assert told[1][0] - told[0][0] == pytest.approx(US, rel=0.1)
