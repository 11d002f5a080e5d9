"""What is proven by tests that need no kill: they are run, and counted, for the scorecard."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.chaos.scorecard import Scorecard

ROOT: Final = Path(__file__).parents[2]
PROOFS: Final = {
    "disk": ("a full disk, a read-only and a failing one end no service; the limit of a spool says"
             " what goes", "tests/end_to_end/test_disk_trouble.py",
             "tests/agent/test_spool_damage.py", "tests/agent/test_spool_room.py"),
    "the shipped broker": ("a station neither writes nor reads another's topics; a wrong"
                           " certificate is refused in one line",
                           "tests/config/test_mosquitto.py"),
    "no network": ("a station's spool carried to the server and its acknowledgements back",
                   "tests/agent/test_carrying.py"),
    "ledger": ("every version opens; a backup restored says what came after it",
               "tests/collector/test_ledger.py", "tests/collector/delivery"),
}  # fmt: skip
_PASSED: Final = re.compile(r"(\d+) passed")


def proofs(card: Scorecard, progress: Callable[[str], None]) -> None:
    """Run them all."""
    for part, (promise, *paths) in PROOFS.items():
        progress(f"proofs: {part}")
        done = _run("pytest", "-q", "-p", "no:cacheprovider", *paths)
        last = _last_line(done)
        kept = done.returncode == 0 and bool(_PASSED.search(last)) and "skipped" not in last
        card.add(part, promise, f"{', '.join(paths)}: {last}", kept=kept)


def _run(*module: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *module]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = [*done.stderr.strip().splitlines(), *done.stdout.strip().splitlines()]
    return lines[-1] if lines else f"ended with {done.returncode}"
