"""Simulated worlds, replayed a day at a time: what each rule says of each drone on each day."""

from typing import NamedTuple

import numpy as np
from bg_nbd import fit, p_alive

from windsock.collector.detect.clock import FlightDays, fleet_clock, season_groups
from windsock.collector.detect.habits import WINDOW_DAYS
from windsock.collector.detect.history import History, standing
from windsock.collector.detect.rarely import flies_rarely
from windsock.collector.detect.silence import cohorts, score
from windsock.firmware_sim.fleet.lives import live, usual_a_day
from windsock.firmware_sim.fleet.world import YEAR_DAYS

WARM_DAYS = YEAR_DAYS
"""One year to learn, the rest is judged."""
REFIT_DAYS = 28
MONTH_DAYS = 30
LAST_STOP_DAYS = 180
"""A drone that stopped later is not waited for: there would be too little time to notice."""


class Replay(NamedTuple):
    """A world as it was judged; days of (days, drones) arrays begin after the warm-up."""

    stops: np.ndarray
    drops: np.ndarray
    alive: np.ndarray
    """Delivered, not stopped, not in a planned pause, flown at least once by this owner."""
    rules: dict
    """Name: how unusual each silence is, (days, drones); each rule in its own measure."""
    rarely: dict
    """Likewise, how rarely it flies."""

    def judged(self, changes):
        """Where an alarm is a false one: alive, and for drops flying as it always did."""
        days = np.arange(len(self.alive))[:, None]
        return self.alive & (days < self.drops) if changes == "drops" else self.alive


def replay(world, seed):
    """Judge every day of *world* by the rules that there are."""
    lives = live(world, seed)
    days = np.arange(world.days, dtype=np.int32)[:, None]
    paused = (days >= lives.paused_from) & (days < lives.paused_until)
    drone, day = np.nonzero(lives.flew.T)
    flown = FlightDays(drone.astype(np.int32), day.astype(np.int32))
    rules = _Rules(world)
    alive = (days >= lives.delivered) & (days < lives.stops) & ~paused
    for today in range(WARM_DAYS, world.days):
        if (today - WARM_DAYS) % REFIT_DAYS == 0:
            clock = _clock(lives, flown, today)
            now, before = (_Follower(lives, clock, paused) for _ in range(2))
            for day in range(today):
                now.follow(day)
            for day in range(today - WINDOW_DAYS):
                before.follow(day)
        now.follow(today)
        before.follow(today - WINDOW_DAYS)
        alive[today] &= now.history.flights > 0
        rules.judge(today, now, before, clock)
    due = _due(world, lives, paused)[WARM_DAYS:]
    month = rules.silent["fixed days"] > MONTH_DAYS
    rules.silent |= {"oracle": due, "oracle after 30 d": np.where(month, due, 0)}
    alive = alive[WARM_DAYS:]
    quiet = paused[WARM_DAYS:]
    return Replay(
        lives.stops - WARM_DAYS,
        lives.drops - WARM_DAYS,
        alive,
        {name: np.where(quiet, 0, values) for name, values in rules.silent.items()},
        {name: np.where(quiet, 0, values) for name, values in rules.rare.items()},
    )


def _clock(lives, flown, today):
    """Days x drones; who keeps the seasons is known from the flights until today."""
    known = flown.day <= today
    until = FlightDays(flown.drone[known], flown.day[known])
    group = season_groups(until, lives.region, today + 1)
    return fleet_clock(flown, group, len(lives.flew), parents=2)[group].T


def _due(world, lives, paused):
    """Flights due since the last one, (days, drones): the surest sign for who knows all rates.

    Where flights come by chance: of projects it does not know whether they are on.
    """
    due = np.zeros(lives.flew.shape, np.float32)
    usual = enumerate(usual_a_day(world, lives))
    next(usual)
    for day, a_day in usual:
        known = (lives.handed != day) & ~lives.flew[day]
        due[day] = np.where(known, due[day - 1] + np.where(paused[day], 0, a_day), 0)
    return due


class _Follower:
    """A history, and what the plain rules need, grown day by day."""

    def __init__(self, lives, clock, paused):
        n = len(lives.stops)
        self.lives, self.clock, self.paused = lives, clock, paused
        self.history = History.empty(n)
        self.first = np.zeros(n)
        self.last = np.zeros(n)

    def follow(self, day):
        handed = np.flatnonzero(self.lives.handed == day)
        self.history.forget(handed)
        rows = np.flatnonzero(self.paused[day])
        self.history.pause(rows, (self.clock[day + 1] - self.clock[day])[rows]
                           if day + 1 < len(self.clock) else np.float32(0))  # fmt: skip
        rows = np.flatnonzero(self.lives.flew[day])
        self.first[rows] = np.where(self.history.flights[rows] == 0, day, self.first[rows])
        self.last[rows] = day
        self.history.fly(rows, self.clock[day][rows])


class _Rules:
    """Our score and what it is compared with.

    *with record*: the geometric mean with the gap over the longest one, which DETECTION proposes.
    """

    def __init__(self, world):
        shape = world.days - WARM_DAYS, world.drones
        names = (
            "fixed days",
            "BG/NBD",
            "Gamma-Poisson",
            "with record",
            "score",
            "score after 30 d",
        )
        self.silent = {name: np.zeros(shape, np.float32) for name in names}
        self.rare = {
            name: np.zeros(shape, np.float32) for name in ("Poisson tail", "CUSUM", "D1b")
        }
        self.one_cohort = np.zeros(world.drones, np.int32)

    def judge(self, today, now, before, clock):
        row = today - WARM_DAYS
        then = before.history
        stand = standing(now.history, clock[today], then, clock[today - WINDOW_DAYS])
        if row % REFIT_DAYS == 0:
            self.priors = cohorts(stand, self.one_cohort, 1)
        flown = now.history.flights > 0
        gap_days = np.where(flown, today - now.last, 0)
        self._silent(row, stand, gap_days)
        if row == 0:
            self.bg_nbd = fit(*_recency(now, today))
        self.silent["BG/NBD"][row] = np.where(
            flown, 1 - p_alive(self.bg_nbd, *_recency(now, today)), 0
        )
        self._rare(row, stand)

    def _silent(self, row, stand, gap_days):
        ours = score(stand, self.one_cohort, self.priors)
        gaps = np.maximum(stand.gaps, 0)
        shape, rate_days = self.priors.shape[0], self.priors.rate_days[0]
        gp = (shape + gaps) * np.log1p(stand.gap / (rate_days + stand.exposure))
        self.silent["fixed days"][row] = gap_days
        self.silent["Gamma-Poisson"][row] = gp
        mean = (rate_days + stand.exposure) / (shape + gaps)
        longest = np.maximum(stand.longest, mean * (np.log1p(gaps) + 0.58)) + 5
        self.silent["with record"][row] = np.sqrt(gp * stand.gap / longest)
        self.silent["score"][row] = ours
        self.silent["score after 30 d"][row] = np.where(gap_days > MONTH_DAYS, ours, 0)

    def _rare(self, row, stand):
        tail = np.maximum(poisson_tail(stand.recent, stand.expected), 1e-30)
        self.rare["Poisson tail"][row] = -np.log10(tail)
        self.rare["CUSUM"][row] = stand.missing
        found = flies_rarely(stand, self.one_cohort, self.priors)
        self.rare["D1b"][row] = found.below_own


def poisson_tail(number, expected):
    """The chance of at most *number* events where *expected* are usual."""
    term = np.exp(-expected.astype(np.float64))
    tail = term.copy()
    for k in range(1, int(number.max(initial=0)) + 1):
        term *= expected / k
        tail += np.where(k <= number, term, 0)
    return tail.astype(np.float32)


def _recency(now, today):
    """x, t_x and T of Fader, Hardie and Lee, in days."""
    flown = now.history.flights > 0
    x = np.maximum(now.history.flights - 1, 0)
    return x, np.where(flown, now.last - now.first, 0), np.where(flown, today - now.first, 0)


def edges(values, limit, alive):
    """Rising edges while alive: false alarms."""
    over = values >= limit
    rising = over[1:] & ~over[:-1]
    return int((rising & alive[1:]).sum()) + int((over[0] & alive[0]).sum())


def threshold(replays, pick, budget, changes="stops"):
    """The lowest limit at which a rule keeps to *budget* false alarms a drone and year."""
    values = [pick(one) for one in replays]
    usual = [one.judged(changes) for one in replays]
    years = sum(one.sum() for one in usual) / YEAR_DAYS
    low, high = 0.0, float(max(one.max() for one in values)) * 1.01
    for _ in range(40):
        middle = (low + high) / 2
        alarms = sum(edges(v, middle, one) for v, one in zip(values, usual, strict=True))
        low, high = (middle, high) if alarms > budget * years else (low, middle)
    return high


class Outcome(NamedTuple):
    """What a rule does at a threshold."""

    false_alarms: float
    """A drone and year."""
    delay_days: float
    """Median from the day of the change to the alarm; inf where more than half are not found."""
    changes: int


def outcome(replays, pick, limit, changes="stops"):
    """False alarms, and the delay after each drone's stop (or drop)."""
    usual = [one.judged(changes) for one in replays]
    years = sum(one.sum() for one in usual) / YEAR_DAYS
    alarms = sum(edges(pick(one), limit, u) for one, u in zip(replays, usual, strict=True))
    delays = np.concatenate([_delays(one, pick(one), limit, changes) for one in replays])
    return Outcome(alarms / years, float(np.median(delays)), len(delays))


def _delays(one, values, limit, changes):
    days = len(values)
    at = getattr(one, changes)
    rows = np.flatnonzero((at > 0) & (at < days - LAST_STOP_DAYS))
    rows = rows[one.alive[at[rows] - 1, rows]]
    over = (values[:, rows] >= limit) & (np.arange(days)[:, None] >= at[rows])
    if changes == "drops":
        over &= one.alive[:, rows]
    return np.where(over.any(axis=0), over.argmax(axis=0) - at[rows], np.inf)
