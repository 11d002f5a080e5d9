"""From a simulated flight to a verdict, by the real path: bytes, FlightLog, facts, judgement."""

from functools import lru_cache

import numpy as np

from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.measure import Origin, measure
from windsock.agent.record.wanted import WANTED
from windsock.collector.detect.crash import judge
from windsock.firmware_sim.boards import CUBE, PIXHAWK
from windsock.firmware_sim.dataflash import write_dataflash
from windsock.firmware_sim.flights.scenarios import SCENARIOS
from windsock.firmware_sim.ulog import write_ulog
from windsock.protocol.facts import matrix

PX4, ARDUPILOT = "PX4", "ArduPilot"
WRITERS = {PX4: write_ulog, ARDUPILOT: write_dataflash}
BOARDS = {PX4: PIXHAWK, ARDUPILOT: CUBE}
SEEDS = range(3)


@lru_cache(maxsize=len(SEEDS))
def flown(name, seed):
    return SCENARIOS[name](np.random.default_rng(seed))


def record(data):
    """The LogRecord of a log's bytes."""
    return measure(read_flight_log(data, WANTED), Origin("0" * 32)).record


def judged(logged):
    """Verdict, kind and event time of a log's only flight."""
    if not logged.flights:
        return "none", "no-flight", None
    (flight,) = logged.flights
    judgement = judge(matrix([flight.facts]))
    return *judgement.words(0), float(judgement.event_boot_s[0])


def verdicts(name, autopilot, seeds=SEEDS):
    """(verdict, kind) of each seed's flight."""
    write = WRITERS[autopilot]
    return {seed: judged(record(write(flown(name, seed))))[:2] for seed in seeds}
