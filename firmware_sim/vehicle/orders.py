"""What a script or a person tells a drone: `arm`, `fly`, `unplug 3`, `station data 1`."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from windsock.firmware_sim.vehicle.drone import Drone
from windsock.firmware_sim.vehicle.enums import Opcode
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.ftp import Ftp
from windsock.firmware_sim.vehicle.model import SECOND_US
from windsock.firmware_sim.vehicle.telemetry import STATION

ALL_LOGS: Final = 0xFFFF
_ALL_BYTES: Final = 0xFFFFFFFF


class OrderError(ValueError):
    """An order that nobody knows, or whose words are wrong."""


class Agenda:
    """Orders, each at its time."""

    def __init__(self) -> None:
        self._orders: list[tuple[int, int, str]] = []
        self._count = 0

    def add(self, at_us: int, order: str) -> None:
        """Note an order."""
        heapq.heappush(self._orders, (at_us, self._count, order))
        self._count += 1

    def read(self, lines: Iterable[str], from_us: int) -> None:
        """Note a script: `SECONDS ORDER` a line, `#` begins a comment.

        Raises OrderError on a line without a time.
        """
        for line in lines:
            words = line.partition("#")[0].split(maxsplit=1)
            if not words:
                continue
            try:
                seconds, order = float(words[0]), words[1]
            except (ValueError, IndexError):
                raise OrderError(f"not `SECONDS ORDER`: {line.strip()}") from None
            self.add(from_us + round(seconds * SECOND_US), order)

    def due_us(self) -> int | None:
        """When the next is due."""
        return self._orders[0][0] if self._orders else None

    def take(self, now_us: int) -> list[str]:
        """Those that are due."""
        taken = []
        while self._orders and self._orders[0][0] <= now_us:
            taken.append(heapq.heappop(self._orders)[2])
        return taken


def obey(drone: Drone, agenda: Agenda, order: str, now_us: int) -> None:
    """Do what *order* says. Raises OrderError where that is not possible."""
    name, *words = order.split() or [""]
    if name not in _ORDERS:
        raise OrderError(f"no such order: {name} (there are: {', '.join(sorted(_ORDERS))})")
    try:
        _ORDERS[name](drone, agenda, words, now_us)
    except (ValueError, IndexError) as error:
        raise OrderError(f"{order}: {error}") from error


_Order = Callable[[Drone, Agenda, list[str], int], None]


def _arm(drone: Drone, _agenda: Agenda, words: list[str], now_us: int) -> None:
    """`arm [stick] [force]`."""
    peer = None if "stick" in words else STATION
    drone.vehicle.arm(now_us, peer=peer, force="force" in words)


def _unplug(drone: Drone, agenda: Agenda, words: list[str], now_us: int) -> None:
    """`unplug [SECONDS]`: for good, or for so long."""
    drone.unplug()
    if words:
        agenda.add(now_us + round(float(words[0]) * SECOND_US), "plug")


def _foreign(drone: Drone, _agenda: Agenda, words: list[str], _now_us: int) -> None:
    """`foreign arm|disarm SYSTEM`: another autopilot on the link."""
    armed = drone.vehicle.telemetry.foreign_armed
    (armed.add if words[0] == "arm" else armed.discard)(int(words[1]))


def _station(drone: Drone, _agenda: Agenda, words: list[str], now_us: int) -> None:
    """`station list|data ID [OFS [COUNT]]|end|open PATH|close|reset`: another station asks."""
    drone.vehicle.hear(_asked(words, drone.vehicle.model.system), now_us)


def _asked(words: list[str], system: int) -> Message:
    what, *rest = words
    target = {"target_system": system, "target_component": 1}
    if what == "list":
        fields = {**target, "start": 0, "end": ALL_LOGS}
        return Message("LOG_REQUEST_LIST", fields, *STATION)
    if what == "end":
        return Message("LOG_REQUEST_END", target, *STATION)
    if what == "data":
        numbers = [int(word) for word in rest]
        log_id, offset, count = [*numbers, *[0, _ALL_BYTES][len(numbers) - 1 :]]
        fields = {**target, "id": log_id, "ofs": offset, "count": count}
        return Message("LOG_REQUEST_DATA", fields, *STATION)
    opcodes = {
        "open": Opcode.OPEN_FILE_RO,
        "close": Opcode.TERMINATE_SESSION,
        "reset": Opcode.RESET_SESSIONS,
    }
    if what not in opcodes:
        raise OrderError(f"a station does not {what}")
    data = rest[0].encode() if rest else b""
    request = Ftp(0, 0, opcodes[what], len(data), 0, False, 0, data, (system, 1))
    return request.message()._replace(system=STATION[0], component=STATION[1])


_ORDERS: Final[Mapping[str, _Order]] = {
    "arm": _arm,
    "disarm": lambda drone, _agenda, _words, now_us: drone.vehicle.disarm(now_us),
    "fly": lambda drone, _agenda, _words, now_us: drone.vehicle.craft.take_off(now_us),
    "foreign": _foreign,
    "land": lambda drone, _agenda, _words, now_us: drone.vehicle.craft.land(now_us),
    "plug": lambda drone, _agenda, _words, _now_us: drone.plug(),
    "reboot": lambda drone, _agenda, _words, now_us: drone.reboot(now_us),
    "rotate": lambda drone, _agenda, _words, _now_us: drone.vehicle.card.rotate(),
    "stall": lambda drone, _agenda, words, now_us: drone.stall(now_us, float(words[0])),
    "station": _station,
    "unplug": _unplug,
}
