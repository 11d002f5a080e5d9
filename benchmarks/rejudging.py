"""Five million flights of a ledger judged again by other crash rules: time and peak memory.

The ledger is made for it: facts of random flights, a hundred of them a log, none of the indexes
that judging does not read. A process of its own judges, so that its memory is its own. Beside it:
reading the same rows and doing nothing with them.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from figure import Figure

from windsock.collector.detect.crash import CrashRule
from windsock.collector.ledger import open_ledger
from windsock.collector.replay.differences import FLIGHTS_AT_ONCE, verdict_changes
from windsock.protocol.facts import FACTS, FACTS_VERSION

FLIGHTS = 5_000_000
POOL = 20_000
FLIGHTS_A_LOG = 100

_FLIGHTS = """
INSERT INTO flights (id, drone_uid, log_id, armed_boot_us, flight, end_boot_us, start_us,
    start_quality, simulated, facts_version, airborne_s, agent, received_us, facts, events)
WITH RECURSIVE number(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < :flights)
SELECT i, printf('px4:%06d', i / 500), printf('%032d', i / :a_log), i * 1000000, 1, i * 1000000,
    i * 1000000, 'gps', 0, :version, 600.0, 'dock', i, facts, '[]'
FROM number JOIN pool ON pool.id = i % :pool
"""


def figures():
    with tempfile.TemporaryDirectory(prefix="windsock-bench-") as folder:
        path = Path(folder) / "ledger"
        build(path)
        found = json.loads(run(path))
    gigabytes = found["bytes"] / 1e9
    yield Figure(
        f"judging {FLIGHTS:,} flights of a ledger of {gigabytes:.1f} GB again, by two rules: CPU",
        found["judging_s"], "s", found["reading_s"], "s to read their facts",
        found["judging_s"] / found["reading_s"],
    )  # fmt: skip
    yield Figure(
        "the same: peak memory of the process", found["peak_bytes"] / 1e6, "MB",
        found["block_bytes"] / 1e6, "MB of facts in one block",
    )  # fmt: skip


def build(path):
    """A ledger of random flights."""
    ledger = open_ledger(path)
    chance = np.random.default_rng(5)
    facts = chance.gamma(2, 5, (POOL, len(FACTS))).astype("<f4")
    facts[chance.random(facts.shape) < 0.1] = np.nan
    ledger.execute("PRAGMA synchronous = OFF")
    ledger.execute("PRAGMA journal_mode = OFF")
    for name in (
        "flight_arrived",
        "flight_changed",
        "flight_row_stale",
        "flight_day_new",
        "flight_day_changed",
    ):
        ledger.execute(f"DROP TRIGGER {name}")
    for name in ("by_drone", "by_log", "merged", "by_boot"):
        ledger.execute(f"DROP INDEX flights_{name}")
    ledger.execute("CREATE TEMP TABLE pool (id INTEGER PRIMARY KEY, facts BLOB)")
    ledger.executemany("INSERT INTO pool VALUES (?, ?)", enumerate(map(bytes, facts)))
    ledger.execute(
        _FLIGHTS,
        {"flights": FLIGHTS, "a_log": FLIGHTS_A_LOG, "pool": POOL, "version": FACTS_VERSION},
    )
    ledger.close()


def run(path):
    command = [sys.executable, __file__, path]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def judge(path):
    """In a process of its own."""
    ledger = open_ledger(path)
    start = time.process_time()
    for _ in ledger.execute("SELECT facts FROM live_flights WHERE received_us > 0 ORDER BY id"):
        pass
    read = time.process_time()
    other = CrashRule(impact_m_s2=40.0)
    changes = verdict_changes(ledger, CrashRule(), other, 0)
    judged = time.process_time()
    assert sum(change.flights for change in changes) == FLIGHTS
    return {
        "reading_s": read - start,
        "judging_s": judged - read,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "block_bytes": FLIGHTS_AT_ONCE * len(FACTS) * 4,
        "bytes": path.stat().st_size,
    }


if __name__ == "__main__":
    print(json.dumps(judge(Path(sys.argv[1]))))
