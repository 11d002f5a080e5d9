"""One figure, and where it was measured."""

import os
import platform
from dataclasses import dataclass, field
from pathlib import Path


def machine() -> str:
    """Processor, cores, memory, Python."""
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.processor(),
    )  # fmt: skip
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cpu}, {os.cpu_count()} cores, {gigabytes:.0f} GB, Python {platform.python_version()}"


@dataclass(frozen=True)
class Figure:
    """Ours beside a peer or a limit, measured in the same run."""

    figure: str
    ours: float
    unit: str
    peer: float | None = None
    peer_name: str = ""
    ratio: float | None = None
    machine: str = field(default_factory=machine)
