"""The days on which each drone of a fleet flies, and what nobody but a simulator knows: why."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from windsock.firmware_sim.fleet.world import YEAR_DAYS, World

Days = npt.NDArray[np.int32]
Index = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Reals = npt.NDArray[np.float64]

NEVER: Final = 2**30
"""A day that does not come."""
DROPPED_TO: Final = 0.25
PAUSE_DAYS: Final = (30, 121)
SMALL_REGION_DRONES: Final = 10
_PEAK_DAY: Final = 196
"""Mid-July, counted from 1 January."""
_HOLIDAYS: Final = (353, 6)
"""From 20 December until 6 January."""


class Lives(NamedTuple):
    """Of n drones. Days count from 0, a 1 January; `NEVER` where it does not happen."""

    flew: Mask
    """(days, n): it flies on that day."""
    rate_a_year: Reals
    in_projects: Mask
    region: Index
    account: Index
    """Of its first owner; a drone that is handed on goes to an account of its own."""
    delivered: Days
    handed: Days
    """First day of its second owner."""
    stops: Days
    """First day on which it would fly and never does again."""
    drops: Days
    """First day on which it flies a quarter as often."""
    paused_from: Days
    paused_until: Days
    seasonal: Mask
    """It flies by its region's seasons and holidays."""


def live(world: World, seed: int) -> Lives:
    """The lives of *world*'s drones; the same *seed*, the same lives."""
    rng = np.random.default_rng(seed)
    n = world.drones
    rate = rng.gamma(world.rate_shape, world.flight_days_a_year / world.rate_shape, n)
    rate[rng.random(n) < world.never_flown_share] = 0.0
    account = _accounts(world, rng)
    region = _regions(world, account, rng)
    in_projects = rng.random(n) < world.project_share
    delivered = _delivered(world, rng)
    paused_from = _waits(world.pause_rate, n, rng)
    lives = Lives(
        flew=np.zeros((world.days, n), np.bool_),
        rate_a_year=rate,
        in_projects=in_projects,
        region=region,
        account=account,
        delivered=delivered,
        handed=_after(delivered, _waits(world.handed_rate, n, rng)),
        stops=_after(delivered, _waits(world.stop_rate, n, rng)),
        drops=_after(delivered, _waits(world.drop_rate, n, rng)),
        paused_from=paused_from,
        paused_until=_after(paused_from, rng.integers(*PAUSE_DAYS, n).astype(np.int32)),
        seasonal=rng.random(n) < world.seasonal_share,
    )
    return lives._replace(flew=_flew(world, lives, rng))


def season(world: World, *, southern: bool) -> Reals:
    """How much is flown on each day, 1 on average over a year."""
    day = np.arange(world.days) % YEAR_DAYS
    shift = YEAR_DAYS // 2 if southern else 0
    swing = 1 + world.winter_depth * np.cos(2 * np.pi * (day - _PEAK_DAY - shift) / YEAR_DAYS)
    swing[(day >= _HOLIDAYS[0]) | (day < _HOLIDAYS[1])] *= world.holidays_factor
    mean: float = swing[:YEAR_DAYS].mean()
    return np.asarray(swing / mean)


def usual_a_day(world: World, lives: Lives) -> Iterator[Reals]:
    """For each day, how many flights each drone (n,) is good for, its projects apart."""
    southern = lives.region < round(world.southern_share * world.regions)
    seasons = np.stack([season(world, southern=False), season(world, southern=True)])
    for day in range(world.days):
        swing = np.where(lives.seasonal, seasons[southern.astype(np.intp), day], 1.0)
        dropped = np.where(day >= lives.drops, DROPPED_TO, 1.0)
        yield lives.rate_a_year / YEAR_DAYS * swing * dropped


def _flew(world: World, lives: Lives, rng: np.random.Generator) -> Mask:
    """One row a day: Poisson's chance of at least one flight."""
    n = world.drones
    projects = _Projects(world, lives.in_projects, rng)
    flew = np.zeros((world.days, n), np.bool_)
    for day, usual in enumerate(usual_a_day(world, lives)):
        a_day = usual * projects.share(rng)
        able = (day >= lives.delivered) & (day < lives.stops)
        able &= (day < lives.paused_from) | (day >= lives.paused_until)
        flew[day] = able & (rng.random(n) < -np.expm1(-a_day))
    return flew


class _Projects:
    """On and off by turns; each drone's turns are long or short as its own kind of work is."""

    def __init__(self, world: World, among: Mask, rng: np.random.Generator) -> None:
        n = len(among)
        self._among, self._shape = among, world.length_shape
        spread = world.cycle_shape
        factor = rng.gamma(spread, 1 / spread, n) if spread else np.ones(n)
        self._days = factor * world.between_days, factor * world.project_days
        share_on = world.project_days / (world.project_days + world.between_days)
        self._more = 1 / share_on
        self._on = rng.random(n) < share_on
        self._left = self._lengths(rng) * rng.random(n)

    def share(self, rng: np.random.Generator) -> Reals:
        """Of its mean rate what each flies today."""
        today = np.where(self._among, np.where(self._on, self._more, 0.0), 1.0)
        self._left -= 1
        over = self._left <= 0
        self._on ^= over
        self._left = np.where(over, np.maximum(self._lengths(rng), 1), self._left)
        return today

    def _lengths(self, rng: np.random.Generator) -> Reals:
        draw = rng.gamma(self._shape, 1 / self._shape, len(self._on))
        return np.asarray(np.where(self._on, self._days[1], self._days[0]) * draw)


def _waits(rate: float, n: int, rng: np.random.Generator) -> Days:
    """Days until something that befalls this share of the drones a year."""
    if not rate:
        return np.full(n, NEVER, np.int32)
    return np.minimum(rng.exponential(-YEAR_DAYS / np.log1p(-rate), n), NEVER).astype(np.int32)


def _after(start: Days, wait: Days) -> Days:
    later: Days = np.minimum(start.astype(np.int64) + wait, NEVER).astype(np.int32)
    return later


def _delivered(world: World, rng: np.random.Generator) -> Days:
    late = rng.random(world.drones) < world.delivered_late_share
    return np.where(late, rng.integers(0, world.days, world.drones), 0).astype(np.int32)


def _regions(world: World, account: Index, rng: np.random.Generator) -> Index:
    """An account's drones are in one region; the small regions are the last ones."""
    number = int(account[-1]) + 1
    region = rng.integers(0, world.regions - world.small_regions, number)
    drones = np.bincount(account, minlength=number)
    few = rng.permutation(number)
    nth = (np.cumsum(drones[few]) - 1) // SMALL_REGION_DRONES
    small = nth < world.small_regions
    region[few[small]] = world.regions - 1 - nth[small]
    return region.astype(np.int32)[account]


def _accounts(world: World, rng: np.random.Generator) -> Index:
    sizes = rng.geometric(1 / world.account_drones, world.drones)
    return np.repeat(np.arange(world.drones), sizes)[: world.drones].astype(np.int32)
