"""The rules of ARCHITECTURE.md, kept by machine."""

import ast
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "config": set(),
    "protocol": set(),
    "firmware_sim": {"protocol"},
    "agent": {"config", "protocol"},
    "collector": {"config", "protocol"},
}
PURE = [
    "protocol",
    "agent/download",
    "agent/drones/interview.py",
    "agent/link/arming.py",
    "agent/link/bystanders.py",
    "agent/link/frames.py",
    "agent/link/gate.py",
    "agent/link/identity.py",
    "agent/link/outlet.py",
    "agent/link/vehicles.py",
    "agent/link/whitelist.py",
    "agent/drones/link_state.py",
    "agent/logs",
    "agent/caution.py",
    "agent/lost.py",
    "agent/outgoing.py",
    "agent/pulse.py",
    "agent/record",
    "agent/drones/visit.py",
    "collector/answers/said.py",
    "collector/calls/cadence.py",
    "collector/calls/digest.py",
    "collector/calls/health.py",
    "collector/calls/ranking.py",
    "collector/calls/workday.py",
    "agent/worth.py",
    "collector/cases/decision.py",
    "collector/cases/life.py",
    "collector/delivery/dissect.py",
    "collector/dashboards/rollout.py",
    "collector/dashboards/standing.py",
    "collector/detect",
    "collector/fleet/arrays.py",
    "collector/fleet/packed.py",
    "collector/fleet/packing.py",
    "collector/hubspot/events.py",
    "collector/hubspot/mapping.py",
    "collector/influx/digits.py",
    "collector/influx/lines.py",
    "collector/influx/matrix.py",
    "collector/influx/replies.py",
    "collector/influx/unpacking.py",
    "collector/monitor/exposition.py",
    "collector/monitor/health.py",
    "collector/notify/compose.py",
    "collector/notify/html_page.py",
    "collector/notify/phrases.py",
    "collector/notify/slack.py",
    "collector/notify/standing.py",
    "collector/notify/teams.py",
    "collector/notify/values",
    "collector/notify/words.py",
    "collector/outside/json_records.py",
    "collector/outside/reading.py",
    "collector/roster/cells.py",
    "collector/roster/timeline.py",
    "collector/web/links.py",
    "firmware_sim/business/company.py",
    "firmware_sim/business/noise.py",
    "firmware_sim/business/planting.py",
    "firmware_sim/business/plants.py",
    "firmware_sim/business/plot.py",
    "firmware_sim/business/sheets.py",
    "firmware_sim/business/telling.py",
    "firmware_sim/fleet/lives.py",
    "firmware_sim/fleet/showcase.py",
    "firmware_sim/fleet/telling.py",
    "firmware_sim/fleet/troubles.py",
    "firmware_sim/fleet/wear.py",
    "firmware_sim/fleet/world.py",
    "firmware_sim/flights",
    "firmware_sim/vehicle",
]
IMPURE_MODULES = {
    "asyncio",
    "concurrent",
    "http",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "select",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "urllib",
}
IMPURE_CALLS = {"fromfile", "input", "memmap", "now", "open", "print", "today", "utcnow"} | {
    f"{does}_{what}" for does in ("read", "write") for what in ("text", "bytes")
}
# Arrays, values, bytes and tables, no connections: any file may use these.
COMMON = {"msgpack", "msgspec", "numpy", "rich"}
# Of the standard library, what talks to the outside and so has one owner too.
OWNED_STDLIB = {"ftplib", "http.client", "http.server", "smtplib", "ssl", "urllib.request"}
SAYS_NOTHING = {"common", "handler", "handlers", "helper", "helpers", "manager", "misc", "utils"}

MODULES = sorted(path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py"))
each_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(ROOT))
)


def parse(path):
    return ast.walk(ast.parse(path.read_text("utf-8")))


def imports(path):
    """Every name that *path* imports, with its module; relative ones made absolute."""
    here = ("windsock", *path.relative_to(ROOT).with_suffix("").parts)
    for node in parse(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: -node.level] if node.level else ()
            stem = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def top(name):
    return name.partition(".")[0]


def owned(name):
    """The library that *name* belongs to, if only one file of a package may use it."""
    for module in OWNED_STDLIB:
        if f"{name}.".startswith(f"{module}."):
            return module
    free = sys.stdlib_module_names | COMMON | {"windsock"}
    return None if top(name) in free else top(name)


def calls(path):
    for node in parse(path):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", None))


@each_module
def test_imports_follow_the_arrows(path):
    package = path.relative_to(ROOT).parts[0]
    names = set(imports(path))
    ours = {name.split(".")[1] for name in names if top(name) == "windsock"}

    assert ours <= MAY_IMPORT[package] | {package}
    assert not {top(name) for name in names} & set(MAY_IMPORT), "write windsock.<package>"


@pytest.mark.parametrize("place", [place for place in PURE if (ROOT / place).exists()])
def test_the_core_does_no_io(place):
    for path in [ROOT / place, *(ROOT / place).rglob("*.py")]:
        if path.is_dir():
            continue
        assert not {top(name) for name in imports(path)} & IMPURE_MODULES, path
        assert not set(calls(path)) & IMPURE_CALLS, path


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_library_has_one_owner(package):
    owners = defaultdict(set)
    for path in (ROOT / package).rglob("*.py"):
        for library in filter(None, map(owned, imports(path))):
            owners[library].add(str(path.relative_to(ROOT)))

    assert not {library: files for library, files in owners.items() if len(files) > 1}


@each_module
def test_files_are_small_and_named_for_what_they_are(path):
    assert len(path.read_text("utf-8").splitlines()) <= 300
    assert not {part.removesuffix(".py") for part in path.relative_to(ROOT).parts} & SAYS_NOTHING


def test_tests_import_no_second_copy():
    for path in [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")]:
        assert not {top(name) for name in imports(path)} & set(MAY_IMPORT), path
