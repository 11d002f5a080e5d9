"""A visit: one link from the first byte on, without clock, socket or file. Pure.

Bytes and the time go in; what may be written comes out. A visit listens, and while the gate is
open it asks the drone who it is and, if it is ours to read, how much it has flown, and fetches
its logs. When the gate shuts, all of that is dropped at once; the next time it begins anew, and
what was received is still on the shelf.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

from windsock.agent.download.download import LogDownload, Progress
from windsock.agent.download.habits import (
    ARDUPILOT_HABITS,
    ARDUPILOT_SERVICE_HABITS,
    Habits,
    px4_habits,
)
from windsock.agent.download.runner import Runner
from windsock.agent.download.shelf import Shelf
from windsock.agent.download.tasks import SECOND_US, Task, pause
from windsock.agent.drones.interview import flown, introduction
from windsock.agent.link import dialect
from windsock.agent.link.arming import ArmingSigns
from windsock.agent.link.bystanders import Bystanders
from windsock.agent.link.dialect import (
    AutopilotVersion,
    FileTransfer,
    LogData,
    LogEntry,
    LogRequestEnd,
    Message,
    ParamValue,
    SystemTime,
)
from windsock.agent.link.frames import Frame, Splitter
from windsock.agent.link.gate import LOST_US, Gate, State
from windsock.agent.link.identity import Identity
from windsock.agent.link.outlet import Outlet
from windsock.agent.link.vehicles import Node, Vehicle, Vehicles
from windsock.protocol.messages import Counters

_ANSWERS: Final = (AutopilotVersion, ParamValue, LogEntry, LogData, FileTransfer)
_ASK_AGAIN_US: Final = 5 * SECOND_US
"""How often to look whether a drone that isn't ours to read has been claimed."""
_ROUND_US: Final = 600 * SECOND_US
"""How often to look for new logs while nothing has flown."""
_FIRST_PAUSE_US: Final = 5 * SECOND_US
_LONGEST_PAUSE_US: Final = 300 * SECOND_US
_ENDS: Final = 2
"""A frame may get lost, and nobody acknowledges this one."""


class Host(Protocol):
    """Who is told, and who decides."""

    def met(self, who: Identity) -> None:
        """A drone said who it is."""

    def allows(self, who: Identity) -> bool:
        """Whether it is ours to read."""

    def sighted(self, who: Identity, counted: Counters) -> None:
        """One that is ours said how much it has flown."""

    def shelf(self, who: Identity) -> Shelf:
        """Where its logs go."""


@dataclass(frozen=True)
class Manners:
    """How to behave on a link."""

    system: int = 243
    service_mode: bool = False
    share: float = 1.0
    line_bytes_s: float | None = None
    """What the line carries at most, None where nobody knows."""


@dataclass
class Visit:
    """One link, from its opening to its loss."""

    host: Host
    manners: Manners = Manners()
    introduced: Identity | None = None
    allowed: bool = False
    utc_us: int | None = None
    """What time the drone says it is; whoever reads it makes it None again."""
    trouble: str | None = None
    """Why the last attempt to talk ended."""
    progress: Progress = field(default_factory=Progress)
    _runner: Runner | None = None
    _introduced_now: bool = False
    """Since the gate opened."""
    _sighted: bool = False
    _resume_us: int = 0
    _pause_us: int = _FIRST_PAUSE_US

    def __post_init__(self) -> None:
        self.splitter = Splitter(dialect.crc_extra, dialect.checksum)
        self.gate = Gate()
        self.vehicles = Vehicles(self.gate)
        self.outlet = Outlet(self.gate, self.manners.system)
        self._signs = ArmingSigns()
        self._bystanders = Bystanders(self.manners.system)
        self._partings = 0

    def receive(self, data: bytes, now_us: int) -> None:
        """Take in what came over the link."""
        for frame in self.splitter.feed(data):
            message = dialect.decode(frame)
            if message is not None:
                self._hear(frame, message, now_us)

    def step(self, now_us: int) -> bytes:
        """What to write now; mostly nothing."""
        if self.gate.state(now_us) is State.SHUT:
            return self._dropped(now_us)
        if self._bystanders.busy(now_us):
            self._drop()
            return b""
        if self._runner is None and self.vehicles.drone is not None:
            if now_us < self._resume_us:
                return b""
            self._runner = self._begun(self.vehicles.drone, now_us)
        return self._driven(now_us)

    def wait_us(self, now_us: int, most_us: int) -> int:
        """How long nothing has to be done unless something comes."""
        due_us = self._runner.due_us() if self._runner else None
        return most_us if due_us is None else min(most_us, max(0, due_us - now_us))

    def farewell(self, now_us: int) -> bytes:
        """The last thing to write before the link is closed: the end of a transfer of ours."""
        self._drop()
        return self._ended(now_us)

    def reason(self, now_us: int) -> str:
        """What keeps us silent, or that nothing does, in words."""
        if self.gate.state(now_us) is State.OPEN and self._bystanders.busy(now_us):
            return "somebody else is downloading"
        return self.gate.reason(now_us)

    def _hear(self, frame: Frame, message: Message, now_us: int) -> None:
        self.vehicles.hear(frame, message, now_us)
        if self._signs.attempt(message, now_us):
            self.gate.attempted(now_us)
            self._partings = _ENDS
        drone = self.vehicles.drone
        if drone is None:
            return
        node = Node(frame.system, frame.component)
        if isinstance(message, SystemTime) and node == drone.node:
            self.utc_us = message.time_unix_usec
        self._bystanders.hear(node, message, self.outlet, now_us)
        if self._runner and node == drone.node and isinstance(message, _ANSWERS):
            self._runner.deliver(message, now_us)

    def _dropped(self, now_us: int) -> bytes:
        """Nothing goes on. A transfer that stands in a pilot's way is ended."""
        self._drop()
        self._introduced_now = False
        drone = self.vehicles.drone
        if drone is None or now_us - drone.heard_us > LOST_US:
            self.introduced = None
        if not self._partings:
            return b""
        self._partings = 0
        return self._ended(now_us)

    def _ended(self, now_us: int) -> bytes:
        drone = self.vehicles.drone
        if drone is None or not self.outlet.transferring:
            return b""
        end = LogRequestEnd(drone.node.system, drone.node.component)
        frame = self.outlet.frame(end, now_us)
        return frame * _ENDS if frame else b""

    def _drop(self) -> None:
        if self._runner:
            self._runner.stop()
            self._runner = None
            self.progress.nothing()

    def _begun(self, drone: Vehicle, now_us: int) -> Runner:
        self.outlet.mavlink1 = drone.mavlink1
        habits = self._habits(drone)
        self.outlet.may_log_request = len(habits.order) > 1
        return Runner(self._talk(drone, habits, now_us // 1000), self.outlet)

    def _habits(self, drone: Vehicle) -> Habits:
        if drone.autopilot == dialect.PX4:
            return px4_habits(self.manners.line_bytes_s)
        return ARDUPILOT_SERVICE_HABITS if self.manners.service_mode else ARDUPILOT_HABITS

    def _driven(self, now_us: int) -> bytes:
        runner = self._runner
        if runner is None:
            return b""
        data = runner.step(now_us)
        if runner.finished:
            self._runner, self.trouble = None, runner.failure
            self._resume_us = now_us + self._pause_us
            self._pause_us = min(2 * self._pause_us, _LONGEST_PAUSE_US)
        return data

    def _talk(self, drone: Vehicle, habits: Habits, sequence: int) -> Task[None]:
        """All that is ever said to a drone."""
        if self.introduced is None or not self._introduced_now:
            self.introduced = yield from introduction(drone)
            self._introduced_now, self._sighted = True, False
            self.host.met(self.introduced)
        who = self.introduced
        self.allowed = self.host.allows(who)
        while not self.allowed:
            yield from pause(_ASK_AGAIN_US)
            self.allowed = self.host.allows(who)
        if not self._sighted:
            self.host.sighted(who, (yield from flown(drone)))
            self._sighted = True
        shelf = self.host.shelf(who)
        download = LogDownload(
            drone.node, self.outlet, habits, shelf, self.manners.share, self.progress, sequence
        )
        while True:
            yield from download.run()
            self.trouble, self._pause_us = None, _FIRST_PAUSE_US
            yield from pause(_ROUND_US)
