"""The version stands in pyproject.toml and nowhere else."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
SHIPPED = ("agent", "collector", "config", "protocol")


@pytest.mark.parametrize("command", ["agent", "collector", "firmware_sim"])
def test_each_command_says_it(command):
    done = subprocess.run(
        [sys.executable, "-m", f"windsock.{command}", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == VERSION


def test_no_other_file_has_to_be_changed_with_it():
    files = [path for folder in SHIPPED for path in (ROOT / folder).rglob("*") if path.is_file()]
    files += [ROOT / "Makefile", ROOT / "Dockerfile"]
    naming = [
        path for path in files
        if path.suffix != ".pyc" and f"{VERSION}".encode() in path.read_bytes()
    ]  # fmt: skip
    assert naming == []
