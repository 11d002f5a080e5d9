"""What an idle agent holds in memory, and what each of its libraries costs to import."""

import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil
from figure import Figure

LIMIT_MB = 70
LIBRARIES = ("msgspec", "msgpack", "numpy", "paho.mqtt.client", "sqlite3", "rich.console")
RUNS = 5

IMPORT = """
import sys, time
start = time.perf_counter()
for name in sys.argv[1:]:
    __import__(name)
seconds = time.perf_counter() - start
import os
pages = int(open("/proc/self/statm").read().split()[1])
print(seconds * 1000, pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
"""


def figures():
    yield idle_agent()
    bare_ms, bare_mb = importing()
    for name in LIBRARIES:
        ms, mb = importing(name)
        yield Figure(f"import {name}: time", ms - bare_ms, "ms")
        yield Figure(f"import {name}: memory", mb - bare_mb, "MB")
    for command, file in {"read": "reading", "run": "service"}.items():
        ms, mb = importing("windsock.agent.__main__", f"windsock.agent.commands.{file}")
        yield Figure(f"import what `windsock-agent {command}` needs: time", ms - bare_ms, "ms")
        yield Figure(
            f"import what `windsock-agent {command}` needs: memory, Python included", mb, "MB",
            LIMIT_MB, "MB, the aim", mb / LIMIT_MB,
        )  # fmt: skip


def importing(*names):
    """Median milliseconds and resident megabytes of a Python that imported *names*."""
    command = [sys.executable, "-c", IMPORT, *names]
    runs = [subprocess.run(command, capture_output=True, check=True).stdout.split()
            for _ in range(RUNS)]  # fmt: skip
    return tuple(statistics.median(float(run[index]) for run in runs) for index in (0, 1))


def idle_agent():
    """Resident memory of `windsock-agent run` once it has scanned an empty folder.

    No broker is there, so it waits for the next try: what a station without network does. It says
    so on stderr, which is the sign that it has started whole.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "agent.toml"
        settings.write_text(
            f'agent = "bench"\nstate = "{folder}/state"\n[broker]\nport = 1\n'
            f'[[watch]]\nfolder = "{folder}"\n'
        )
        command = [sys.executable, "-m", "windsock.agent", "run", "-c", str(settings)]
        agent = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        deadline = threading.Timer(30, agent.kill)
        deadline.start()
        try:
            while "trying again" not in agent.stderr.readline():
                pass
            mb = psutil.Process(agent.pid).memory_info().rss / 2**20
        finally:
            deadline.cancel()
            agent.terminate()
            agent.wait()
    return Figure("idle agent: resident memory", mb, "MB", LIMIT_MB, "MB, the aim", mb / LIMIT_MB)
