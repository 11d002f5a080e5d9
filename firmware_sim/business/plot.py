"""What is planted in a company's life, and what has to come of it. Pure and seeded.

Every account that something is planted in flies steadily otherwise, so that nothing else is true
of it. What comes of the others' own habits is not planted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from windsock.firmware_sim.business.company import Account, Company, Move
from windsock.firmware_sim.fleet.lives import NEVER, Days, Lives, Mask
from windsock.firmware_sim.fleet.telling import serial

MONTH_DAYS: Final = 30
LOST_DAYS: Final = 180
UNFLOWN_DAYS: Final = 60
GRACE_DAYS: Final = 14
CUPBOARD_DAYS: Final = 45
"""A drone that stopped is switched on for so long, and then no more."""
SOON: Final = 2
"""Days until what somebody reported is a case."""
A_READING: Final = 9
"""Days until its counter was read, or it was switched on: once a week, and two days without."""
A_HABIT: Final = 56
"""Days until another one shows: D1b looks at six weeks."""
BAD_DAY: Final = 5
"""Accounts of one CSM that have their third critical ticket on one day."""
CUT_OFF: Final = 3
_NOISE: Final = ("one incident", "ticket", "content", "content", "discontent", "recommends",
          *[""] * 6)  # fmt: skip
"""What may befall an account in a month, each as likely; nothing, in half of them."""
OUT_OF_SIGHT: Final = "dock-cut-off"
_STEADY_EVERY: Final = 3
_RARELY_EVERY: Final = 14


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


Plant = Callable[[Plot, int, int], None]


def plotted(lives: Lives, company: Company, seed: int, each: int) -> Plot:
    """*each* trigger of every kind, in accounts of its own; and the noise of a business."""
    rng = np.random.default_rng((seed, 4))
    drones = lives.flew.shape[1]
    release_day = company.days // 2
    updated: Days = rng.integers(release_day + 1, release_day + 11, (drones,), np.int32)
    large = {index for index, account in enumerate(company.accounts) if account.large}
    plot = Plot(lives, company, release_day, updated, large=large)
    free = _free_accounts(company, rng)
    for _ in range(each):
        for plant in PLANTS:
            if plant is _lose and company.days < LOST_DAYS + 120:
                continue
            account = next(free)
            _steady(plot, company.accounts[account])
            day = int(rng.integers(max(35, company.days // 4), company.days - MONTH_DAYS - 12))
            plant(plot, account, day)
    _keep_moves_apart(plot)
    others = list(free)
    if each > 1:
        others = _bad_day(plot, others)
    _cut_off(plot, others[:CUT_OFF])
    _make_noise(plot, others[CUT_OFF:], rng)
    return plot


def _bad_day(plot: Plot, accounts: list[int]) -> list[int]:
    """More interrupts than a CSM has room for; the accounts that are left."""
    csm = plot.company.accounts[accounts[0]].csm
    hit = [one for one in accounts if plot.company.accounts[one].csm == csm][:BAD_DAY]
    for account in hit:
        _steady(plot, plot.company.accounts[account])
        _report_account(plot, account, plot.company.days // 2 + 40)
    return [one for one in accounts if one not in hit]


def _cut_off(plot: Plot, accounts: list[int]) -> None:
    """A station that is down for longer than a month, and two days without any."""
    begin, until = plot.company.days // 3, plot.company.days // 3 + 42
    plot.cut_off.update(accounts)
    plot.outage = begin, until
    plot.blackout = plot.release_day - 6, plot.release_day - 4
    for account in accounts:
        _steady(plot, plot.company.accounts[account])
    plot.truth.append(
        Planted("X2", OUT_OF_SIGHT, accounts[0], begin + MONTH_DAYS - _STEADY_EVERY, 8)
    )
    plot.truth.append(Planted("X2", "all stations", accounts[0], plot.blackout[0] + 1, 2))


def _free_accounts(company: Company, rng: np.random.Generator) -> Iterator[int]:
    """Those with two drones or more first: some plants need them."""
    order = rng.permutation(len(company.accounts)).tolist()
    return iter(sorted(order, key=lambda one: not 2 <= len(company.accounts[one].drones) <= 6))  # noqa: PLR2004


def _steady(plot: Plot, account: Account) -> None:
    for drone in account.drones:
        plot.lives.delivered[drone] = 0
        plot.lives.paused_from[drone] = plot.lives.paused_until[drone] = NEVER
        plot.flew[:, drone] = False
        plot.flew[drone % _STEADY_EVERY :: _STEADY_EVERY, drone] = True


def _stops(plot: Plot, day: int, drone: int) -> int:
    """The day of its last flight."""
    plot.flew[day:, drone] = False
    plot.stopped[drone] = day
    last = int(np.flatnonzero(plot.flew[:, drone])[-1])
    plot.of_drone("D1a", drone, last + MONTH_DAYS + 1, A_READING)
    return last


def _stop(plot: Plot, account: int, day: int) -> None:
    """One drone stops, others fly on."""
    drones = plot.company.accounts[account].drones
    _stops(plot, day, drones[0])
    if len(drones) == 1:
        _fall_silent(plot, account, day)


def _silence(plot: Plot, account: int, day: int) -> None:
    """All drones of an account stop."""
    for drone in plot.company.accounts[account].drones:
        _stops(plot, day, drone)
    _fall_silent(plot, account, day)


def _lose(plot: Plot, account: int, _: int) -> None:
    """A large account loses a drone."""
    plot.large.add(account)
    day = 60 + account % 30
    last = _stops(plot, day, plot.company.accounts[account].drones[0])
    drone = plot.company.accounts[account].drones[0]
    plot.of_drone("lost", drone, last + LOST_DAYS + 1, A_READING)
    if len(plot.company.accounts[account].drones) == 1:
        _fall_silent(plot, account, day)


def _fall_silent(plot: Plot, account: int, day: int) -> None:
    """It flies rarely from *day* on, and a month later not for a month: one case of C1."""
    plot.of_account("C1", account, day, MONTH_DAYS + A_READING)


def _slow(plot: Plot, account: int, day: int) -> None:
    """A drone flies rarely from *day* on: once in two weeks instead of twice in three days."""
    drone = plot.company.accounts[account].drones[0]
    day = min(day, plot.company.days - 2 * MONTH_DAYS)
    plot.flew[:day, drone] = np.arange(day) % _STEADY_EVERY > 0
    plot.flew[day:, drone] = np.arange(plot.company.days - day) % _RARELY_EVERY == 0
    plot.of_drone("D1b", drone, day, A_HABIT)
    if len(plot.company.accounts[account].drones) == 1:
        plot.of_account("C1", account, day, A_HABIT)


def _crash(plot: Plot, account: int, day: int) -> None:
    """It hits the ground, and is flown again two weeks later."""
    drone = plot.company.accounts[account].drones[0]
    plot.flew[day : day + 14, drone] = False
    plot.flew[day, drone] = True
    plot.crashes.append(Crash(drone, day, benign=False))
    plot.of_drone("X1", drone, day, 4)


def _scare(plot: Plot, account: int, day: int) -> None:
    """What looks like a crash and is none: flown on three hours later."""
    drone = plot.company.accounts[account].drones[0]
    plot.flew[day, drone] = plot.flew[day + 1, drone] = True
    plot.crashes.append(Crash(drone, day, benign=True))


def _report_drone(plot: Plot, account: int, day: int) -> None:
    """Three critical tickets about one drone."""
    drone = plot.company.accounts[account].drones[0]
    for number, on in enumerate((day - 30, day - 9, day)):
        plot.tickets.append(Ticket(f"T-D{account}-{number}", on, on, True, account, drone))
    plot.of_drone("D2", drone, day)
    plot.of_account("C2", account, day)


def _report_account(plot: Plot, account: int, day: int) -> None:
    """Three critical tickets about an account's drones, or about nobody knows which."""
    drones = (*plot.company.accounts[account].drones, None, None)[:3]
    for number, on in enumerate((day - 20, day - 8, day)):
        drone = drones[number]
        plot.tickets.append(Ticket(f"T-C{account}-{number}", on, on, True, account, drone))
    plot.of_account("C2", account, day)


def _grumble(plot: Plot, account: int, day: int) -> None:
    """Two low scores within a month."""
    for number, (on, score) in enumerate(((day - 30, 5), (day, 2))):
        plot.surveys.append(Survey(f"S-L{account}-{number}", on, account, "CES", score, 7))
    plot.of_account("C4", account, day)


def _keep_old(plot: Plot, account: int, _: int) -> None:
    """One drone is not updated, and nobody was asked to."""
    drone = plot.company.accounts[account].drones[0]
    plot.updated[drone] = NEVER
    plot.of_drone("D3", drone, plot.release_day + GRACE_DAYS, A_READING)


def _ignore_mail(plot: Plot, account: int, _: int) -> None:
    """No drone is updated though the account was asked to."""
    day = plot.mailed[account] = plot.release_day + 3
    for drone in plot.company.accounts[account].drones:
        plot.updated[drone] = NEVER
        plot.of_drone("D3", drone, plot.release_day + GRACE_DAYS, A_READING)
    plot.of_account("C3", account, day + GRACE_DAYS, A_READING)


def _deliver(plot: Plot, account: int, day: int) -> None:
    """A new drone that nobody flies."""
    drone = plot.company.accounts[account].drones[-1]
    delivered = max(day - UNFLOWN_DAYS, 0)
    plot.lives.delivered[drone] = delivered
    plot.flew[:, drone] = False
    plot.stopped[drone] = delivered
    plot.of_account("C5", account, delivered + UNFLOWN_DAYS + 1, 3)


def _wear(plot: Plot, account: int, day: int) -> None:
    """It begins to shake."""
    drone = plot.company.accounts[account].drones[0]
    plot.worn[drone] = day
    plot.of_drone("X3", drone, day, 12)


def _forget_date(plot: Plot, account: int, day: int) -> None:
    """A new drone without its date of delivery, filled in three weeks later."""
    drone = plot.company.accounts[account].drones[-1]
    plot.lives.delivered[drone] = day
    plot.flew[:day, drone] = False
    plot.undated[drone] = day, day + 21
    plot.of_account("M1", account, day)


PLANTS: Final[tuple[Plant, ...]] = (
    _stop, _silence, _report_account, _lose, _deliver, _slow, _crash, _scare, _report_drone,
    _grumble, _keep_old, _ignore_mail, _wear, _forget_date,
)  # fmt: skip


def _keep_moves_apart(plot: Plot) -> None:
    """No account gets another CSM while something of it is about to be seen."""
    days: defaultdict[int, list[Planted]] = defaultdict(list)
    for one in plot.truth:
        days[one.account].append(one)

    def apart(move: Move) -> bool:
        return all(
            not one.day - 2 <= move.day <= one.day + one.within + 2 for one in days[move.account]
        )

    plot.company.moves[:] = [move for move in plot.company.moves if apart(move)]


def _make_noise(plot: Plot, others: list[int], rng: np.random.Generator) -> None:
    """What every business has and nobody has to be called for."""
    for account in others:
        for month in range(plot.company.days // MONTH_DAYS):
            day = month * MONTH_DAYS + int(rng.integers(0, MONTH_DAYS))
            _noise_of(plot, account, day, rng)


def _noise_of(plot: Plot, account: int, day: int, rng: np.random.Generator) -> None:
    kind, key = _NOISE[int(rng.integers(0, len(_NOISE)))], f"{account}-{day}"
    drone = plot.company.accounts[account].drones[0]
    if kind == "one incident":
        first = f"T-O{key}-0"
        plot.tickets += [
            Ticket(f"T-O{key}-{n}", day, day, True, account, drone, first if n else None)
            for n in range(3)
        ]
    elif kind == "ticket":
        plot.tickets.append(Ticket(f"T-N{key}", day, day, False, account, drone))
    elif kind == "content":
        score = int(rng.integers(6, 8))
        plot.surveys.append(Survey(f"S-C{key}", day, account, "CES", score, 7))
    elif kind == "discontent" and day // MONTH_DAYS % 2 == 0:  # never two within a month
        plot.surveys.append(Survey(f"S-O{key}", day, account, "CES", 3, 7))
    elif kind == "recommends":
        plot.surveys.append(Survey(f"S-N{key}", day, account, "NPS", int(rng.integers(0, 11)), 10))
