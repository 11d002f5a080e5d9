"""A ground station in virtual time: says messages to a drone, collects what comes back."""

import numpy as np

from windsock.firmware_sim.vehicle.drone import Drone
from windsock.firmware_sim.vehicle.frames import Codec, Message
from windsock.firmware_sim.vehicle.ftp import Ftp
from windsock.firmware_sim.vehicle.model import Model
from windsock.firmware_sim.vehicle.orders import Agenda, obey
from windsock.firmware_sim.vehicle.storage import MemoryLog, MemoryStorage
from windsock.firmware_sim.vehicle.wire import Faults

TARGET = {"target_system": 1, "target_component": 1}
US = 1_000_000
KINDS = ("px4", "ardupilot")


def made_log(name="a", size=1000, modified_s=1_700_000_000):
    """A log of pseudo-random bytes, never the same for two names."""
    rng = np.random.default_rng([*name.encode(), size])
    return MemoryLog(name, rng.bytes(size), modified_s)


class Station:
    """One station, system 250, and the drone at the other end."""

    def __init__(self, kind, *logs, faults=None, seed=0, **model):
        self.storage = MemoryStorage(list(logs))
        rng = np.random.default_rng(seed)
        self.drone = Drone(Model(kind, **model), self.storage, faults or Faults(), rng)
        self.agenda = Agenda()
        self.now_us = 0
        self.codec = Codec()
        self.seq = 0
        self.listen(0.01)  # what it says after booting

    def order(self, order):
        obey(self.drone, self.agenda, order, self.now_us)

    def say(self, name, **fields):
        frame = self.codec.encode(Message(name, {**TARGET, **fields}), 250, 1)
        self.drone.receive(frame, self.now_us)

    def frames(self, seconds):
        """(us, bytes) of all that comes in so many seconds."""
        until_us = self.now_us + round(seconds * US)
        found = []
        while self.now_us <= until_us:
            for order in self.agenda.take(self.now_us):
                self.order(order)
            found += [(self.now_us, frame) for frame in self.drone.poll(self.now_us)]
            dues = [self.drone.due_us(self.now_us), self.agenda.due_us() or until_us + 1]
            self.now_us = max(self.now_us, min(*dues, until_us + 1))
        self.now_us = until_us
        return found

    def listen(self, seconds, *names):
        """Messages that come in so many seconds, of these names or all."""
        messages = [m for _, frame in self.frames(seconds) for m in self.codec.decode(frame)]
        return [m for m in messages if m.name in names] if names else messages

    def command(self, number, param1=0.0, param2=0.0):
        rest = {f"param{place}": 0.0 for place in range(3, 8)}
        fields = {"command": number, "confirmation": 0, "param1": param1, "param2": param2, **rest}
        self.say("COMMAND_LONG", **fields)

    def list_logs(self, start=0, end=0xFFFF, seconds=1.0):
        self.say("LOG_REQUEST_LIST", start=start, end=end)
        return [m.fields for m in self.listen(seconds, "LOG_ENTRY")]

    def ask(self, log_id, ofs=0, count=0xFFFFFFFF):
        self.say("LOG_REQUEST_DATA", id=log_id, ofs=ofs, count=count)

    def data(self, seconds=1.0):
        """LOG_DATA as (id, ofs, bytes)."""
        return [
            (m.fields["id"], m.fields["ofs"], bytes(m.fields["data"][: m.fields["count"]]))
            for m in self.listen(seconds, "LOG_DATA")
        ]

    def end(self):
        self.say("LOG_REQUEST_END")

    def ftp(self, opcode, data=b"", *, seq=None, size=None, **place):
        """Send a request."""
        self.seq = self.seq + 1 if seq is None else seq
        size = len(data) if size is None else size
        where = {"session": 7, "offset": 0, **place}
        request = Ftp(
            self.seq, opcode=opcode, size=size, req_opcode=0, burst_complete=False, data=data,
            peer=(1, 1), **where,
        )  # fmt: skip
        self.say("FILE_TRANSFER_PROTOCOL", **request.message().fields)

    def answers(self, seconds=0.1):
        return [Ftp.read(m) for m in self.listen(seconds, "FILE_TRANSFER_PROTOCOL")]

    def asked(self, opcode, data=b"", seconds=0.1, **rest):
        """The only answer to a request."""
        self.ftp(opcode, data, **rest)
        (answer,) = self.answers(seconds)
        return answer


def content(answer):
    return answer.data[: answer.size]
