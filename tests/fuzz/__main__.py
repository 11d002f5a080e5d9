"""Looks for bytes that break the log readers, guided by which code they reach (atheris).

    python -m tests.fuzz MINUTES

Begins with the corpus; a find is written to `build/fuzz/` and belongs into the corpus once it is
mended.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["windsock.agent.logs"]):
    from tests.fuzz.reading import WAYS, try_to_read

HERE = Path(__file__).parent
FOUND = HERE.parents[1] / "build/fuzz"
SIZE_MAX = 4096  # bytes
PATIENCE_S = 60
MEMORY_MB = 4096  # the fuzzer itself takes 0.2 MB an input; test_hostile.py bounds the readers


def one_input(data):
    for read in WAYS:
        try_to_read(data, read)


def main():
    minutes, *more = sys.argv[1:] or ["5"]
    (FOUND / "corpus").mkdir(parents=True, exist_ok=True)
    options = {
        "max_total_time": round(60 * float(minutes)),
        "max_len": SIZE_MAX,
        "rss_limit_mb": MEMORY_MB,
        "timeout": PATIENCE_S,
        "dict": HERE / "words.dict",
        "artifact_prefix": f"{FOUND}/",
        "print_final_stats": 1,
    }
    arguments = [f"-{name}={value}" for name, value in options.items()]
    places = [str(FOUND / "corpus"), str(HERE / "corpus")]
    atheris.Setup([sys.argv[0], *arguments, *more, *places], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
