"""`slowing` in a real ledger: of drones that drop to a quarter, and of steady ones."""

import sys
import tempfile
from pathlib import Path

import numpy as np
from figure import Figure

sys.path.append(str(Path(__file__).parents[1]))

from tests.fleets.slowing_down import WATCHED_DAYS, replay

SEEDS = 501, 502, 503
DRONES = 300
WEEKLY, FORTNIGHTLY = 52, 26
"""Flight-days a year."""


def figures():
    worlds = [lived(seed) for seed in SEEDS]
    told = "slowing, drones that dropped to a quarter and flew weekly"
    for words in (("slowing",), ("slowing", "inactive", "lost")):
        delay = np.concatenate([one.delay_days(WEEKLY, words) for one in worlds])
        called = f"{len(delay)} of them, called {' or '.join(words)} within {WATCHED_DAYS} days"
        yield Figure(f"{told}: {called}", float(np.isfinite(delay).mean()), "of them")
        yield Figure(f"{told}: {called}, median of all", float(np.median(delay)), "days")
    false = float(np.mean([one.false_a_year(FORTNIGHTLY) for one in worlds]))
    yield Figure("slowing, said of steady drones", false, "a drone and year")


def lived(seed):
    with tempfile.TemporaryDirectory() as folder:
        return replay(Path(folder) / "ledger", DRONES, seed)
