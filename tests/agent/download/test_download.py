"""LogDownload against simulated autopilots, in virtual time."""

import pytest

from windsock.agent.drones.visit import Manners
from windsock.agent.link.gate import State
from windsock.firmware_sim.vehicle.model import Model, Version
from windsock.firmware_sim.vehicle.wire import Faults

from .world import Host, S, World, log

PX4, ARDUPILOT = Model(kind="px4"), Model(kind="ardupilot")
BOTH_METHODS = {"LOG_DATA", "FTP"}
SERVICE = Manners(service_mode=True)
BOTH = pytest.mark.parametrize("kind", ["px4", "ardupilot"])


def card(kind, *sizes):
    """Logs, the newest last."""
    name = "l{}.ulg" if kind == "px4" else "{:08}.bin"
    return [
        log(name.format(number), size, number, 1_795_000_000 + 100 * number)
        for number, size in enumerate(sizes, 1)
    ]


@BOTH
@pytest.mark.parametrize("board_paths", [True, False])
@pytest.mark.parametrize("mavlink", [1, 2])
def test_every_log_comes_byte_for_byte_the_newest_first(kind, board_paths, mavlink):
    model = Model(kind=kind, board_paths=board_paths, mavlink=mavlink)
    world = World(card(kind, 50_000, 239 * 10, 90 * 20, 1), model=model)
    world.run(world.fetched)

    assert world.second > 60
    names = world.host.kept.order
    assert names == sorted(names, reverse=True)
    assert world.visit.progress.bytes_in <= 1.01 * sum(len(one.data) for one in world.storage.kept)


@BOTH
def test_nothing_is_sent_before_a_minute_of_rest_nor_ever_a_heartbeat(kind):
    world = World(card(kind, 5000), model=Model(kind=kind))
    world.run(world.fetched)
    world.run_s(30)

    assert min(now for now, _, _ in world.sent) >= 60 * S
    assert "HEARTBEAT" not in world.names_sent()
    assert {message.system for _, message, _ in world.sent} == {243}


def test_ardupilot_gets_no_log_request_outside_the_service_mode():
    world = World(card("ardupilot", 60_000), model=ARDUPILOT)
    world.run(world.fetched)
    assert set(world.names_sent()) == {
        "COMMAND_LONG", "PARAM_REQUEST_READ", "FILE_TRANSFER_PROTOCOL"
    }  # fmt: skip


@BOTH
def test_a_drone_that_is_not_ours_is_asked_who_it_is_and_nothing_else(kind):
    host = Host(allowed=False)
    world = World(card(kind, 5000), model=Model(kind=kind), host=host)
    world.run_s(120)

    assert set(world.names_sent()) == {"COMMAND_LONG"}
    assert len(host.met_drones) == 1
    host.allowed = True
    world.run(world.fetched)


def test_identity_and_counters():
    uid = bytes.fromhex("3938470d35353135")
    world = World([], model=Model(kind="px4", uid=uid))
    world.run(lambda: world.host.sightings)
    identity, counters = world.host.sightings[0]
    assert identity.drone_uid == "px4:3938470d35353135"
    assert (identity.firmware.version, identity.firmware.version_code) == ("1.16.0", 0x011000FF)
    assert identity.firmware.git_hash.startswith("6ea3539157")
    assert counters.flight_time_s == 5400
    assert counters.flight_uuid == 17

    board = bytes.fromhex("3938470d35353135003a0027")
    world = World([], model=Model(kind="ardupilot", uid=board))
    world.run(lambda: world.host.sightings)
    identity, counters = world.host.sightings[0]
    assert identity.drone_uid == "ap:3938470d35353135003a0027"
    assert identity.firmware.version == "4.7.0-dev"
    assert identity.firmware.git_hash == "6ea35391"
    assert (counters.flight_time_s, counters.boot_count) == (5400, 42)


@BOTH
def test_each_connection_that_is_safe_brings_a_sighting(kind):
    world = World(card(kind, 1000), model=Model(kind=kind))
    world.run(world.fetched)
    assert len(world.host.sightings) == 1
    world.drone.vehicle.arm(world.now_us)
    world.run_s(5)
    world.drone.vehicle.disarm(world.now_us)
    world.run(lambda: len(world.host.sightings) == 2)


@BOTH
@pytest.mark.parametrize(("loss", "share"), [(0.0, 0.9), (0.05, 0.75)])
def test_a_slow_link_is_used_well(kind, loss, share):
    """Beside what FTP's frames allow: 239 bytes of 263 (docs/agent.md)."""
    world = World(
        card(kind, 400_000), model=Model(kind=kind), faults=Faults(baud=115_200, loss=loss)
    )
    world.run(lambda: world.visit.progress.done > 100_000)
    began, done = world.now_us, world.visit.progress.done
    world.run(lambda: world.visit.progress.done == 400_000)

    rate = (400_000 - done) / (world.now_us - began) * S
    assert rate >= share * 11_520 * 239 / 263


@BOTH
def test_a_bad_link_gets_there(kind):
    faults = Faults(baud=57_600, loss=0.3)
    world = World(card(kind, 30_000), model=Model(kind=kind), faults=faults)
    world.run(world.fetched)


def test_px4_is_read_by_the_faster_method():
    slow = World(card("px4", 200_000), model=PX4, faults=Faults(baud=115_200))
    slow.run(slow.fetched)
    fast = World(card("px4", 3_000_000), model=PX4)
    fast.run(lambda: fast.visit.progress.done > 1_000_000)
    assert fast.visit.progress.method == "LOG_DATA"
    assert slow.visit.progress.rates["FTP"] > slow.visit.progress.rates["LOG_DATA"]
    assert "FTP" not in fast.visit.progress.rates, "it is paced: not worth a try"


def test_ranges_of_log_data_last_two_seconds_at_most():
    model = Model(kind="ardupilot", ftp_b_s=1000)
    world = World(card("ardupilot", 300_000), model=model, faults=Faults(baud=57_600),
                  manners=SERVICE)  # fmt: skip
    world.run(world.fetched)
    counts = [m.fields["count"] for _, m, _ in world.sent if m.name == "LOG_REQUEST_DATA"]

    assert max(counts) <= 2 * 5_760 * 90 / 109
    assert len(counts) > 2


def test_a_session_that_dies_is_opened_again_where_it_was():
    """PX4 1.16 and 1.17 end a session after 4.7 s (PX4-Autopilot issue 26780)."""
    model = Model(kind="px4", log_data_b_s=500)
    world = World(card("px4", 200_000), model=model)
    world.run(world.fetched)

    opened = sum(
        message.name == "FILE_TRANSFER_PROTOCOL" and message.fields["payload"][3] == 4
        for _, message, _ in world.sent
    )
    assert opened >= 3
    assert world.visit.progress.bytes_in < 1.1 * 200_000

    whole = World(
        card("px4", 200_000), model=Model(kind="px4", version=Version(1, 15), log_data_b_s=500)
    )
    whole.run(whole.fetched)


def test_the_other_method_takes_over_in_the_middle_of_a_log():
    world = World(card("ardupilot", 300_000), model=ARDUPILOT, manners=SERVICE)
    world.run(lambda: world.visit.progress.done > 50_000)
    world.drone.vehicle.ftp.hear = lambda *_: None
    world.run(lambda: world.visit.progress.method == "LOG_DATA")
    (part,) = world.host.kept.parts
    assert part.ranges.total > 50_000
    del world.drone.vehicle.ftp.hear
    world.run(world.fetched)
    assert part.written < 1.2 * 300_000
    assert not part.discarded


@BOTH
def test_a_pulled_plug_costs_only_what_was_under_way(kind):
    world = World(card(kind, 300_000), model=Model(kind=kind), faults=Faults(baud=115_200))
    for share in (0.2, 0.5, 0.8):
        world.run(lambda share=share: world.visit.progress.done > share * 300_000)
        world.drone.unplug()
        world.run_s(20)
        world.drone.plug()
        world.plug()
    world.run(world.fetched)
    (part,) = world.host.kept.parts

    assert part.written < 1.1 * 300_000
    assert not part.discarded


@BOTH
def test_a_drone_that_boots_in_the_middle_goes_on_afterwards(kind):
    world = World(card(kind, 200_000), model=Model(kind=kind), faults=Faults(baud=115_200))
    world.run(lambda: world.visit.progress.done > 100_000)
    world.drone.vehicle.reboot(world.now_us)
    world.run(world.fetched)
    (part,) = world.host.kept.parts
    assert part.written < 1.2 * 200_000


@BOTH
def test_other_bytes_under_the_same_name_and_size_are_not_mixed(kind):
    world = World(card(kind, 100_000), model=Model(kind=kind), faults=Faults(baud=115_200))
    world.run(lambda: world.visit.progress.done > 50_000)
    world.drone.unplug()
    old = world.storage.kept[0]
    world.storage.kept[0] = log(old.name, 100_000, 77, old.modified_s)
    world.run_s(20)
    world.drone.plug()
    world.plug()
    world.run(world.fetched)


def test_a_checksum_that_does_not_hold_begins_the_log_anew():
    world = World(card("ardupilot", 100_000), model=ARDUPILOT)
    world.run(lambda: world.visit.progress.done > 50_000)
    (part,) = world.host.kept.parts
    part.data[40_000] ^= 1  # a bit that flipped on the disk
    world.run(lambda: part.discarded)
    world.visit._resume_us = 0
    world.run(world.fetched)


@BOTH
def test_a_log_that_still_grows_is_fetched_once_it_is_closed(kind):
    world = World(card(kind, 20_000, 30_000), model=Model(kind=kind))
    newest = world.storage.kept[-1]
    more = log("more", 100_000).data
    for _ in range(100):
        world.run_s(1)
        newest.data += more[:500]
    assert newest.data[:30_000] not in world.host.kept.contents()
    world.run(world.fetched)


@BOTH
def test_a_log_that_is_rotated_away_is_let_go(kind):
    world = World(
        card(kind, 100_000, 100_000), model=Model(kind=kind), faults=Faults(baud=115_200)
    )
    world.run(lambda: world.host.kept.order)
    world.run(lambda: 0 < world.visit.progress.done < 50_000)
    world.drone.vehicle.card.rotate()
    world.run_s(700)

    assert len(world.host.kept.order) == 1
    assert world.visit.gate.state(world.now_us) is State.OPEN


@BOTH
def test_an_empty_card_is_no_trouble(kind):
    world = World([], model=Model(kind=kind), manners=SERVICE)
    world.run_s(100)
    assert world.visit.trouble is None
    world.storage.kept += card(kind, 1000)
    world.run(world.fetched)


def test_a_share_of_the_link_is_left_to_others():
    whole = World(card("ardupilot", 200_000), model=ARDUPILOT, faults=Faults(baud=115_200))
    half = World(card("ardupilot", 200_000), model=ARDUPILOT, faults=Faults(baud=115_200),
                 manners=Manners(share=0.5))  # fmt: skip
    assert half.run(half.fetched) - 60 > 1.8 * (whole.run(whole.fetched) - 60)


@BOTH
def test_a_conversation_begun_anew_is_not_answered_with_what_was_said_before(kind):
    """Both firmwares say the last answer again to its sequence number."""
    world = World(card(kind, 1000), model=Model(kind=kind))
    for _ in range(3):
        world.run_s(80)
        world.plug()
    first = {}
    for now, message, _ in world.sent:
        if message.name == "FILE_TRANSFER_PROTOCOL":
            first.setdefault(now // (80 * S), message.fields["payload"][:2])
    assert len(set(map(bytes, first.values()))) == 3


@pytest.mark.parametrize(
    ("line_bytes_s", "used"), [(11_520, {"FTP"}), (None, {"LOG_DATA", "FTP"})]
)
def test_on_a_line_slower_than_px4s_ftp_nothing_else_is_tried(line_bytes_s, used):
    """Its fuller frames carry more; where nobody knows the line, what was measured decides."""
    world = World(card("px4", 100_000), model=PX4, faults=Faults(baud=115_200),
                  manners=Manners(line_bytes_s=line_bytes_s))  # fmt: skip
    world.run(world.fetched)

    assert set(world.visit.progress.rates) == used
