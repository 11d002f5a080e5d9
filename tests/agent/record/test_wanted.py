"""What is read for a FlightRecord is all that it is made from."""

import pytest

from windsock.agent.logs.flightlog import LogError
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.wanted import PREFERRED, WANTED

ORIGIN = Origin("0" * 32, positions="full")


def logs(folder):
    return [path for path in sorted(folder.glob("*")) if path.suffix.lower() in (".ulg", ".bin")]


@pytest.mark.parametrize("part", range(12))
def test_a_flight_is_measured_from_what_is_read_as_from_all_there_is(part, shared_logs):
    for path in (logs(shared_logs / "recorded") + logs(shared_logs / "collected"))[part::12]:
        data = path.read_bytes()
        try:
            everything = read_flight_log(data)
        except LogError:
            continue
        little = read_flight_log(data, WANTED, PREFERRED)

        assert little.tables.keys() <= WANTED.keys()
        assert measure(little, ORIGIN) == measure(everything, ORIGIN), path.name
