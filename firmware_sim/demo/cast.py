"""Who plays: drones with a history, drones that are plugged in, a card in a reader. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal, NamedTuple

import numpy as np

from windsock.firmware_sim.boards import CUBE, PIXHAWK, Board
from windsock.firmware_sim.dataflash import write_dataflash
from windsock.firmware_sim.flights.scenarios import SCENARIOS
from windsock.firmware_sim.history import HOUR_US, Life
from windsock.firmware_sim.ulog import write_ulog

HISTORY_DAYS: Final = 120
STATION_DAYS: Final = 50
LIVES: Final = (
    Life("SN-0004", 4.0),
    Life("SN-0005", 3.0, stopped_days_ago=41, powered_days_ago=3),
    Life("SN-0006", 1.5),
    Life("SN-0007", 5.0),
)
_OWNERS: Final = (
    ("Alpine Survey", "Nordwind Drones", "Mara Lind"),
    ("Hafen Inspect", "", "Jonas Ek"),
    ("Terra Maps", "Nordwind Drones", "Mara Lind"),
    ("Alpine Survey", "Nordwind Drones", "Mara Lind"),
    ("Solo Aerial", "", "Jonas Ek"),
    ("Hafen Inspect", "", "Jonas Ek"),
    ("Terra Maps", "Nordwind Drones", "Mara Lind"),
)
"""In turn; the drone that stopped flying is its customer's only one."""
_SALES: Final = "Sam Reed"
_SINCE: Final = "2010-01-01"
_ROSTER_HEAD: Final = (
    "serial,uid,product,delivered,customer,customer_email,stage,region,"
    "distributor,distributor_email,csm,csm_email,service_state,valid_from"
)
_FLOWN_BEFORE_US: Final = HOUR_US


class Plugged(NamedTuple):
    """A simulated drone on a pty, with one log on its card."""

    serial: str
    autopilot: Literal["px4", "ardupilot"]
    uid_hex: str

    @property
    def uid(self) -> str:
        """As the wire has it."""
        return f"{'px4' if self.autopilot == 'px4' else 'ap'}:{self.uid_hex}"

    @property
    def log_name(self) -> str:
        """Of its log."""
        return "00000001.ulg" if self.autopilot == "px4" else "00000001.BIN"


CRASHED: Final = "SN-0001"
"""Whose card somebody put into the station's reader."""
PLUGGED: Final = (
    Plugged("SN-0002", "ardupilot", "3938470d0002"),
    Plugged("SN-0003", "px4", "3531353500474739"),
)


def crash_log(now_us: int) -> bytes:
    """A multicopter that tumbles from the sky an hour ago."""
    return write_dataflash(SCENARIOS["tumbling-fall"](np.random.default_rng(1)), _at(CUBE, now_us))


def normal_log(drone: Plugged, now_us: int) -> bytes:
    """What a plugged in drone has on its card."""
    flight = SCENARIOS["normal"](np.random.default_rng(2))
    if drone.autopilot == "px4":
        return write_ulog(flight, _at(PIXHAWK, now_us))
    return write_dataflash(flight, _at(CUBE, now_us))


def _at(board: Board, now_us: int) -> Board:
    """Switched on a while ago, and saying that it is moved by a simulator."""
    return replace(board, boot_utc_us=now_us - _FLOWN_BEFORE_US, in_the_loop=True)


def roster(drones: Mapping[str, str]) -> str:
    """A roster of serials and their uids, with owners in turn."""
    rows = [_row(*drone, number) for number, drone in enumerate(sorted(drones.items()))]
    return "\n".join([_ROSTER_HEAD, *rows]) + "\n"


def owners() -> str:
    """Who looks after each account, and who sold to it."""
    known = {name: csm for customer, distributor, csm in _OWNERS
             for name in (customer, distributor) if name}  # fmt: skip
    rows = [",".join([name, csm, _address(csm), _SALES, _address(_SALES), _SINCE])
            for name, csm in sorted(known.items())]  # fmt: skip
    return "\n".join(["account,csm,csm_email,sales,sales_email,valid_from", *rows]) + "\n"


def _address(name: str) -> str:
    """Of a person or an account; none of nobody."""
    return f"{name.split(maxsplit=1)[0].lower()}@example.com" if name else ""


def _row(serial: str, uid: str, number: int) -> str:
    customer, distributor, csm = _OWNERS[number % len(_OWNERS)]
    mails = [_address(name) for name in (customer, distributor, csm)]
    return ",".join(
        [serial, uid, "Kite 4", _SINCE, customer, mails[0], "customer", "DACH",
         distributor, mails[1], csm, mails[2], "in_service", _SINCE]
    )  # fmt: skip
