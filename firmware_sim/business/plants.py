"""Triggers, one function each: what is planted in an account, and what has to come of it. Pure.

An account that something is planted in flies steadily otherwise: nothing else is true of it.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from windsock.firmware_sim.business.company import Account
from windsock.firmware_sim.business.plot import (
    A_READING,
    MONTH_DAYS,
    Crash,
    Plot,
    Survey,
    Ticket,
)
from windsock.firmware_sim.fleet.lives import NEVER

LOST_DAYS: Final = 180
UNFLOWN_DAYS: Final = 60
GRACE_DAYS: Final = 14
A_HABIT: Final = 56
"""Days until another one shows: D1b looks at six weeks."""
A_USUAL: Final = 60
"""Days until it shows that a drone wears: X3 asks for twenty flights."""
STEADY_EVERY: Final = 3
_RARELY_EVERY: Final = 14

Plant = Callable[[Plot, int, int], None]


def steady(plot: Plot, account: Account) -> None:
    """Its drones fly every third day."""
    for drone in account.drones:
        plot.lives.delivered[drone] = 0
        plot.lives.paused_from[drone] = plot.lives.paused_until[drone] = NEVER
        plot.flew[:, drone] = False
        plot.flew[drone % STEADY_EVERY :: STEADY_EVERY, drone] = True


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


def lose(plot: Plot, account: int, _: int) -> None:
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
    plot.flew[:day, drone] = np.arange(day) % STEADY_EVERY > 0
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


def report_account(plot: Plot, account: int, day: int) -> None:
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
    """It begins to shake, once it has a usual."""
    drone = plot.company.accounts[account].drones[0]
    day = max(day, A_USUAL)
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
    _stop, _silence, report_account, lose, _deliver, _slow, _crash, _scare, _report_drone,
    _grumble, _keep_old, _ignore_mail, _wear, _forget_date,
)  # fmt: skip
