"""``python -m tests.power_cuts [SEED]``: the whole of it, as `make chaos` runs it.

1,000 power cuts in ten workloads, each database file of a killed station cut short at every byte
of its last page, 1,000 changed bytes. Ends at the first promise that is broken.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from tests.power_cuts.cuts import byte_flips, power_cuts, truncations
from tests.power_cuts.shim import compiled

WORKLOADS = 10
PROMISES = {
    "power cuts": "what was synced is there, and nothing is said to be lost",
    "files cut short": "what is missing is reported",
    "bytes changed": "what is missing is reported",
}
OUT = Path(__file__).parents[2] / "build" / "power_cuts.json"


def scores(seed, library):
    """(what, how many) of each part, as it is done; raises where a promise is broken."""
    yield "power cuts", sum(power_cuts(library, seed + n, 100) for n in range(WORKLOADS))
    yield "files cut short", truncations(library, seed)
    yield "bytes changed", sum(byte_flips(library, seed + n, 100) for n in range(WORKLOADS))


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else time.time_ns() % 10**6
    print(f"power cuts: seed {seed}", flush=True)
    table = {"seed": seed}
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        for what, count in scores(seed, compiled(Path(folder))):
            table[what] = count
            print(f"{count:6} {what}, opened without help: {PROMISES[what]}", flush=True)
        table["seconds"] = round(time.monotonic() - started, 1)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(table) + "\n")
    print(f"{table['seconds']} s")


if __name__ == "__main__":
    main()
