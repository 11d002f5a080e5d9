"""200 seeded runs with everything that happens on a wire: byte-identical in the end."""

import numpy as np
import pytest

from windsock.agent.drones.visit import Manners
from windsock.firmware_sim.vehicle.model import Model, Version
from windsock.firmware_sim.vehicle.orders import Agenda, obey
from windsock.firmware_sim.vehicle.wire import Faults

from .test_download import card
from .world import S, World

RUNS, GROUPS = 200, 8
MOST_FETCHED = 1.2
BAUD_RATES = (None, 921_600, 115_200, 57_600)
VERSIONS = (Version(1, 15, 4), Version(1, 16, 0))


def run(seed):
    """One story. How many bytes were fetched, and how many there are."""
    rng = np.random.default_rng([2026, seed])
    kind = "px4" if seed % 2 else "ardupilot"
    world = World(
        card(kind, *(int(size) for size in rng.integers(1, 40_000, 3))),
        model=Model(
            kind=kind,
            version=VERSIONS[rng.integers(2)] if kind == "px4" else None,
            mavlink=int(rng.integers(1, 3)),
            board_paths=bool(rng.integers(2)),
        ),
        faults=Faults(
            loss=float(rng.choice([0, 0.02, 0.1, 0.25])),
            corrupt=float(rng.choice([0, 0.02, 0.1])),
            duplicate=float(rng.choice([0, 0.02])),
            reorder=float(rng.choice([0, 0.05])),
            stall_every_s=float(rng.choice([0, 20])),
            stall_s=float(rng.choice([0.5, 3])),
            latency_s=float(rng.choice([0, 0.05])),
            baud=BAUD_RATES[rng.integers(4)],
        ),
        seed=seed,
        manners=Manners(service_mode=bool(rng.integers(2))),
    )
    total = sum(one.size for one in world.storage.kept)
    for what in rng.choice(["unplug", "kill", "reboot", "arm", "station", "lose"], 2):
        at = float(rng.uniform(0.05, 0.9)) * total
        world.run(lambda at=at: got(world) >= at or world.fetched(), 3 * 3600)
        happen(world, str(what))
    world.run(world.fetched, 3 * 3600)
    # Names of ArduPilot's files and PX4's ids: nothing was mixed up, nothing is there twice.
    assert len(world.host.kept.order) == 3
    # Where every sign of arming was lost, a missing heartbeat silences us.
    assert not any(armed for now, _, armed in world.sent if now - world.armed_us > 2.5 * S)
    return sum(part.written for part in world.host.kept.parts), total


def got(world):
    return sum(part.ranges.total for part in world.host.kept.parts)


def happen(world, what):
    vehicle = world.drone.vehicle
    if what == "unplug":
        world.drone.unplug()
        world.run_s(15)
        world.drone.plug()
        world.plug()
    elif what == "kill":  # of the agent, with all it knew but what is on the disk
        world.plug()
    elif what == "reboot":
        vehicle.reboot(world.now_us)
        world.run_s(4)
    elif what == "arm":
        vehicle.arm(world.now_us, force=True)
        world.armed_us = world.now_us
        world.run_s(5)
        vehicle.disarm(world.now_us)
    elif what == "station":
        obey(world.drone, Agenda(), "station data 1 0 9000", world.now_us)
    else:
        world.drone.stall(world.now_us, 12)


@pytest.mark.parametrize("group", range(GROUPS))
def test_whatever_happens_every_log_arrives(group):
    fetched, total = np.sum([run(seed) for seed in range(group, RUNS, GROUPS)], axis=0)

    assert fetched <= MOST_FETCHED * total
