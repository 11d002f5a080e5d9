"""Every command in the README is run, and every figure names the command that prints it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.readme import ROOT, commands, figures
from tests.docs.stage import checkout, stage
from tests.end_to_end.line import run
from tests.servers import Influxd

pytestmark = pytest.mark.e2e

DEMOS = [command for command in commands() if command.startswith("make demo")]
INFLUX = "INFLUX_URL"
OTHERS = [command for command in commands() if command not in DEMOS]
STANDS_FOR = {
    "/media/sdcard": "sdcard",
    "/your/flight/logs": str(ROOT / "tests/logs"),
}
"""What people fill in."""
WITH = {
    "sudo windsock-agent setup": "--no-service --agent readme --broker 127.0.0.1 --plain"
    " --broker-port {port} --link {folder}/usb --state {folder}/setup -c {folder}/setup.toml",
    "windsock-agent release 30m -c agent.toml": "&& windsock-agent release 0 -c agent.toml",
    "make test": "ARGS=tests/test_version.py",
}
"""What keeps a command within this test: no service in this machine, not the suite in itself."""
SERVICES = [command for command in commands() if re.match(r"windsock-\w+ run ", command)]
LONG = ("make bench", "make bench ARGS=crash_rules", "make chaos", "make supported")
"""Minutes; make says what it would do, and the benchmarks that the table names are there."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """The InfluxDB that a demo fills."""
    with Influxd(tmp_path_factory.mktemp("influxd")) as database:
        yield database


@pytest.fixture(scope="module")
def influx_url(request):
    """Where it is; None, without a skip, where there is no influxd: other commands do without."""
    try:
        return request.getfixturevalue("filled").url
    except pytest.skip.Exception:
        return None


@pytest.fixture(scope="module")
def demos(tmp_path_factory, influx_url):
    """All demos of the README at once: they wait for drones to rest most of the time."""
    subprocess.run(["make", ".venv/installed-dev"], cwd=ROOT, check=True)  # once, not each at once
    folder = tmp_path_factory.mktemp("demos")
    others = {name: value for name, value in os.environ.items() if not name.startswith("INFLUX_")}
    running = {}
    for number, command in enumerate(DEMOS):
        if INFLUX in command and not influx_url:
            continue
        place = checkout(folder / str(number))
        with (folder / f"{number}.out").open("wb") as out:
            running[command] = place, subprocess.Popen(
                shlex.split(filled_in(command, influx_url)), cwd=place, stdout=out, stderr=out,
                stdin=subprocess.DEVNULL, start_new_session=True, env=others,
            )  # fmt: skip
    yield {
        command: (process, Path(f"{place}.out")) for command, (place, process) in running.items()
    }
    for _, process in running.values():
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def place(tmp_path_factory, demos):  # noqa: ARG001 - they begin first, to have ended when asked
    with stage(tmp_path_factory.mktemp("stage")) as folder:
        yield folder


def filled_in(command, influx_url=""):
    stand_ins = STANDS_FOR | ({"http://localhost:8086": influx_url} if influx_url else {})
    for words, stand_in in stand_ins.items():
        command = command.replace(words, stand_in)
    return command


def typed(command, place):
    """The command as the shell gets it, and where."""
    port = re.search(r"port = (\d+)", (place / "agent.toml").read_text())[1]
    more = WITH.get(command, "").format(port=port, folder=place)
    if " answer " in command:
        command = re.sub(r"answer \d+", f"answer {open_case(place)}", command)
    if command in LONG:
        command = command.replace("make", "make -n")
    return f"set -o pipefail; {filled_in(command)} {more}", ROOT if "make" in command else place


def open_case(place):
    """The number of one, which is another with each run."""
    said = run("windsock.collector", "cases", "--json", "-c", place / "collector.toml")
    return json.loads(said.splitlines()[0])["case"]


def environment(place):
    path = f"{place / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return os.environ | {"PATH": path}


@pytest.mark.parametrize("command", [one for one in OTHERS if one not in SERVICES])
def test_a_command_does_its_work(command, place):
    line, where = typed(command, place)
    done = subprocess.run(
        ["bash", "-c", line], cwd=where, env=environment(place), capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", SERVICES)
def test_a_service_starts_and_ends_when_told(command, place):
    line, where = typed(command, place)
    process = subprocess.Popen(
        ["bash", "-c", f"{line.rpartition('; ')[0]}; exec {line.rpartition('; ')[2]}"],
        cwd=where, env=environment(place), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    said = process.stderr.readline()
    process.terminate()
    rest = process.communicate()[1]
    assert process.returncode == 0, said + rest
    assert " INFO " in said


@pytest.mark.parametrize("command", DEMOS)
def test_a_demo_tells_of_the_crash_with_nothing_typed(command, demos, request):
    if INFLUX in command:
        request.getfixturevalue("filled")
    process, out = demos[command]
    if "KEEP" in command:
        while "It keeps running" not in out.read_text("utf-8", "ignore"):
            assert process.poll() is None, out.read_text("utf-8")
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
    else:
        assert process.wait() == 0, out.read_text("utf-8")
    said = out.read_text("utf-8")
    assert "Possible crash" in said
    assert "Traceback" not in said


def test_a_demo_fills_the_influxdb_that_it_is_told_of(demos, filled):
    process, _ = next(demos[command] for command in DEMOS if INFLUX in command)
    process.wait()
    rows = filled.query('SELECT last("standing") FROM drone_state GROUP BY drone', "windsock_demo")
    assert len(rows) >= 7


def test_there_is_something_to_run():
    assert len(OTHERS) >= 20
    assert len(DEMOS) >= 3
    assert set(WITH) | set(LONG) <= set(OTHERS), "no longer in the README"


@pytest.mark.parametrize("row", figures(), ids=lambda row: row.figure)
def test_a_figure_names_the_benchmark_that_prints_it(row):
    benchmark = ROOT / "benchmarks" / f"{row.benchmark}.py"
    assert benchmark.is_file(), f"{row.figure}: {row.benchmark}"
    assert "def figures()" in benchmark.read_text("utf-8")


def test_there_are_figures():
    assert len(figures()) >= 20
