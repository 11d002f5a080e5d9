"""Real servers for benchmarks: those of the tests, and what they cost."""

import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))

from tests.servers import Influxd, Influxd18, Mosquitto  # noqa: E402 - behind the path it needs
from tests.servers.process import BIN, ServerProcess  # noqa: E402 - behind the path it needs

__all__ = [
    "Influxd",
    "Influxd18",
    "Mosquitto",
    "collector",
    "cpu_s",
    "idle",
    "lacking",
]


def lacking(*programs):
    """One line on which of the servers is not there, or None."""
    absent = [name for name in programs if not (BIN / name).exists()]
    return f"skipped: no {' and '.join(absent)}: run `make servers`" if absent else None


def cpu_s(pid):
    """User and system seconds of a process and its children."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return sum(sum(one.cpu_times()[:2]) for one in family)


def idle(pid, quiet_s=2.0):
    """Wait until a process has used less than 2 % of a core for a while."""
    spent = cpu_s(pid)
    while True:
        time.sleep(quiet_s)
        before, spent = spent, cpu_s(pid)
        if spent - before < 0.02 * quiet_s:
            return


@contextmanager
def collector(folder, broker_port, influx=None, api="v2", database="bench/autogen"):
    """A running collector, connected; yields its process."""
    table = ""
    if influx:
        table = f'[influx]\nurl = "{influx.url}"\napi = "{api}"\ndatabase = "{database}"\n'
    settings = Path(folder) / "collector.toml"
    settings.write_text(f'ledger = "{folder}/ledger"\n[broker]\nport = {broker_port}\n{table}')
    process = subprocess.Popen(
        [sys.executable, "-m", "windsock.collector", "run", "-c", settings],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in process.stderr:
        if "connected" in line:
            break
    listener = threading.Thread(target=lambda: [print(line, end="") for line in process.stderr])
    listener.start()
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        listener.join()
        process.stderr.close()


def first_thread_cpu_s(pid):
    """The same of a process's first thread: in the collector the one that takes in."""
    return next(sum(one[1:]) for one in psutil.Process(pid).threads() if one.id == pid)


class Telegraf(ServerProcess):
    """mqtt_consumer -> InfluxDB, batches of line protocol as whole messages, QoS 1."""

    program = "telegraf"

    def __init__(self, folder, broker_port, influx, database):
        super().__init__(folder)
        self._settings = TELEGRAF.format(broker=broker_port, influx=influx.url, database=database)

    def configure(self):
        (self.folder / "telegraf.conf").write_text(self._settings)
        return ["--config", str(self.folder / "telegraf.conf")]

    def answers(self):
        return "mqtt_consumer] Connected" in self.log.read_text()


TELEGRAF = """
[agent]
  interval = "1s"
  flush_interval = "1s"
  metric_batch_size = 5000
  metric_buffer_limit = 2000000
  omit_hostname = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:{broker}"]
  topics = ["lines/#"]
  topic_tag = ""
  qos = 1
  data_format = "influx"
[[outputs.influxdb]]
  urls = ["{influx}"]
  database = "{database}"
  skip_database_creation = true
  content_encoding = "identity"
"""
