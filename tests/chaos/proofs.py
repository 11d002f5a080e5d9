"""What is proven by tests that need no kill: they are run, and counted, for the scorecard."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.chaos.scorecard import Scorecard

ROOT: Final = Path(__file__).parents[2]
CUTS: Final = ROOT / "build" / "power_cuts.json"
PROOFS: Final = {
    "disk": ("a full disk, a read-only and a failing one end no service; the limit of a spool says"
             " what goes", "tests/end_to_end/test_disk_trouble.py",
             "tests/agent/test_spool_damage.py", "tests/agent/test_spool_room.py"),
    "the shipped broker": ("a station neither writes nor reads another's topics; a wrong"
                           " certificate is refused in one line",
                           "tests/config/test_mosquitto.py"),
    "ledger": ("every version opens; a backup restored says what came after it",
               "tests/collector/test_ledger.py", "tests/collector/delivery"),
}  # fmt: skip
_PASSED: Final = re.compile(r"(\d+) passed")


def proofs(card: Scorecard, seed: int, progress: Callable[[str], None]) -> None:
    """Run them all."""
    progress("proofs: power cuts")
    _power_cuts(card, seed)
    for part, (promise, *paths) in PROOFS.items():
        progress(f"proofs: {part}")
        done = _run("pytest", "-q", "-p", "no:cacheprovider", *paths)
        last = _last_line(done)
        kept = done.returncode == 0 and bool(_PASSED.search(last)) and "skipped" not in last
        card.add(part, promise, f"{', '.join(paths)}: {last}", kept=kept)


def _power_cuts(card: Scorecard, seed: int) -> None:
    CUTS.unlink(missing_ok=True)
    done = _run("tests.power_cuts", str(seed))
    kept = done.returncode == 0 and CUTS.exists()
    if kept:
        figures = json.loads(CUTS.read_text("utf-8"))
        seen = ", ".join(f"{number} {what}" for what, number in figures.items())
    else:
        seen = _last_line(done)
    promise = (
        "spool and catalogue reopen from every image by themselves; lost is what was unsynced"
    )
    card.add("power cuts", f"{promise}, and it is said", seen, kept=kept)


def _run(*module: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *module]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [*done.stderr.strip().splitlines(), *done.stdout.strip().splitlines()]
    return lines[-1] if lines else f"ended with {done.returncode}"
