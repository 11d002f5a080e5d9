"""Who stopped flying, in simulated worlds with known truth, beside plain rules; and the speed.

Thresholds are found by replay of other seeds than those reported. A false alarm is a rising edge
while the drone lives and no pause was planned; the delay runs from the day on which it stopped.
"""

from functools import cache

import numpy as np
from figure import Figure
from fleet_replay import outcome, replay, threshold
from rich.table import Table
from timing import in_turns

from windsock.collector.cases.inactivity_findings import limits_of
from windsock.collector.detect.accounts import accounts, never_flown
from windsock.collector.detect.history import Standing
from windsock.collector.detect.inactivity import inactivity
from windsock.collector.detect.rarely import flies_rarely
from windsock.collector.detect.silence import cohorts, score
from windsock.collector.fleet.arrays import MISSING_US, Fleet
from windsock.collector.settings import Judge
from windsock.firmware_sim.fleet.world import REPORT_SEEDS, TUNING_SEEDS, WORLDS

BUDGETS = (0.10, 0.25, 0.50)
AIMS = {"steady": (0.10, 40), "projects": (0.25, 90)}
DRONES = 1_000_000
REPLAYED = 3000
"""Drones of a world, for each seed: half of a world, to be done in minutes."""
DROPPING = {
    f"{name}, drops": WORLDS[name]._replace(drop_rate=0.1) for name in ("steady", "projects")
}
"""Of whose drones a tenth falls to a quarter each year."""
ALONE = 20_000
DAY_US = 86_400_000_000
NOW_US = 1_800_000_000_000_000


def figures():
    for world, (budget, days) in AIMS.items():
        found = outcome(*reported(world, "score after 30 d", budget))
        yield Figure(
            f"inactivity, {world} world, {budget} false alarms aimed at: median delay",
            found.delay_days, "days", days, f"days, the aim ({found.false_alarms:.3f} alarms)",
            found.delay_days / days,
        )  # fmt: skip
    yield from speed()


def tables():
    """Every rule in every world."""
    silences = tuple(replays("steady", REPORT_SEEDS)[0].rules)
    yield world_table("stops", WORLDS, silences)
    yield world_table("drops", (*DROPPING, "mixed"), ("Poisson tail", "CUSUM"))
    yield shipped_table()


def world_table(changes, worlds, rules):
    """Median days from a change to the alarm, and the false alarms that came with it."""
    result = Table(title=f"Days after drones' {changes} (false alarms a drone-year)")
    for column in ("world", "rule"):
        result.add_column(column)
    for budget in BUDGETS:
        result.add_column(f"aimed at {budget:.2f}", justify="right")
    for world in worlds:
        for rule in rules:
            found = [outcome(*reported(world, rule, one, changes), changes) for one in BUDGETS]
            cells = [f"{one.delay_days:.0f} ({one.false_alarms:.2f})" for one in found]
            result.add_row(world, rule, *cells)
    return result


def shipped_table():
    """What comes of the thresholds that are shipped."""
    result = Table("world", "rule", "false alarms", "median delay", title="As shipped")
    for world in WORLDS:
        tried = replays(world, REPORT_SEEDS)
        for rule, limit in (("fixed days", 31), ("score after 30 d", Judge().unusual_score)):
            found = outcome(tried, lambda one, rule=rule: one.rules[rule], limit)
            result.add_row(world, f"{rule} >= {limit:g}", f"{found.false_alarms:.2f}",
                           f"{found.delay_days:.0f}")  # fmt: skip
    for world in (*DROPPING, "mixed"):
        tried = replays(world, REPORT_SEEDS)
        found = outcome(tried, lambda one: one.rarely["D1b"], 0.5, "drops")
        result.add_row(world, "D1b own baseline", f"{found.false_alarms:.2f}",
                       f"{found.delay_days:.0f} after {found.changes} drops")  # fmt: skip
    return result


def reported(world, rule, budget, changes="stops"):
    """The replays to report on, which values, and the threshold that others gave."""

    def pick(one):
        return (one.rules if changes == "stops" else one.rarely)[rule]

    limit = threshold(replays(world, TUNING_SEEDS), pick, budget, changes)
    return replays(world, REPORT_SEEDS), pick, limit


@cache
def replays(world, seeds):
    chosen = (WORLDS | DROPPING)[world]
    return [replay(chosen._replace(drones=REPLAYED), seed) for seed in seeds]


def speed():
    """A million drones at once, beside copying what the rules read."""
    rng = np.random.default_rng(1)
    fleet, stand, cohort, account = million(rng)
    priors = cohorts(stand, cohort, 50)
    limits = limits_of(Judge())
    read = [fleet.service, fleet.owned_from_us, fleet.flown_us, *stand, cohort]
    d1a = [fleet.online_share, fleet.quiet_from_us, fleet.quiet_until_us]
    judged = inactivity(fleet, NOW_US, limits)
    works = (
        lambda: [one.copy() for one in read],
        lambda: score(stand, cohort, priors),
        lambda: flies_rarely(stand, cohort, priors),
        lambda: never_flown(fleet, NOW_US, 60.0),
        lambda: accounts(fleet, account, judged),
        lambda: score_alone(stand, cohort, priors),
    )
    copy_s, *ours = in_turns(*works)
    loop_s = ours.pop() / ALONE * DRONES
    names = "own-baseline score", "D1b", "C5", "accounts of C1"
    for name, seconds in zip(names, ours, strict=True):
        yield Figure(f"{name}, {DRONES:,} drones, CPU", seconds * 1e3, "ms",
                     copy_s * 1e3, "ms to copy the same arrays", seconds / copy_s)  # fmt: skip
    yield Figure(f"own-baseline score, {DRONES:,} drones, CPU", ours[0] * 1e3, "ms",
                 loop_s * 1e3, "ms, a loop over drones", ours[0] / loop_s)  # fmt: skip
    own = sum(one.itemsize for one in read)
    yield Figure("memory that score, D1b and C5 read", own, "bytes a drone", 64, "bytes, the aim",
                 own / 64)  # fmt: skip
    both = own + sum(one.itemsize for one in d1a)
    yield Figure("and with D1a", both, "bytes a drone", 64, "bytes, the aim", both / 64)


def score_alone(stand, cohort, priors):
    """The same score, a drone at a time in plain Python."""
    from math import log, log1p, sqrt  # noqa: PLC0415 - what a loop would use

    columns = zip(*(one[:ALONE].tolist() for one in (
        stand.gaps, stand.exposure, stand.longest, stand.gap, cohort)), strict=True)  # fmt: skip
    shapes, days = priors.shape.tolist(), priors.rate_days.tolist()
    scores = []
    for gaps, exposure, longest, gap, kind in columns:
        n = max(gaps, 0)
        improbable = (shapes[kind] + n) * log1p(gap / (days[kind] + exposure))
        mean = exposure / n if n > 1 else (days[kind] + exposure) / (shapes[kind] + n)
        record = gap / (max(longest, mean * (log(n + 1) + 0.58)) + 5)
        scores.append(sqrt(improbable * record))
    return scores


def million(rng):
    """A fleet that nobody flew, of the right shape."""
    n = DRONES
    gaps = rng.poisson(60, n).astype(np.int32)
    exposure = rng.uniform(100, 800, n).astype(np.float32)
    recent = rng.poisson(5, n).astype(np.int32)
    mean = exposure / np.maximum(gaps, 1)
    reals = {
        "exposure": exposure,
        "longest": (mean * 5).astype(np.float32),
        "gap": rng.exponential(mean).astype(np.float32),
        "cusum": rng.exponential(1, n).astype(np.float32),
        "window": np.full(n, 42, np.float32),
        "exposure_before": exposure - 42,
        "dispersion": rng.gamma(2, 0.7, n).astype(np.float32),
    }
    stand = Standing(gaps=gaps, recent=recent, gaps_before=gaps - recent, **reals)
    flown_us = NOW_US - (rng.exponential(20, n) * DAY_US).astype(np.int64)
    flown_us[rng.random(n) < 0.02] = MISSING_US
    fleet = Fleet(
        serials=[""] * n, stations=[], service=np.zeros(n, np.int8),
        owned_from_us=np.full(n, NOW_US - 900 * DAY_US), flown_us=flown_us,
        rested_us=np.zeros(n, np.int64), flights=gaps,
        airborne_s=exposure, home=np.zeros(n, np.int32),
        online_share=rng.random(n).astype(np.float32),
        quiet_from_us=flown_us, quiet_until_us=flown_us + DAY_US,
    )  # fmt: skip
    cohort = rng.integers(0, 50, n).astype(np.int32)
    return fleet, stand, cohort, rng.integers(0, n // 3, n).astype(np.int32)
