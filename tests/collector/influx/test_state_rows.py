"""The rows of a large fleet are drawn some at a time."""

from itertools import chain
from types import SimpleNamespace

from tests.collector.world import T0
from windsock.collector.fleet.states import DroneState
from windsock.collector.influx.state_rows import StateRows


def test_all_are_written_and_never_many_at_once():
    states = [
        DroneState(serial=f"D{n}", drone_uid=f"px4:{n}", state="active") for n in range(2500)
    ]
    written, erased = [], []
    telemetry = SimpleNamespace(
        write=lambda rows, _: written.append([row.tags["drone"] for row in rows]),
        erase=lambda *_: erased.append(len(written)),
    )

    StateRows(telemetry).write(states, T0)

    assert list(chain(*written)) == [state.drone_uid for state in states]
    assert max(map(len, written)) <= 1000
    assert erased == [0]
