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
    "disk": ("a full disk and one that can't be written to end no service and lose nothing else",
             "tests/end_to_end/test_disk_trouble.py"),
    "the shipped broker": ("a station neither writes nor reads another's topics; a wrong"
                           " certificate is refused in one line",
                           "tests/config/test_mosquitto.py"),
    "ledger": ("every version opens; a backup restored says what came after it",
               "tests/collector/test_ledger.py", "tests/collector/delivery"),
}  # fmt: skip
_PASSED: Final = re.compile(r"(\d+) passed")


def proofs(card: Scorecard, progress: Callable[[str], None]) -> None:
    """Run them all."""
    for part, (promise, *paths) in PROOFS.items():
        progress(f"proofs: {part}")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *paths],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        last = done.stdout.strip().rpartition("\n")[2] or done.stderr.strip().rpartition("\n")[2]
        seen = _PASSED.search(last)
        kept = done.returncode == 0 and seen is not None and "skipped" not in last
        card.add(part, promise, f"{', '.join(paths)}: {last}", kept=kept)
