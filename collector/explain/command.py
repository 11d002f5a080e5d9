"""``windsock-collector explain LOG``: the log through the agent, the rule and onto a page."""

import argparse
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Final

from windsock.collector.explain.judged import judged
from windsock.collector.explain.page import headline, page
from windsock.collector.explain.reading import ReadError, Reading, parsed

_READ: Final = (
    sys.executable, "-m", "windsock.agent", "read",
    "--json", "--series", "--parameters", "--positions", "full", "--",
)  # fmt: skip
_STDOUT: Final = Path("-")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``explain`` takes."""
    parser.add_argument("log", type=Path, metavar="LOG", help="a flight log, ULog or DataFlash")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="PAGE",
        help="the page to write (default: the log's name with .html, here; - for stdout)",
    )  # fmt: skip
    parser.add_argument(
        "--before", type=Path, metavar="LOG", help="an earlier log of the same drone: what changed"
    )


def explain(options: argparse.Namespace) -> int:
    """Explain one log on one self-contained page."""
    output: Path = options.output or Path(f"{options.log.stem}.html")
    try:
        _check_output(output, options.log, options.before)
        reading = _read(options.log)
        before = _read(options.before) if options.before else None
        flights = judged(reading)
        style = files(__package__).joinpath("page.css").read_text("utf-8")
        _write(output, page(reading, flights, options.log.name, style, before))
    except ReadError as error:
        sys.stderr.write(f"windsock-collector: {error}\n")
        return 1
    if output != _STDOUT:
        sys.stdout.write(f"{headline(flights, reading)}\n{output}\n")
    return 0


def _check_output(output: Path, *logs: Path | None) -> None:
    for log in logs:
        if log is not None and output.resolve() == log.resolve():
            raise ReadError(f"{output}: this is the log itself, name another page with -o")


def _read(log: Path) -> Reading:
    """The log as the agent reads it; raises ReadError with one sentence if it can't."""
    if not log.is_file():
        raise ReadError(f"{log}: {'not a file' if log.exists() else 'no such file'}")
    done = subprocess.run([*_READ, str(log)], capture_output=True, check=False)  # noqa: S603 - our own agent
    if not done.stdout.strip():
        said = _last_line(done.stderr) or f"the agent ended with {done.returncode}"
        raise ReadError(f"{log}: {said}")
    try:
        return parsed(done.stdout)
    except ReadError as error:
        raise ReadError(f"{log}: {error}") from error


def _last_line(stderr: bytes) -> str:
    lines = stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("windsock-agent: ") if lines else ""


def _write(output: Path, content: str) -> None:
    encoded = content.encode("utf-8", errors="replace")
    try:
        if output == _STDOUT:
            sys.stdout.buffer.write(encoded)
        else:
            output.write_bytes(encoded)
    except OSError as error:
        raise ReadError(f"{output}: {error.strerror}") from error
