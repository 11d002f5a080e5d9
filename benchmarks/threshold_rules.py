"""All periodic rules over a million drones, beside copying the arrays that each of them reads.

Reading its arrays once is the least that any rule could do; the aim is 8 times that, 20 times for
the own-baseline score. What all rules read together is to be 64 bytes a drone.
"""

from typing import NamedTuple

import million
import numpy as np
from figure import Figure
from million import DRONES, NOW_US
from timing import in_turns

from windsock.collector.detect.accounts import accounts, never_flown
from windsock.collector.detect.firmware import Drones, Late, software
from windsock.collector.detect.held import hold
from windsock.collector.detect.inactivity import Limits, inactivity
from windsock.collector.detect.kinds import split
from windsock.collector.detect.rarely import flies_rarely
from windsock.collector.detect.sight import SightLimits, data_states
from windsock.collector.detect.silence import cohorts, score
from windsock.collector.detect.standing import StandingLimits, standings

AIM, SCORE_AIM, BYTES_AIM = 8.0, 20.0, 64


class Rule(NamedTuple):
    """A rule, and what it reads of each drone: facts, and what another rule found."""

    name: str
    work: object
    facts: list
    found: tuple = ()
    aim: float = AIM


def figures():
    chance = np.random.default_rng(7)
    rules = [*silence_and_sight(chance), *old_software(chance)]
    seconds = yield from compared(rules)
    own = size({id(array): array for rule in rules for array in rule.facts}.values())
    yield Figure("all of these: facts that they read of a drone, once each", own,
                 "bytes", BYTES_AIM, "bytes, the aim", own / BYTES_AIM)  # fmt: skip
    yield Figure(f"all of these, {DRONES:,} drones, CPU", seconds * 1e3, "ms")
    yield kinds_numbered(chance)


def silence_and_sight(chance):
    """The fleet's columns, its habits, what is seen of it, and which cases are open."""
    fleet, stand = million.fleet(chance), million.standing(chance)
    account, cohort = million.groups(chance)
    contact, stations = million.contact(chance, fleet.home)
    presumed, rare = chance.random(DRONES) < 0.02, chance.random(DRONES) < 0.05
    priors = cohorts(stand, cohort, million.COHORTS)
    judged = inactivity(fleet, Limits())
    waits = [fleet.service, fleet.idle_s, fleet.flights]
    basis = [fleet.online_share, fleet.proven, presumed]
    habit = [stand.gaps, stand.exposure, stand.gap, cohort]
    by_month = Limits(reading="calendar")
    return [
        Rule("D1a", lambda: inactivity(fleet, Limits(), presumed), [*waits, *basis]),
        Rule("D1a by the calendar", lambda: inactivity(fleet, by_month, presumed),
             [*waits, *basis, fleet.month_over]),
        Rule("own-baseline score", lambda: score(stand, cohort, priors),
             [*habit, stand.longest], aim=SCORE_AIM),
        Rule("D1b", lambda: flies_rarely(stand, cohort, priors, open_before=rare),
             [*habit, stand.missing, stand.recent, stand.expected, rare]),
        Rule("C1", lambda: accounts(fleet, account, judged),
             [fleet.service, fleet.flights, account], judged),
        Rule("C5", lambda: never_flown(fleet, 60.0), waits),
        Rule("data state", lambda: data_states(contact, stations, NOW_US, SightLimits()),
             list(contact)),
        Rule("drone state", lambda: standings(fleet, judged, rare, StandingLimits()),
             [*waits, rare], judged[:2]),
    ]  # fmt: skip


def old_software(chance):
    """D3 and C3: the kinds held against the releases, and the drones looked up."""
    there = million.software(chance)
    kind, kinds = split(there.run, there.kinds, there.placed, there.catalogue, NOW_US)
    drones = Drones(kind, there.placed.powered_s, there.letters)
    letters = million.letters(chance, len(hold(kinds, there.catalogue, NOW_US).open.release))

    def judge():
        return software(drones, Late.of(hold(kinds, there.catalogue, NOW_US), letters))

    yield Rule("software, D3 and C3", judge, list(drones))


def kinds_numbered(chance):
    """What loading a fleet costs, so that software can be looked up. It reads 8 bytes more."""
    there = million.software(chance)
    facts = (there.run, there.kinds, there.placed, there.catalogue)
    (seconds,) = in_turns(lambda: split(*facts, NOW_US))
    return Figure(f"before them, the kinds of {DRONES:,} drones: CPU", seconds * 1e3, "ms")


def compared(rules):
    """A figure for each; CPU seconds of all."""
    sum_s = 0.0
    for rule in rules:
        reads = [*rule.facts, *rule.found]
        copies = [array.copy() for array in reads]
        ours_s, copy_s = in_turns(rule.work, lambda pairs=(reads, copies): copy(*pairs))
        sum_s += ours_s
        aim = f"ms to copy them (aim: ratio of at most {rule.aim:g})"
        yield Figure(f"{rule.name} of {DRONES:,} drones, {size(reads)} bytes each: CPU time",
                     ours_s * 1e3, "ms", copy_s * 1e3, aim, ours_s / copy_s)  # fmt: skip
    return sum_s


def size(arrays):
    return sum(array.itemsize for array in arrays)


def copy(arrays, targets):
    for array, target in zip(arrays, targets, strict=True):
        np.copyto(target, array)
