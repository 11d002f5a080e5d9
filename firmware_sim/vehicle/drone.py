"""A vehicle behind its line: bytes and the time in, frames and the time of the next deed out."""

from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np

from windsock.firmware_sim.vehicle.frames import Codec, Message
from windsock.firmware_sim.vehicle.model import Model
from windsock.firmware_sim.vehicle.storage import Storage
from windsock.firmware_sim.vehicle.vehicle import Vehicle
from windsock.firmware_sim.vehicle.wire import Faults, Wire

_REQUEST_B: Final = 40
Witness = Callable[[int, Message, bool], None]


class Drone:
    """One simulated drone on one link.

    `receive` what the station sent, `poll` for the frames that reach the station by now, and come
    back at `due_us`. Times are microseconds of any clock that never goes back.
    """

    def __init__(
        self,
        model: Model,
        storage: Storage,
        faults: Faults,
        rng: np.random.Generator,
        now_us: int = 0,
    ) -> None:
        self.vehicle = Vehicle(model, storage, now_us)
        self.connected = True
        self.heard: Counter[str] = Counter()
        """How many messages of each name reached it."""
        self.witness: Witness | None = None
        """Told of each: when, which, and whether it was armed then."""
        self._codec = Codec(model.mavlink)
        self._rng = rng
        self._down: Wire[bytes] = Wire(faults, rng, self._damaged)
        self._up: Wire[Message] = Wire(faults, rng, lambda _: None)

    def receive(self, data: bytes, now_us: int) -> None:
        """Take bytes from the station."""
        if not self.connected:
            return
        for message in self._codec.decode(data):
            self._up.put(message, _REQUEST_B, now_us)

    def attend(self, now_us: int) -> None:
        """Hear what has arrived, and say nothing: the station does not keep up."""
        for message in self._up.take(now_us):
            self._hear(message, now_us)

    def poll(self, now_us: int) -> list[bytes]:
        """The frames that reach the station, in order."""
        self.attend(now_us)
        while self.vehicle.due_us() <= now_us and self._down.room_us() <= now_us:
            self._say(now_us)
        return self._down.take(now_us) if self.connected else []

    def due_us(self, now_us: int) -> int:
        """When to poll again, if nothing is received before."""
        speaks_us = max(self.vehicle.due_us(), self._down.room_us())
        dues = [speaks_us, self._down.due_us(), self._up.due_us()]
        return max(now_us, min(due for due in dues if due is not None))

    def stall(self, now_us: int, seconds: float) -> None:
        """Nothing moves on the line for so long."""
        self._down.stall(now_us, seconds)
        self._up.stall(now_us, seconds)

    def reboot(self, now_us: int) -> None:
        """Power off and on: what was on the way is lost."""
        self._down.clear()
        self.vehicle.reboot(now_us)

    def unplug(self) -> None:
        """Pull the plug. The drone lives on, on its battery."""
        self.connected = False
        self._down.clear()
        self._up.clear()

    def plug(self) -> None:
        """Connect it again."""
        self.connected = True
        self._down.clear()

    def _hear(self, message: Message, now_us: int) -> None:
        self.heard[message.name] += 1
        if self.witness:
            self.witness(now_us, message, self.vehicle.craft.armed)
        self.vehicle.hear(message, now_us)

    def _say(self, now_us: int) -> None:
        said = self.vehicle.emit(now_us)
        if said is None:
            return
        own = (self.vehicle.model.system, 1)
        system = isinstance(said, Message) and said.system
        speaker = (said.system, said.component) if isinstance(said, Message) and system else own
        frame = self._codec.encode(said, *speaker)
        if self.connected:
            self._down.put(frame, len(frame), now_us)

    def _damaged(self, frame: bytes) -> bytes:
        """A byte changed, lost or added, or the frame cut short."""
        place = int(self._rng.integers(len(frame)))
        byte = bytes([int(self._rng.integers(256))])
        ways = [
            frame[:place] + bytes([frame[place] ^ 0x55]) + frame[place + 1 :],
            frame[:place] + frame[place + 1 :],
            frame[:place] + byte + frame[place:],
            frame[:place],
        ]
        return ways[int(self._rng.integers(len(ways)))]
