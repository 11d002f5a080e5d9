"""A maker's eighteen months, replayed: each planted trigger one case, nobody's day flooded."""

import json
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from figure import Figure
from rich.table import Table

sys.path.append(str(Path(__file__).parents[1]))

from tests.business.replay import first_us, replay
from tests.business.truth import judged
from windsock.firmware_sim.__main__ import main as simulator

DRONES, MONTHS, SEED = 500, 18, 1
RATION = 3


def figures():
    outcome, seconds, days = lived()
    planted = sum(found.planted for found in outcome.rules)
    once = sum(found.once for found in outcome.rules)
    months = f"{DRONES} drones, {MONTHS} months"
    yield Figure(f"{months}: planted triggers that became exactly one right case",
                 once, "triggers", planted, "planted", once / planted)  # fmt: skip
    yield Figure(f"{months}: calls an account and day, at most", outcome.sent.calls, "calls", 1,
                 "the limit", outcome.sent.calls)  # fmt: skip
    yield Figure(f"{months}: rationed interrupts a CSM and day, at most", outcome.sent.rationed,
                 "interrupts", RATION, "the limit", outcome.sent.rationed / RATION)  # fmt: skip
    yield Figure(f"{months}: replayed in", seconds / days, "s a day")


def tables():
    outcome, _, _ = lived()
    yield of_rules(outcome)
    yield of_what_was_sent(outcome)


@cache
def lived():
    """The outcome, how long it took, and how many days it was."""
    with tempfile.TemporaryDirectory(prefix="windsock-world-") as name:
        folder = Path(name)
        simulator(["world", "--drones", str(DRONES), "--months", str(MONTHS),
                   "--seed", str(SEED), name])  # fmt: skip
        truth = json.loads((folder / "truth.json").read_text())
        begin = time.perf_counter()
        ledger = replay(folder)
        seconds = time.perf_counter() - begin
        outcome = judged(ledger, folder, first_us(truth))
        ledger.close()
        return outcome, seconds, truth["days"]


def of_rules(outcome):
    """Cases by rule, with precision and recall."""
    table = Table(title="Cases against the world's truth")
    for name in ("rule", "planted", "exactly one", "recall", "cases", "right", "precision",
                 "wrong, closed within 2 days"):  # fmt: skip
        table.add_column(name, justify="left" if name == "rule" else "right")
    for found in outcome.rules:
        recall = f"{found.once / found.planted:.0%}" if found.planted else "-"
        precision = f"{found.right / found.cases:.0%}" if found.cases else "-"
        table.add_row(found.rule, str(found.planted), str(found.once), recall, str(found.cases),
                      str(found.right), precision, str(found.brief))  # fmt: skip
    table.caption = "; ".join(outcome.wrong) or "every planted trigger is exactly one right case"
    return table


def of_what_was_sent(outcome):
    """The CSMs' days."""
    table = Table("what", "number", title="What was sent")
    for name, value in outcome.sent._asdict().items():
        if name == "notices":
            for kind, number in sorted(value.items()):
                table.add_row(f"notices: {kind}", str(number))
        else:
            table.add_row(name, f"{value:.0%}" if isinstance(value, float) else str(value))
    return table
