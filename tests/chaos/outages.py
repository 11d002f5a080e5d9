"""InfluxDB on its bad days: nothing is acknowledged that it does not have, and nothing is lost."""

from collections.abc import Callable
from typing import NamedTuple

from tests.chaos.faulty_influx import Mood
from tests.chaos.rig import Rig
from tests.chaos.scorecard import Scorecard

PART = "InfluxDB"
ONE_IN = 5_000
PATIENCE_S = 120.0
"""The collector asks again after a minute at most."""
MEMORY_MB = 200


class Outage(NamedTuple):
    """A mood, and how long it lasts in the whole run."""

    mood: Mood
    seconds: float


OUTAGES = (
    Outage("down", 60.0),
    Outage("hanging", 40.0),
    Outage("429", 10.0),
    Outage("500", 10.0),
    Outage("accept then reset", 10.0),
)


def outages(rig: Rig, card: Scorecard, share: float, progress: Callable[[str], None]) -> None:
    """Each outage for its time times *share*, while a log comes each second."""
    rig.live(2)
    rig.drain(PATIENCE_S)
    for mood, seconds in OUTAGES:
        progress(f"InfluxDB: {mood}")
        _outage(rig, card, mood, seconds * share)
    differences = rig.load.truth.differences(rig.ledger, rig.influx)
    wrong = sum(one.missing + one.surplus for one in differences)
    rows = sum(one.expected for one in differences)
    card.add(PART, "after all of it: ledger and InfluxDB equal the truth",
             f"{rows:,} rows, {wrong} missing or too many", kept=wrong == 0)  # fmt: skip
    progress(f"InfluxDB: 400 for one line in {ONE_IN}")
    _refused(rig, card)
    peak_mb = rig.collector.peak_kb / 1024
    card.add(PART, f"collector's memory, at most {MEMORY_MB} MB", f"{peak_mb:.0f} MB at its peak",
             kept=peak_mb <= MEMORY_MB)  # fmt: skip


def _outage(rig: Rig, card: Scorecard, mood: Mood, seconds: float) -> None:
    bad = rig.bad_influx
    bad.release.clear()
    bad.mood = mood
    rig.live(seconds)
    held = rig.waiting()
    done = rig.count("SELECT count(*) FROM logs")
    bad.mood = "well"
    bad.release.set()
    took_s = rig.drain(PATIENCE_S)
    card.add(
        PART, f"{mood} for {seconds:.0f} s: the ledger goes on, spools keep what InfluxDB lacks",
        f"{done} of {rig.load.logs} logs in the ledger, {held} batches kept,"
        f" drained {took_s:.1f} s after it",
        kept=held > 0 and done > 0,
    )  # fmt: skip


def _refused(rig: Rig, card: Scorecard) -> None:
    """One line in so many is refused for good: that line is set aside, all others are written."""
    bad = rig.bad_influx
    before = rig.count("SELECT count(*) FROM dead_letters")
    bad.every, bad.mood = ONE_IN, "400 for one"
    while not bad.refused:
        rig.live(5)
    rig.drain(PATIENCE_S)
    bad.mood = "well"
    letters = rig.count("SELECT count(*) FROM dead_letters") - before
    differences = rig.load.truth.differences(rig.ledger, rig.influx)
    missing = sum(one.missing for one in differences if one.table.startswith("influx"))
    mine = sum(line.split(b",")[0] in (b"flight", b"series", b"window") for line in bad.refused)
    card.add(
        PART, f"400 for one line in {ONE_IN:,}: it is a dead letter, all others are written",
        f"{len(bad.refused)} refused of {bad.lines:,}, {letters} dead letters,"
        f" {missing} rows of flights missing",
        kept=letters == len(bad.refused) > 0 and missing == mine
        and not any(one.surplus for one in differences),
    )  # fmt: skip
