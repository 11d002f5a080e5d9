"""Runs every benchmark, prints one table and writes `build/bench.json`.

A benchmark is a file beside this one with a function `figures()` that yields `Figure`s, and maybe
`tables()` that yields what one number a line can't say. Names of files as arguments run only
those: `make bench ARGS="agent_memory"`.
"""

import importlib.util
import json
import sys
from dataclasses import asdict
from pathlib import Path

from figure import machine
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
OUT = HERE.parent / "build" / "bench.json"


def main() -> int:
    console = Console()
    chosen = sys.argv[1:] or sorted(p.stem for p in HERE.glob("*.py") if p.stem not in SUPPORT)
    figures, tables = [], []
    for name in chosen:
        with console.status(f"{name} …"):
            benchmark = load(name)
            figures += benchmark.figures()
            tables += benchmark.tables() if hasattr(benchmark, "tables") else []
    console.print(table(figures), *tables)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    console.print(f"Machine: {machine()}. Written to {OUT.relative_to(HERE.parent)}.")
    return 0


SUPPORT = {
    "bg_nbd", "figure", "fleet_replay", "large_logs", "million", "rows", "run", "servers",
    "station", "timing", "traffic",
}  # fmt: skip


def load(name):
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(figures):
    result = Table(title="windsock benchmarks")
    result.add_column("figure", overflow="fold")
    result.add_column("ours", no_wrap=True)
    result.add_column("peer or limit")
    result.add_column("ratio", no_wrap=True)
    for figure in figures:
        ours = f"{figure.ours:,.4g} {figure.unit}"
        peer = "" if figure.peer is None else f"{figure.peer:,.4g} {figure.peer_name}"
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        result.add_row(figure.figure, ours, peer, ratio)
    return result


if __name__ == "__main__":
    sys.exit(main())
