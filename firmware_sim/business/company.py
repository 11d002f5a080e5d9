"""Whose drones they are, and who looks after them. Pure and seeded.

Days count from 0, the first day of the world.
"""

from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np

from windsock.firmware_sim.fleet.lives import Lives

LARGE_DRONES: Final = 8
_DISTRIBUTOR_ACCOUNTS: Final = 9
"""Of 15 accounts, these buy through one of the distributors."""
_ACCOUNTS_OF_15: Final = 15
_MOVES_SHARE: Final = 0.08
"""Of the accounts, a year: they get another CSM."""
_AWAY_DAYS: Final = (5, 15)
_AWAY_EVERY_DAYS: Final = 150

PRODUCTS: Final = ("Kite 4", "Kite 5", "Plover")


class Person(NamedTuple):
    """One of the maker's."""

    name: str
    email: str
    role: str
    zone: str


CSMS: Final = (
    Person("Mara Lind", "mara@maker.example", "csm", "Europe/Berlin"),
    Person("Jonas Ek", "jonas@maker.example", "csm", "Europe/Stockholm"),
    Person("Ruth Okafor", "ruth@maker.example", "csm", "America/New_York"),
    Person("Kenji Mori", "kenji@maker.example", "csm", "Asia/Tokyo"),
    Person("Ana Duarte", "ana@maker.example", "csm", "America/Los_Angeles"),
)
SALES: Final = (
    Person("Tom Weber", "tom@maker.example", "sales", "Europe/Berlin"),
    Person("Lea Brandt", "lea@maker.example", "sales", "America/New_York"),
    Person("Ivo Novak", "ivo@maker.example", "sales", "Europe/Prague"),
)
SUPPORT: Final = Person("Support", "support@maker.example", "support", "UTC")


class Account(NamedTuple):
    """An end user, or a direct customer where there is no distributor."""

    name: str
    distributor: str | None
    region: str
    csm: int
    """Index into `CSMS`, before any move."""
    sales: int
    large: bool
    drones: tuple[int, ...]


class Move(NamedTuple):
    """An account that gets another CSM."""

    account: int
    day: int
    csm: int


class Absence(NamedTuple):
    """A CSM who is away, and who stands in."""

    csm: int
    from_day: int
    until_day: int
    substitute: int


class Company(NamedTuple):
    """All of it; accounts in the order of their drones."""

    first: date
    days: int
    accounts: list[Account]
    distributors: list[str]
    moves: list[Move]
    absences: list[Absence]

    def day(self, day: int) -> date:
        """As the calendar has it."""
        return self.first + timedelta(days=day)

    def csm_of(self, account: int, day: int) -> Person:
        """Who is responsible for an account on *day*."""
        moves = [move.csm for move in self.moves if move.account == account and move.day <= day]
        return CSMS[[self.accounts[account].csm, *moves][-1]]

    def playbook(self, account: int, *, of_drone: bool) -> str:
        """Which playbooks a trigger has: those of the drone's, or of the customer's."""
        end_user, dealer = "CS: Trouble Call End User", "CS: Trouble Call Distributor"
        between = of_drone and self.accounts[account].distributor
        return f"{end_user}; {dealer}" if between else end_user


def found(lives: Lives, first: date, seed: int) -> Company:
    """The company around the drones of *lives*; the same *seed*, the same company."""
    rng = np.random.default_rng((seed, 3))
    number = int(lives.account[-1]) + 1
    dealers = max(number // 12, 1)
    accounts = [_account(lives, index, dealers) for index in range(number)]
    days = len(lives.flew)
    return Company(
        first=first,
        days=days,
        accounts=accounts,
        distributors=[_dealer(index) for index in range(dealers)],
        moves=_moves(accounts, days, rng),
        absences=_absences(days, rng),
    )


def _account(lives: Lives, index: int, dealers: int) -> Account:
    drones = tuple(np.flatnonzero(lives.account == index).tolist())
    through = index % _ACCOUNTS_OF_15 < _DISTRIBUTOR_ACCOUNTS
    return Account(
        name=f"Account {index:03}",
        distributor=_dealer(index % dealers) if through else None,
        region=f"Region {lives.region[drones[0]]:02}",
        csm=index % len(CSMS),
        sales=index % len(SALES),
        large=len(drones) >= LARGE_DRONES,
        drones=drones,
    )


def _dealer(index: int) -> str:
    return f"Dealer {index:02}"


def _moves(accounts: list[Account], days: int, rng: np.random.Generator) -> list[Move]:
    chance = _MOVES_SHARE * days / 365
    moving = np.flatnonzero(rng.random(len(accounts)) < chance).tolist()
    return [
        Move(account, int(rng.integers(20, days)), (accounts[account].csm + 1) % len(CSMS))
        for account in moving
    ]


def _absences(days: int, rng: np.random.Generator) -> list[Absence]:
    absences = []
    for csm in range(len(CSMS)):
        day = int(rng.integers(10, _AWAY_EVERY_DAYS))
        while day < days:
            until = day + int(rng.integers(*_AWAY_DAYS))
            absences.append(Absence(csm, day, until, (csm + 2) % len(CSMS)))
            day = until + int(rng.integers(_AWAY_EVERY_DAYS // 2, _AWAY_EVERY_DAYS * 3 // 2))
    return absences
