"""Logs over a link: against what its frames allow, beside other people's programs.

A pty at 115,200 baud with a simulated drone at its end, PX4 and ArduPilot. Our minute of rest is
not part of a rate; everything else is (docs/agent.md derives the limits).
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from figure import Figure

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.drone import SimulatedDrone
from tests.servers.process import free_port
from windsock.agent.clock import system_clock
from windsock.agent.drones.downloads import Budget, Downloads
from windsock.agent.drones.visit import Manners, Visit
from windsock.agent.link import gate
from windsock.agent.link.serial_port import SerialPort

BAUD = 115_200
LIMITS = {"FTP": BAUD / 10 * 239 / 263, "LOG_DATA": BAUD / 10 * 90 / 109}
"""Payload bytes a second of nothing but full MAVLink 2 frames."""
SIZE, SMALL = 250_000, 80_000
STRANGERS = Path(__file__).parents[1] / "tests/strangers"
PATHS = {"px4": "/fs/microsd/log/day/b.ulg", "ardupilot": "/APM/LOGS/00000002.BIN"}
VERSIONS = {"px4": "1.15.4", "ardupilot": "4.5.5"}
"""PX4 1.16 ends sessions after 4.7 s, at which pymavlink's client gives up."""
WATCHED_S = 30
CPU_LIMIT_PCT = 2.0
RSS_LIMIT_MB = 70


def figures():
    for kind in PATHS:
        yield from clean(kind)
        for loss, size in ((0.05, SIZE), (0.3, SMALL)):
            with drone(kind, size, "--loss", loss) as (simulated, log):
                rate, method = ours(simulated, log)
            limit = LIMITS[method]
            yield Figure(f"{kind}, {loss:.0%} of frames lost: {method}", rate, "B/s", limit,
                         "B/s, all its frames allow", rate / limit)  # fmt: skip
    yield silence()
    yield from idle()


def clean(kind):
    """Ours on a clean line, beside the limit and three others."""
    with drone(kind, SIZE) as (simulated, log):
        rate, method = ours(simulated, log)
    limit = LIMITS[method]
    yield Figure(f"{kind}, clean: {method}", rate, "B/s", limit, "B/s, all its frames allow",
                 rate / limit)  # fmt: skip
    for name, fetch in (("pymavlink's FTP client", by_ftp), ("a MAVProxy-style loop", by_log_data),
                        ("MAVSDK", by_mavsdk)):  # fmt: skip
        theirs = fetch(kind)
        if theirs:
            yield Figure(f"{kind}, clean: ours beside {name}", rate, "B/s", theirs, "B/s, theirs",
                         rate / theirs)  # fmt: skip


@contextmanager
def drone(kind, size, *arguments, place=None):
    """A simulated drone with two logs, the second of *size*."""
    with tempfile.TemporaryDirectory() as folder:
        day = Path(folder) / "day"
        day.mkdir()
        names = ("a.ulg", "b.ulg") if kind == "px4" else ("00000001.BIN", "00000002.BIN")
        for number, (name, count) in enumerate(zip(names, (1000, size), strict=True)):
            (day / name).write_bytes(np.random.default_rng(number).bytes(count))
        more = ["--version", VERSIONS[kind], "--baud", BAUD, *(place or ()), *arguments]
        with SimulatedDrone(kind, Path(folder), *more) as simulated:
            yield simulated, day / names[1]


class Host:
    """A station that reads every drone, with logs on a real disk."""

    def __init__(self, folder):
        clock = system_clock()
        self.downloads = Downloads(Path(folder), Budget(), clock)
        self.disk = None

    def met(self, _who):
        pass

    def allows(self, _who):
        return True

    def sighted(self, _who, _counted):
        pass

    def shelf(self, who):
        self.disk = self.downloads.shelf(who.drone_uid)
        return self.disk


@contextmanager
def visiting(address, manners):
    """A port and a visit, and a function that turns them once; whether it wrote something."""
    clock = system_clock()
    with tempfile.TemporaryDirectory() as folder:
        host = Host(folder)
        port, visit = SerialPort(address, BAUD), Visit(host, manners)
        port.open()

        def turn():
            data = port.read(visit.wait_us(clock.monotonic_us(), 100_000) / 1e6)
            visit.receive(data, clock.monotonic_us())
            out = visit.step(clock.monotonic_us())
            if out:
                port.write(out)
            return bool(out)

        try:
            yield visit, host, turn
        finally:
            if host.disk:
                host.disk.close()
            port.close()


def ours(simulated, log):
    """Payload bytes a second from the first byte of *log* to its last, and by what."""
    size, began, used = log.stat().st_size, None, set()
    gate.REST_US, kept = gate.SECOND_US, gate.REST_US
    try:
        with visiting(simulated.address, Manners(line_bytes_s=BAUD / 10)) as (visit, host, turn):
            while True:
                turn()
                progress = visit.progress
                if progress.size == size and progress.done:
                    began = began or time.monotonic()
                    used.add(progress.method)
                    if progress.done == size:
                        break
            seconds = time.monotonic() - began
            rates = visit.progress.rates
            while not (whole := [one.file for one in host.downloads.whole()
                                 if one.file.stat().st_size == size]):  # fmt: skip
                turn()
            assert whole[0].read_bytes() == log.read_bytes()
    finally:
        gate.REST_US = kept
    return size / seconds, max(used, key=lambda method: rates.get(method, 0))


def stranger(script, *arguments):
    """What one of them prints, None where it fails."""
    command = [sys.executable, STRANGERS / f"{script}.py", *arguments]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        return None
    return json.loads(done.stdout.splitlines()[-1])


def theirs(kind, script, arguments, place=None):
    with drone(kind, SIZE, place=place) as (simulated, log), tempfile.TemporaryDirectory() as out:
        file = Path(out) / "log"
        result = stranger(script, *arguments(simulated, log, file))
        if result is None or result.get("code") or file.read_bytes() != log.read_bytes():
            return None
    return SIZE / result["seconds"]


def by_ftp(kind):
    """It gives up after 5 s without sending: ArduPilot's bursts have to end before (by_ftp.py)."""

    def arguments(simulated, _log, file):
        patience = (60, 4.8) if kind == "ardupilot" else ()
        return simulated.address, PATHS[kind], file, *patience

    return theirs(kind, "by_ftp", arguments)


def by_log_data(kind):
    return theirs(
        kind,
        "by_log_data",
        lambda simulated, log, file: (simulated.address, log.stat().st_size, file),
    )


def by_mavsdk(kind):
    port = free_port()
    address = f"udpin://127.0.0.1:{port}"
    return theirs(
        kind, "by_mavsdk", lambda _, log, file: (address, log.stat().st_size, file),
        ["--udp", f"127.0.0.1:{port}"],
    )  # fmt: skip


def silence():
    """From a pilot's attempt to arm during our transfer of LOG_DATA to the last byte we send."""
    manners = Manners(service_mode=True)
    with (
        drone("ardupilot", SIZE, "--ftp-rate", 8000) as (simulated, _),
        visiting(simulated.address, manners) as (visit, _, turn),
    ):
        while visit.progress.method != "LOG_DATA" or visit.progress.done < SMALL:
            turn()
        simulated.order("arm stick")
        tried = last = time.monotonic()
        while time.monotonic() - tried < 10:
            if turn():
                last = time.monotonic()
    return Figure("silent after an attempt to arm, the minute of rest waited for", last - tried,
                  "s", 1.0, "s, the limit", last - tried)  # fmt: skip


def idle():
    """`windsock-agent run` with a drone that has nothing new."""
    with tempfile.TemporaryDirectory() as folder, drone("ardupilot", 10) as (simulated, _):
        settings = Path(folder) / "agent.toml"
        settings.write_text(
            f'agent = "bench"\nstate = "{folder}/state"\nallow = ["*"]\n[broker]\nport = 1\n'
            f'[[link]]\nport = "{simulated.address}"\n'
        )
        command = [sys.executable, "-m", "windsock.agent", "run", "-c", str(settings)]
        agent = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        deadline = threading.Timer(200, agent.kill)
        deadline.start()
        try:
            while "00000001.BIN" not in agent.stderr.readline():
                pass
            process = psutil.Process(agent.pid)
            before = process.cpu_times()
            time.sleep(WATCHED_S)
            after, mb = process.cpu_times(), process.memory_info().rss / 2**20
        finally:
            deadline.cancel()
            agent.kill()
            agent.communicate()
    used_s = after.user + after.system - before.user - before.system
    pct = 100 * used_s / WATCHED_S
    yield Figure("idle agent with a connected drone: CPU", pct, "% of a core", CPU_LIMIT_PCT,
                 "%, the limit", pct / CPU_LIMIT_PCT)  # fmt: skip
    yield Figure("idle agent with a connected drone: resident memory", mb, "MB", RSS_LIMIT_MB,
                 "MB, the aim", mb / RSS_LIMIT_MB)  # fmt: skip
