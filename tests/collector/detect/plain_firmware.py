"""D3 and C3 in plain Python, as docs/detection-firmware.md says them, and by the rule.

The rule numbers kinds of drones and looks drones up; this one asks each drone all there is to ask.
"""

from typing import NamedTuple

import numpy as np

from windsock.collector.detect.firmware import Drones, Late, Letters, software
from windsock.collector.detect.held import CODE, NONE, SOFTWARE_STATES, hold
from windsock.collector.detect.kinds import NEVER_S, Kinds, Placed, begun_s, moments_s, split
from windsock.collector.detect.offers import Catalogue
from windsock.collector.detect.versions import UNKNOWN, Version
from windsock.collector.fleet.arrays import MISSING_US


class Drone(NamedTuple):
    runs: Version
    powered_us: int = MISSING_US
    group: int = NONE
    lot: int = 0
    excused: bool = False
    line: int = 0
    mailed_us: tuple = ()
    """Pairs of a release and when its account was told of it."""


class Found(NamedTuple):
    state: str
    behind: bool
    install: int
    overdue: int
    after_mail: int


def plainly(drone, catalogue, now_us, *, tolerate_previous=False):
    """What is found of one drone."""
    numbers = catalogue.lines[drone.line]
    if numbers is None:
        return Found("excused", False, NONE, NONE, NONE)
    out = [one for one in numbers if catalogue.releases[one].released_us <= now_us]
    return _Asked(drone, catalogue.releases, out, now_us).found(tolerate_previous)


class _Asked:
    """One drone and the releases for it that are *out*."""

    def __init__(self, drone, releases, out, now_us):
        self.drone, self.releases, self.now_us = drone, releases, now_us
        self.known = drone.runs.own != UNKNOWN and bool(out)
        alive = [one for one in out if now_us < releases[one].withdrawn_us]
        self.lacks = [one for one in alive if _lacks(drone, releases[one])]
        self.lacks_dead = any(_lacks(drone, releases[one]) for one in set(out) - set(alive))
        self.one_behind = len(alive) > 1 and self.lacks == alive[-1:]
        self.offered_us = {one: _offered_us(drone, releases[one]) for one in self.lacks}
        self.reached = [one for one in self.lacks if self.offered_us[one] <= now_us]
        self.told_us = {one: at for one, at in drone.mailed_us if one in self.reached}

    def found(self, tolerate_previous):
        install, overdue, after_mail = NONE, NONE, NONE
        tolerated = tolerate_previous and self.one_behind
        if self.known and not self.drone.excused:
            install = self.install()
            if not tolerated:
                overdue, after_mail = self.late(self.offered_us), self.late(self.told_us)
        state = self.state(tolerated, overdue)
        return Found(state, self.known and bool(self.lacks), install, overdue, after_mail)

    def state(self, tolerated, overdue):
        """The first that holds."""
        answers = {
            "excused": self.drone.excused or (self.known and not self.lacks and self.lacks_dead),
            "unknown": not self.known,
            "tolerated": tolerated,
            "overdue": overdue != NONE,
            "notified": bool(self.told_us),
            "eligible": bool(self.reached),
        }
        last = "tolerated" if self.lacks else "current"
        return next((word for word, holds in answers.items() if holds), last)

    def late(self, begun_us):
        """The oldest mandatory release since the later of wave and *begun_us*."""
        for one in self.reached:
            release = self.releases[one]
            if release.mandatory and one in begun_us:
                since_us = max(self.offered_us[one], begun_us[one])
                over = since_us < self.now_us - release.grace_us
                if over and self.drone.powered_us > since_us:
                    return one
        return NONE

    def install(self):
        """The oldest that has to be passed through, else the newest."""
        passing = [one for one in self.reached if self.releases[one].must_pass]
        return passing[0] if passing else max(self.reached, default=NONE)


def by_the_rule(drones, catalogue, now_us, *, tolerate_previous=False):
    """What is found of each drone, all looked up together."""
    run = {}
    kind = [run.setdefault((one.line, one.runs, one.group, one.excused), len(run))
            for one in drones]  # fmt: skip
    line, runs, group, excused = zip(*run, strict=True)
    kinds = Kinds(
        np.array(line, np.int32),
        np.array([one.own for one in runs], np.int64),
        np.array([one.base for one in runs], np.int64),
        np.array(group, np.int16), np.array(excused, np.bool_), np.empty((0, len(run)), np.int16),
    )  # fmt: skip
    powered_s = begun_s(np.array([one.powered_us for one in drones], np.int64))
    placed = Placed(np.array([one.lot for one in drones], np.uint32), powered_s)
    narrow, kinds = split(np.array(kind, np.int32), kinds, placed, catalogue, now_us)
    held = hold(kinds, catalogue, now_us, tolerate_previous=tolerate_previous)
    place, letters = _letters(drones, held.open.release.T.tolist())
    looked_up = Drones(narrow, powered_s, place)
    late = Late.of(held, letters)
    found = software(looked_up, late)
    every = looked_up.block(slice(None))
    overdue, after_mail = late.overdue_with(every), late.deaf_to(every)
    assert ((overdue != NONE) == (found.state == CODE["overdue"])).all()
    assert ((after_mail != NONE) == found.deaf).all()
    return [
        Found(SOFTWARE_STATES[found.state[row]], bool(held.behind[kind]), int(held.next[kind]),
              int(overdue[row]), int(after_mail[row]))
        for row, kind in enumerate(narrow.tolist())
    ]  # fmt: skip


def catalogue_of(*releases):
    """One line, in order of their versions."""
    ordered = sorted(releases, key=lambda release: release.version)
    return Catalogue(ordered, [list(range(len(ordered)))])


def _letters(drones, lines):
    """Drones of a line that were told the same are of one account."""
    place = {}
    rows = [place.setdefault((one.line, one.mailed_us), len(place)) for one in drones]
    sent_s = np.full((len(lines[0]), len(place)), NEVER_S, np.uint32)
    for (line, mailed_us), at in place.items():
        for release, sent_us in mailed_us:
            if release in lines[line]:
                sent_s[lines[line].index(release), at] = moments_s([sent_us])[0]
    of_line = np.array([line for line, _ in place], np.int32)
    return np.array(rows, np.int32), Letters.of(of_line, sent_s)


def _lacks(drone, release):
    if drone.runs.own != release.version.own or UNKNOWN in (release.version.base, drone.runs.base):
        return drone.runs.own < release.version.own
    return drone.runs.base < release.version.base


def _offered_us(drone, release):
    place = ((drone.lot ^ release.salt) * 2_654_435_761) % 2**32
    begun = [
        max(wave.from_us, release.released_us)
        for wave in release.waves
        if (wave.group == drone.group if wave.percent is None
            else place < int(wave.percent / 100 * 2**32))
    ]  # fmt: skip
    return min(begun, default=2**63 - 1) if release.waves else release.released_us
