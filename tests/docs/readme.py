"""What README.md tells people to type, and which command it names beside each figure."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text("utf-8")
PROGRAMS = (
    "make", "pip", "pipx", "sudo", "docker", "cd",
    "windsock-agent", "windsock-collector", "windsock-sim",
)  # fmt: skip


class Row(NamedTuple):
    """One figure of the table."""

    figure: str
    ours: str
    benchmark: str


def commands() -> list[str]:
    """Every line of a block, and every span of code, that begins with one of PROGRAMS.

    The words after a # are for people.
    """
    blocks = re.findall(r"^```\w*\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    typed = [text for text in (*lines, *spans) if is_command(text)]
    return list(dict.fromkeys(typed))


def is_command(text: str) -> bool:
    """Whether somebody would type it: a program's name alone is only its name."""
    words = text.split()
    return len(words) > 1 and words[0] in PROGRAMS and not words[-1].endswith("=")


def figures() -> list[Row]:
    """The table under "Figures"."""
    table = TEXT.partition("## Figures")[2]
    rows = re.findall(r"^\| (.+) \|$", table, re.MULTILINE)[1:]
    cells = [re.split(r" *\| *", row) for row in rows if not set(row) <= set("-|")]
    return [Row(row[0], row[1], row[-1].strip("`")) for row in cells]
