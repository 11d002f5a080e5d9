"""A company's months as they come out: flights, tickets, scores, and what is true. Pure."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from windsock.firmware_sim.business.company import Company
from windsock.firmware_sim.fleet.lives import NEVER, Days, Lives, Mask
from windsock.firmware_sim.fleet.telling import serial

MONTH_DAYS: Final = 30
CUPBOARD_DAYS: Final = 45
"""A drone that stopped is switched on for so long, and then no more."""
SOON: Final = 2
"""Days until what somebody reported is a case."""
A_READING: Final = 9
"""Days until its counter was read, or it was switched on: once a week, and two days without."""
OUT_OF_SIGHT: Final = "dock-cut-off"


class Planted(NamedTuple):
    """A trigger: of *rule*, about *subject*, true from *day* on."""

    rule: str
    subject: str
    account: int
    day: int
    within: int
    """Days that there are to see it: a reading has to come in, a habit to change."""


class Ticket(NamedTuple):
    """As the ticket system exports it on *day*."""

    ticket: str
    day: int
    incident: int
    critical: bool
    account: int
    drone: int | None = None
    merged_into: str | None = None


class Survey(NamedTuple):
    """An answer."""

    survey: str
    day: int
    account: int
    kind: str
    score: int
    scale: int


class Crash(NamedTuple):
    """A flight that hurts, or only looks so and is flown again *again* hours later."""

    drone: int
    day: int
    benign: bool


@dataclass
class Plot:
    """The lives as they come out, what happened beside them, and what is true."""

    lives: Lives
    company: Company
    release_day: int
    updated: Days
    """(drones,) The day from which on it runs the release; `NEVER`."""
    truth: list[Planted] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)
    worn: dict[int, int] = field(default_factory=dict)
    """Drone: the day from which on it shakes."""
    mailed: dict[int, int] = field(default_factory=dict)
    """Account: the day of the e-mail about the release."""
    stopped: dict[int, int] = field(default_factory=dict)
    """Drone: the first day on which it does not fly any more."""
    undated: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Drone: the days from and until which nobody knows when it was delivered."""
    large: set[int] = field(default_factory=set)
    """Accounts of tier large."""
    cut_off: set[int] = field(default_factory=set)
    """Accounts at a station of their own, which is down for weeks: they fly, and nobody sees."""
    outage: tuple[int, int] = (NEVER, NEVER)
    """From and until which day it is."""
    blackout: tuple[int, int] = (NEVER, NEVER)
    """Days on which no station is heard."""

    @property
    def flew(self) -> Mask:
        """(days, drones)."""
        return self.lives.flew

    def of_drone(self, rule: str, drone: int, day: int, within: int = SOON) -> None:
        """A trigger about a drone, if the world lasts long enough for it to be seen."""
        account = int(self.lives.account[drone])
        self._note(Planted(rule, serial(drone), account, day, within))

    def of_account(self, rule: str, account: int, day: int, within: int = SOON) -> None:
        """A trigger about an account, likewise."""
        name = self.company.accounts[account].name
        self._note(Planted(rule, name, account, day, within))

    def _note(self, trigger: Planted) -> None:
        if trigger.day + trigger.within < self.company.days:
            self.truth.append(trigger)
