"""A plot for a company: triggers in accounts of their own, a bad day, an outage, noise. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np

from windsock.firmware_sim.business.company import Company, Move
from windsock.firmware_sim.business.noise import make_noise
from windsock.firmware_sim.business.plants import (
    LOST_DAYS,
    PLANTS,
    STEADY_EVERY,
    lose,
    report_account,
    steady,
)
from windsock.firmware_sim.business.plot import MONTH_DAYS, OUT_OF_SIGHT, Planted, Plot
from windsock.firmware_sim.fleet.lives import Days, Lives

BAD_DAY: Final = 5
"""Accounts of one CSM that have their third critical ticket on one day."""
CUT_OFF: Final = 3
"""Accounts at the station that is down for weeks."""


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
            if plant is lose and company.days < LOST_DAYS + 120:
                continue
            account = next(free)
            steady(plot, company.accounts[account])
            day = int(rng.integers(max(35, company.days // 4), company.days - MONTH_DAYS - 12))
            plant(plot, account, day)
    _keep_moves_apart(plot)
    others = list(free)
    if each > 1:
        others = _bad_day(plot, others)
    _cut_off(plot, others[:CUT_OFF])
    make_noise(plot, others[CUT_OFF:], rng)
    return plot


def _bad_day(plot: Plot, accounts: list[int]) -> list[int]:
    """More interrupts than a CSM has room for; the accounts that are left."""
    csm = plot.company.accounts[accounts[0]].csm
    hit = [one for one in accounts if plot.company.accounts[one].csm == csm][:BAD_DAY]
    for account in hit:
        steady(plot, plot.company.accounts[account])
        report_account(plot, account, plot.company.days // 2 + 40)
    return [one for one in accounts if one not in hit]


def _cut_off(plot: Plot, accounts: list[int]) -> None:
    """A station that is down for longer than a month, and two days without any."""
    begin, until = plot.company.days // 3, plot.company.days // 3 + 42
    plot.cut_off.update(accounts)
    plot.outage = begin, until
    plot.blackout = plot.release_day - 6, plot.release_day - 4
    for account in accounts:
        steady(plot, plot.company.accounts[account])
    plot.truth.append(
        Planted("X2", OUT_OF_SIGHT, accounts[0], begin + MONTH_DAYS - STEADY_EVERY, 8)
    )
    plot.truth.append(Planted("X2", "all stations", accounts[0], plot.blackout[0] + 1, 2))


def _free_accounts(company: Company, rng: np.random.Generator) -> Iterator[int]:
    """Those with two drones or more first: some plants need them."""
    order = rng.permutation(len(company.accounts)).tolist()
    return iter(sorted(order, key=lambda one: not 2 <= len(company.accounts[one].drones) <= 6))  # noqa: PLR2004 - accounts of usual size


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
