"""Runs simulated drones in real time: bytes from ports, orders from script and standard input."""

import json
import os
import select
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from windsock.firmware_sim.drone.ports import Port
from windsock.firmware_sim.drone.recording import Recorder
from windsock.firmware_sim.vehicle.drone import Drone
from windsock.firmware_sim.vehicle.frames import Message
from windsock.firmware_sim.vehicle.orders import Agenda, OrderError, obey

_LOOK_UP_S: Final = 0.05
_LOG: Final = "log "
_STDIN: Final = 0
_CHUNK_B: Final = 65536


def clock_us() -> int:
    """Microseconds that never go back."""
    return time.monotonic_ns() // 1000


class Seat(NamedTuple):
    """A drone, what it is to do, and where it is plugged in."""

    drone: Drone
    agenda: Agenda
    port: Port
    record: Recorder


def run(seats: Sequence[Seat], *, orders: bool) -> None:
    """Run until interrupted, or told to `quit`."""
    heard = _Orders() if orders else None
    try:
        for seat in seats:
            seat.port.open()
            print(f"ready {seat.port.address}", flush=True)  # noqa: T201 - a program's output
        while not (heard and heard.quit):
            for seat in seats:
                _turn(seat)
            if heard:
                heard.pass_on(seats)
            _wait(seats, heard)
    finally:
        for seat in seats:
            seat.port.close()


def _turn(seat: Seat) -> None:
    """Everything that one drone has to do now."""
    now_us = clock_us()
    for order in seat.agenda.take(now_us):
        _obey(seat, order, now_us)
    data = seat.port.read()
    if data:
        seat.drone.receive(data, now_us)
    if seat.port.waiting():
        seat.port.write([])
    if seat.port.waiting():
        seat.drone.attend(now_us)
    else:
        seat.port.write(seat.drone.poll(now_us))


def _obey(seat: Seat, order: str, now_us: int) -> None:
    connected = seat.drone.connected
    try:
        if order.startswith(_LOG):
            vehicle = seat.drone.vehicle
            seat.record(order.removeprefix(_LOG).strip(), vehicle.model, vehicle.craft)
        else:
            obey(seat.drone, seat.agenda, order, now_us)
    except OrderError as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - a program's output
    if connected and not seat.drone.connected:
        seat.port.close()
    elif seat.drone.connected and not connected:
        seat.port.open()


def _wait(seats: Sequence[Seat], heard: "_Orders | None") -> None:
    """Until a byte comes, a port takes bytes again, or something is due."""
    poll = select.poll()
    wait_s = 1.0
    now_us = clock_us()
    for seat in seats:
        sockets = seat.port.sockets()
        waiting = seat.port.waiting()
        for one in sockets:
            poll.register(one, select.POLLIN | (select.POLLOUT if waiting else 0))
        dues = [seat.agenda.due_us(), None if waiting else seat.drone.due_us(now_us)]
        wait_s = min([wait_s, *((due - now_us) / 1e6 for due in dues if due is not None)])
        if not sockets:
            wait_s = min(wait_s, _LOOK_UP_S)
    if heard and heard.open:
        poll.register(_STDIN, select.POLLIN)
    poll.poll(max(0.0, wait_s) * 1000)


class _Orders:
    """Lines on standard input: an order for every drone, or `2: order` for the second."""

    def __init__(self) -> None:
        self.open = True
        self.quit = False
        self._unread = b""

    def pass_on(self, seats: Sequence[Seat]) -> None:
        """Have the orders done that came in."""
        for line in self._lines():
            first, colon, rest = line.partition(":")
            one = colon and first.strip().isdecimal()
            order = (rest if one else line).strip()
            self.quit = self.quit or order == "quit"
            if not order or self.quit:
                continue
            for seat in seats[int(first) - 1 : int(first)] if one else seats:
                _obey(seat, order, clock_us())

    def _lines(self) -> list[str]:
        if not self.open or not select.select([_STDIN], [], [], 0)[0]:
            return []
        data = os.read(_STDIN, _CHUNK_B)
        self.open = bool(data)
        *lines, self._unread = (self._unread + data).split(b"\n")
        return [line.decode("utf-8", "replace") for line in lines]


def note_heard(drone: Drone, path: Path) -> None:
    """Append every message that reaches the drone to a file, one JSON object a line."""
    file = path.open("a", encoding="utf-8")
    drone.witness = lambda now_us, message, armed: _note(file, now_us, message, armed)


def _note(file: TextIO, now_us: int, message: Message, armed: bool) -> None:
    note = {
        "us": now_us,
        "name": message.name,
        "system": message.system,
        "component": message.component,
        "armed": armed,
        "fields": dict(message.fields),
    }
    print(json.dumps(note, default=str), file=file, flush=True)
