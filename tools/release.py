"""Build sdist and wheel into dist/, and try them as somebody would who has nothing else of us.

For each extra a virtual environment of its own, outside this folder: its command says its version
and does a piece of its work. The last one holds all three, from the sdist, and plays the demo.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
LOGS = ROOT / "tests/logs"
CRASH = LOGS / "d2_hard_impact_upright.BIN"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
IN_ALL = ("README.md", "LICENSE")


class ReleaseError(Exception):
    """What must not be released."""


class Environment:
    """A virtual environment with one distribution and extras, and a folder to work in."""

    def __init__(self, folder: Path, distribution: Path, extras: str) -> None:
        self.folder = folder
        self._bin = folder / "venv/bin"
        run([sys.executable, "-m", "venv", str(folder / "venv")], folder)
        install = ["pip", "install", "--quiet", "--disable-pip-version-check"]
        self.run("python", "-m", *install, f"{distribution}[{extras}]")

    def run(self, program: str, *arguments: object) -> str:
        """Its output."""
        return run([str(self._bin / program), *map(str, arguments)], self.folder)

    def says_its_version(self, program: str) -> None:
        """Whether it is the one just built."""
        said = self.run(program, "--version").strip()
        if said != VERSION:
            raise ReleaseError(f"{program} --version says {said!r}, not {VERSION}")
        print(f"  {program} {said}", flush=True)


def main() -> None:
    """Build, compare, try."""
    if f"## {VERSION}" not in (ROOT / "CHANGELOG.md").read_text("utf-8"):
        print(f"note: CHANGELOG.md has no entry {VERSION} yet", flush=True)
    wheel, sdist = build()
    same_content(wheel, sdist)
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, attempt) in enumerate(ATTEMPTS.items()):
            print(f"windsock[{name}] from {wheel.name}", flush=True)
            attempt(Environment(made(Path(folder) / str(number)), wheel, name))
        print(f"windsock[agent,collector,sim] from {sdist.name}", flush=True)
        try_all(Environment(made(Path(folder) / "all"), sdist, "agent,collector,sim"))
    print(f"{wheel}\n{sdist}")


def build() -> tuple[Path, Path]:
    """Wheel and sdist of the committed files: what lies about in a checkout is not released."""
    shutil.rmtree(DIST, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "source.tar"
        run(["git", "archive", "--output", str(archive), "HEAD"], ROOT)
        source = made(Path(folder) / "source")
        shutil.unpack_archive(
            archive, source
        )  # tarfile's filter came with 3.11.4: Debian 12 has 3.11.2
        run([sys.executable, "-m", "build", "--outdir", str(DIST), str(source)], ROOT)
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    return wheel, sdist


def same_content(wheel: Path, sdist: Path) -> None:
    """Whatever the wheel holds of ours, the sdist holds, too."""
    with tarfile.open(sdist) as files:
        there = {name.partition("/")[2] for name in files.getnames()}
    ours = {
        name.removeprefix("windsock/")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.startswith("windsock/")
    }
    missing = sorted((ours | set(IN_ALL)) - there)
    if missing:
        raise ReleaseError(f"{sdist.name} lacks {', '.join(missing[:5])}")


def try_agent(one: Environment) -> None:
    """It reads a log without broker or collector."""
    one.says_its_version("windsock-agent")
    (read,) = one.run("windsock-agent", "read", "--json", CRASH).splitlines()
    expect(len(json.loads(read)["flights"]) == 1, "read finds its flight")
    one.run("windsock-agent", "preview", CRASH)


def try_collector(one: Environment) -> None:
    """It explains a log, and sets up a server's folder."""
    one.says_its_version("windsock-collector")
    said = one.run("windsock-collector", "explain", CRASH, "-o", one.folder / "page.html")
    expect("crash" in said.lower(), "explain calls the crash one")
    one.run("windsock-collector", "init", one.folder / "server", "--host", "localhost")
    one.run("windsock-collector", "add-agent", one.folder / "server", "station-7")
    expect((one.folder / "server/compose.yaml").exists(), "init writes compose.yaml")


def try_sim(one: Environment) -> None:
    """It lets a fleet live."""
    one.says_its_version("windsock-sim")
    one.run("windsock-sim", "fleet", "--drones", 3, "--months", 2, one.folder / "fleet")
    expect((one.folder / "fleet/truth.csv").exists(), "a fleet's truth is written")


def try_all(one: Environment) -> None:
    """The whole line, with a log of ours."""
    for program in ("windsock-agent", "windsock-collector", "windsock-sim"):
        one.says_its_version(program)
    said = one.run("windsock-sim", "demo", "--logs", CRASH, "--folder", one.folder / "demo")
    expect("Possible crash" in said, "the demo tells of the crash")


ATTEMPTS = {"agent": try_agent, "collector": try_collector, "sim": try_sim}


def expect(holds: bool, what: str) -> None:
    """Say that *what* holds, or end here."""
    if not holds:
        raise ReleaseError(f"no: {what}")
    print(f"  {what}", flush=True)


def made(folder: Path) -> Path:
    """A new folder."""
    folder.mkdir(parents=True)
    return folder


def run(command: list[str], folder: Path) -> str:
    """The output of *command*, without what is ours on PATH, or ReleaseError with all it said."""
    own = {"PATH": os.defpath, "PYTHONNOUSERSITE": "1", "COLUMNS": "200"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=kept | own
    )
    if done.returncode:
        raise ReleaseError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    try:
        main()
    except ReleaseError as error:
        sys.exit(f"not released: {error}")
