"""What was promised, what was seen: a table for people and `build/chaos.json` for machines."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

OUT = Path(__file__).parents[2] / "build" / "chaos.json"


@dataclass(frozen=True)
class Score:
    """One promise: *seen* says how it went in words, *kept* whether it was kept."""

    part: str
    promise: str
    seen: str
    kept: bool


@dataclass
class Scorecard:
    """All scores of a run, and what the run was."""

    run: dict[str, Any] = field(default_factory=dict)
    scores: list[Score] = field(default_factory=list)

    def add(self, part: str, promise: str, seen: str, *, kept: bool) -> None:
        self.scores.append(Score(part, promise, seen, kept))

    @property
    def kept(self) -> bool:
        return bool(self.scores) and all(score.kept for score in self.scores)

    def table(self) -> Table:
        table = Table(
            "", "promise", "seen", title=", ".join(f"{k} {v}" for k, v in self.run.items())
        )
        part = ""
        for score in self.scores:
            if score.part != part:
                table.add_section()
                table.add_row("", Text(score.part, "bold"), "")
                part = score.part
            mark = Text("kept", "green") if score.kept else Text("BROKEN", "bold red")
            table.add_row(mark, score.promise, score.seen)
        return table

    def write(self, path: Path = OUT) -> None:
        path.parent.mkdir(exist_ok=True)
        whole = {"run": self.run, "kept": self.kept, "scores": [asdict(s) for s in self.scores]}
        path.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
