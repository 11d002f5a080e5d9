"""Runs every benchmark, prints one table and writes `build/bench.json`.

A benchmark is a file beside this one with a function `figures()` that yields `Figure`s. Names of
files as arguments run only those: `make bench ARGS="agent_memory"`.
"""

import importlib.util
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
OUT = HERE.parent / "build" / "bench.json"


def main() -> int:
    sys.path.insert(0, str(HERE))
    console = Console()
    chosen = sys.argv[1:] or sorted(p.stem for p in HERE.glob("*.py") if p.stem not in SUPPORT)
    figures = []
    for name in chosen:
        with console.status(f"{name} …"):
            figures += list(load(name).figures())
    console.print(table(figures))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    console.print(f"Machine: {figures[0].machine}. Written to {OUT.relative_to(HERE.parent)}.")
    return 0


SUPPORT = {"run", "figure", "large_logs", "timing"}


def load(name):
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(figures):
    result = Table("figure", "ours", "peer or limit", "ratio", title="windsock benchmarks")
    for figure in figures:
        ours = f"{figure.ours:,.4g} {figure.unit}"
        peer = "" if figure.peer is None else f"{figure.peer:,.4g} {figure.peer_name}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        result.add_row(figure.figure, ours, peer, ratio)
    return result


if __name__ == "__main__":
    sys.exit(main())
