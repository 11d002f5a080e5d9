"""The whole line as a user starts it: processes, settings files, real servers."""

import json
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOGS = Path(__file__).parents[1] / "logs"
CRASH = LOGS / "d2_hard_impact_upright.BIN"
NORMAL = LOGS / "h1_v455_normal.BIN"
NOW = "2026-11-23T21:30:00Z"
"""An hour after both were flown."""

ROSTER = """\
serial,uid,product,customer,stage,distributor,csm,csm_email,service_state,valid_from
SN-1,as:SN-1,Kite,Alpine Survey,customer,Nordwind,Mara,mara@maker.example,in_service,2026-01-01
SN-2,as:SN-2,Kite,Hafen Inspect,customer,,Jonas,jonas@maker.example,in_service,2026-01-01
"""


@dataclass
class Line:
    """One collector and any number of agents around the servers of a test."""

    folder: Path
    broker_port: int
    mail_port: int

    def __post_init__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "roster.csv").write_text(ROSTER)
        self.settings = self.folder / "collector.toml"
        self.write_settings()

    def write_settings(self, influx=""):
        """The collector's settings, with an ``[influx]`` table or without."""
        self.settings.write_text(
            f'ledger = "{self.folder}/ledger"\nroster = "{self.folder}/roster.csv"\n'
            f"[broker]\nport = {self.broker_port}\n{influx}\n"
            "[judge]\nsimulated = true\nrequired = []\n"
            "[day]\nhour = 23\n"  # no digests: it is evening
            '[notify]\nsupport = "support@maker.example"\n'
            f'[notify.smtp]\nhost = "127.0.0.1"\nport = {self.mail_port}\nsecurity = "plain"\n'
            'sender = "windsock@maker.example"\n'
            f'[notify.file]\npath = "{self.folder}/notices.jsonl"\n'
        )

    @contextmanager
    def collector(self, now=NOW):
        """A connected collector; told to stop, it judges and sends what is waiting first."""
        command = [sys.executable, "-m", "windsock.collector", "--now", now, "run"]
        process = subprocess.Popen(
            [*command, "-c", self.settings], stderr=subprocess.PIPE, text=True
        )
        said = []
        for line in process.stderr:
            said.append(line)
            if "connected" in line:
                break
        listener = threading.Thread(target=lambda: said.extend(process.stderr))
        listener.start()
        try:
            yield process
        finally:
            process.terminate()
            code = process.wait()
            listener.join()
            process.stderr.close()
        assert code in (0, -signal.SIGKILL), "".join(said)

    def send(self, agent, log, serial, *more):
        """Import *log* at station *agent* and return when the collector has stored it."""
        with self.agent(agent, log, serial, *more) as process:
            assert process.wait() == 0, process.stderr.read()

    @contextmanager
    def agent(self, agent, log, serial, *more):
        """Import *log* at station *agent*, then an agent that runs until all of it is stored."""
        settings = self.folder / f"{agent}.toml"
        settings.write_text(
            f'agent = "{agent}"\nstate = "{self.folder}/{agent}"\npositions = "full"\n'
            f"[broker]\nport = {self.broker_port}\nack_timeout_s = 2\n"
        )
        run("windsock.agent", "import", "-c", settings, "--drone", serial, *more, log)
        command = [sys.executable, "-m", "windsock.agent", "run", "--once", "-c", settings]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def table(self, command, now=NOW):
        """What `windsock-collector COMMAND --json` says."""
        out = run("windsock.collector", "--now", now, command, "--json", "-c", self.settings)
        return [json.loads(line) for line in out.splitlines()]

    def notices(self):
        """What the file channel has."""
        path = self.folder / "notices.jsonl"
        return (
            [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        )


def run(*command):
    """One of our commands; its output."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
