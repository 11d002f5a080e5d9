"""Windows are let go after 30 days, but never where an incident stands."""

import msgspec
import pytest

from tests.collector.judged import CRASH
from tests.collector.world import DAY, HOUR, T0
from tests.protocol.examples import WINDOW
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import transaction
from windsock.collector.receive.flights import Arrival
from windsock.collector.receive.windows import store_window
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Settings

CAME = T0 + HOUR


@pytest.fixture
def kept(world):
    """Flights with windows; which of them are kept after some time."""

    def store(name, **flight):
        log_id = f"{len(names) + 1:032x}"
        names[log_id] = name
        window = msgspec.structs.replace(
            WINDOW, drone_uid="px4:01", log_id=log_id, armed_boot_us=10_000_000
        )
        with transaction(world.ledger):
            store_window(world.ledger, window, Arrival("dock-1", CAME))
        return world.flight(T0, log=log_id, **flight)

    def after(time_us):
        rounds.make(T0 + time_us, last=True)
        return {names[row["log_id"]] for row in world.rows("SELECT log_id FROM windows")}

    names = {}
    rounds = Rounds(Settings(), world.ledger, Telemetry(world.ledger, None))
    after.store = store
    return after


def test_a_window_is_kept_30_days_from_its_arrival(kept):
    kept.store("normal")

    assert kept(30 * DAY + HOUR - 1) == {"normal"}
    assert kept(30 * DAY + HOUR) == set()


def test_where_an_incident_stands_it_is_kept_for_good(kept, world):
    crash = kept.store("crash", facts=CRASH)
    world.merge(kept.store("its copy", facts=CRASH), crash)
    kept.store("normal")

    assert kept(400 * DAY) == {"crash", "its copy"}
    world.retract(crash)
    assert "crash" not in kept(401 * DAY)
