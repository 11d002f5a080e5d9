"""Who stopped flying, in simulated worlds with known truth, beside plain rules; and the speed.

Thresholds are found by replay of other seeds than those reported. A false alarm is a rising edge
while the drone lives and no pause was planned; the delay runs from the day on which it stopped.
"""

from functools import cache

import million
import numpy as np
from figure import Figure
from fleet_replay import outcome, replay, threshold
from million import DRONES
from rich.table import Table
from timing import in_turns

from windsock.collector.detect.silence import cohorts, score
from windsock.collector.settings import Judge
from windsock.firmware_sim.fleet.world import REPORT_SEEDS, TUNING_SEEDS, WORLDS

BUDGETS = (0.10, 0.25, 0.50)
AIMS = {"steady": (0.10, 40), "projects": (0.25, 90)}
SCORES = {"steady": Judge().unusual_score, "projects": 6.5}
"""As shipped, and what docs/detection-inactivity.md gives for drones that work in projects."""
RULE, ORACLE = "score after 30 d", "oracle after 30 d"
REPLAYED = 3000
"""Drones of a world, for each seed: half of a world, to be done in minutes."""
DROPPING = {
    f"{name}, drops": WORLDS[name]._replace(drop_rate=0.1) for name in ("steady", "projects")
}
"""Of whose drones a tenth falls to a quarter each year."""
ALONE = 20_000


def figures():
    for world, aim in AIMS.items():
        yield from aimed_at(world, *aim)
    yield from speed()


def aimed_at(world, budget, days):
    """At a score from the documents, and at the one that keeps to the budget on other seeds."""
    limit = SCORES[world]
    found = outcome(replays(world, REPORT_SEEDS), lambda one: one.rules[RULE], limit)
    name = f"inactivity, {world} world, score {limit:g}"
    yield Figure(f"{name}: median delay", found.delay_days, "days", days, "days, the aim",
                 found.delay_days / days)  # fmt: skip
    yield Figure(f"{name}: false alarms", found.false_alarms, "a drone and year", budget,
                 "a drone and year, the aim", found.false_alarms / budget)  # fmt: skip
    ours, best = (outcome(*reported(world, rule, budget)) for rule in (RULE, ORACLE))
    name = f"inactivity, {world} world, {budget} false alarms aimed at"
    yield Figure(f"{name}, {ours.false_alarms:.3f} found: median delay", ours.delay_days, "days",
                 best.delay_days, f"days, who knows rates and seasons ({best.false_alarms:.3f})",
                 ours.delay_days / best.delay_days)  # fmt: skip


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
        for rule, limit in (("fixed days", 31), *((RULE, one) for one in SCORES.values())):
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
    """A million drones at once, beside a loop over drones; beside copying: `threshold_rules`."""
    chance = np.random.default_rng(1)
    stand, (_, cohort) = million.standing(chance), million.groups(chance)
    priors = cohorts(stand, cohort, million.COHORTS)
    ours_s, alone_s = in_turns(
        lambda: score(stand, cohort, priors), lambda: score_alone(stand, cohort, priors)
    )
    loop_s = alone_s / ALONE * DRONES
    yield Figure(f"own-baseline score, {DRONES:,} drones, CPU", ours_s * 1e3, "ms",
                 loop_s * 1e3, "ms, a loop over drones", ours_s / loop_s)  # fmt: skip


def score_alone(stand, cohort, priors):
    """The same score, a drone at a time in plain Python."""
    from math import log, log1p  # noqa: PLC0415 - what a loop would use

    columns = zip(*(one[:ALONE].tolist() for one in (
        stand.gaps, stand.exposure, stand.longest, stand.gap, cohort)), strict=True)  # fmt: skip
    shapes, days = priors.shape.tolist(), priors.rate_days.tolist()
    scores = []
    for gaps, exposure, longest, gap, kind in columns:
        n = max(gaps, 0)
        improbable = (shapes[kind] + n) * log1p(gap / (days[kind] + exposure))
        by_chance = exposure * (log(n + 1) + 1.25)
        scores.append(improbable / max(longest * n / max(by_chance, 1e-6), 1))
    return scores
