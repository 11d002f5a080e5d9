"""The line between everybody and the broker: cut, even within a packet, slow, stalled, dead."""

import time
from collections.abc import Callable

from tests.chaos.rig import Rig
from tests.chaos.scorecard import Scorecard

PART = "links"
NOTICED_S = 45.0
PATIENCE_S = 240.0
_LOST = "trying again in"


def links(rig: Rig, card: Scorecard, progress: Callable[[str], None]) -> None:
    """Each fault meets logs on their way; at the end all is there."""
    proxy = rig.proxy
    rig.live(2)
    rig.drain(PATIENCE_S)
    progress("links: cut, anywhere in the stream")
    for number in range(20):
        proxy.cut_after = 100 + 7001 * number % 40_000
        rig.live(1, logs_a_s=2)
        proxy.cut()
    _well(rig, card, "cut 40 times, half of them within a packet")
    progress("links: 0.3 s each way")
    proxy.delay_s = 0.3
    rig.live(10, logs_a_s=0.5)
    proxy.delay_s = 0.0
    _well(rig, card, "0.3 s late at each chunk")
    progress("links: stalled")
    proxy.break_("stall")
    rig.live(15)
    _well(rig, card, "stalled for 15 s")
    progress("links: half-open")
    _half_open(rig, card)


def _half_open(rig: Rig, card: Scorecard) -> None:
    """Bytes vanish in both directions, and no end is told."""
    logs = [process.log for process in (*rig.agents, rig.collector)]
    before = [log.read_text("utf-8").count(_LOST) for log in logs]
    rig.proxy.break_("half-open")
    began_s, noticed_s = time.monotonic(), dict[str, float]()
    while len(noticed_s) < len(logs) and time.monotonic() - began_s < PATIENCE_S:
        rig.live(0.5)
        for log, lost in zip(logs, before, strict=True):
            if log.read_text("utf-8").count(_LOST) > lost:
                noticed_s.setdefault(log.stem, time.monotonic() - began_s)
    seen = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in noticed_s.items())
    in_time = len(noticed_s) == len(logs) and max(noticed_s.values()) <= NOTICED_S
    card.add(PART, f"a half-open line is noticed within {NOTICED_S:.0f} s", seen, kept=in_time)
    _well(rig, card, "half-open")


def _well(rig: Rig, card: Scorecard, what: str) -> None:
    rig.proxy.cut_after = None
    rig.proxy.heal()
    took_s = rig.drain(PATIENCE_S)
    differences = rig.load.truth.differences(rig.ledger, rig.influx)
    wrong = sum(one.missing + one.surplus for one in differences)
    card.add(PART, f"{what}: nothing lost, nothing twice",
             f"{rig.load.logs} logs, {wrong} rows missing or too many, drained {took_s:.1f} s"
             " after it", kept=wrong == 0)  # fmt: skip
