"""A visit and a simulated drone on one link, in virtual time."""

import zlib

import numpy as np

from windsock.agent.download.listing import same
from windsock.agent.download.ranges import Ranges
from windsock.agent.drones.visit import Manners, Visit
from windsock.firmware_sim.vehicle.drone import Drone
from windsock.firmware_sim.vehicle.model import Model
from windsock.firmware_sim.vehicle.storage import MemoryLog, MemoryStorage
from windsock.firmware_sim.vehicle.wire import Faults

S = 1_000_000
REST_S = 60


class MemoryPart:
    def __init__(self, shelf, log):
        self.shelf, self.log, self.size = shelf, log, log.size
        self.ranges, self.data = Ranges(), bytearray(log.size)
        self.written = 0
        self.finished = self.discarded = False

    def write(self, offset, data):
        assert 0 <= offset <= offset + len(data) <= self.size
        self.written += len(data)
        self.ranges.add(offset, offset + len(data))
        self.data[offset : offset + len(data)] = data

    def read(self, offset, count):
        return bytes(self.data[offset : offset + count])

    def grow(self, size):
        assert size > self.size
        self.data += bytes(size - self.size)
        self.size = size

    def crc32(self):
        return zlib.crc32(self.data, 0xFFFFFFFF) ^ 0xFFFFFFFF

    def discard(self):
        self.discarded = True
        self.ranges, self.data = Ranges(), bytearray(self.size)

    def finish(self):
        assert list(self.ranges) == [(0, self.size)]
        self.finished = True
        self.shelf.order.append(self.log.name)


class MemoryShelf:
    """Outlives visits, as a disk does."""

    def __init__(self):
        self.parts = []
        self.order = []

    def wants(self, log):
        return not any(part.finished and same(part.log, log) for part in self.parts)

    def part(self, log):
        part = next((part for part in self.parts if same(part.log, log)), None)
        if part is None:
            part = MemoryPart(self, log)
            self.parts.append(part)
        if log.size > part.size and not part.finished:
            part.grow(log.size)
        return None if part.finished else part

    def contents(self):
        return sorted(bytes(part.data) for part in self.parts if part.finished)


class Host:
    def __init__(self, *, allowed=True):
        self.allowed = allowed
        self.met_drones, self.sightings = [], []
        self.kept = MemoryShelf()

    def met(self, who):
        self.met_drones.append(who)

    def allows(self, _who):
        return self.allowed

    def sighted(self, who, counted):
        self.sightings.append((who, counted))

    def shelf(self, _who):
        return self.kept


class World:
    """Both ends of a link, and the time."""

    def __init__(self, logs, *, model=None, faults=None, seed=0, **more):
        self.storage = MemoryStorage(list(logs))
        self.drone = Drone(
            model or Model(), self.storage, faults or Faults(), np.random.default_rng(seed)
        )
        self.host = more.get("host") or Host()
        self.manners = more.get("manners") or Manners()
        self.now_us = self.armed_us = 0
        self.sent = []
        self.drone.witness = lambda now, message, armed: self.sent.append((now, message, armed))
        self.plug()

    @property
    def second(self):
        return self.now_us / S

    def plug(self):
        """A new visit, as after an unplug, or a killed agent."""
        self.visit = Visit(self.host, self.manners)

    def step(self):
        """One turn: what arrived, what leaves, and on to the next moment that matters."""
        now = self.now_us
        for frame in self.drone.poll(now):
            self.visit.receive(frame, now)
        self.drone.receive(self.visit.step(now), now)
        due = self.drone.due_us(now)
        self.now_us = max(now + 1, min(due, now + self.visit.wait_us(now, S)))

    def run(self, until, limit_s=3600):
        """Go on until *until* says so; how many seconds that took."""
        began = self.now_us
        while not until():
            assert self.now_us - began < limit_s * S, self.describe()
            self.step()
        return (self.now_us - began) / S

    def run_s(self, seconds):
        end = self.now_us + seconds * S
        self.run(lambda: self.now_us >= end, seconds + 10)

    def fetched(self):
        """Everything that is on the card is on the shelf, byte for byte."""
        return self.host.kept.contents() == sorted(log.data for log in self.storage.kept)

    def names_sent(self):
        return [message.name for _, message, _ in self.sent]

    def describe(self):
        return (
            f"after {self.second} s: {self.visit.reason(self.now_us)}; {self.visit.progress};"
            f" {self.visit.trouble}; finished {self.host.kept.order}"
        )


def log(name, size, seed=1, modified_s=1_795_000_000):
    data = np.random.default_rng(seed).integers(0, 256, size, np.uint8).tobytes()
    return MemoryLog(name, data, modified_s)
