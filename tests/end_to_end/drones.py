"""Simulated drones and an agent that serves them, as processes."""

import json
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.servers.drone import SimulatedDrone


def drone(link, kind, *logs, **options):
    """A drone plugged in at *link* with *logs* on its card."""
    card = link.with_name(f"{link.name}-card")
    card.mkdir(exist_ok=True)
    for number, log in enumerate(logs, 1):
        shutil.copy(log, card / f"{number:08}{Path(log).suffix}")
    more = [part for name, value in options.items()
            for part in (f"--{name.replace('_', '-')}", value)]  # fmt: skip
    return SimulatedDrone(kind, card, "--link", link, *more)


class Agent:
    """One station with ports."""

    def __init__(self, folder, broker_port, *links, **link_settings):
        self.folder = folder
        self.state = folder / "state"
        self.settings = folder / "agent.toml"
        extra = "".join(f"{name} = {json.dumps(value)}\n" for name, value in link_settings.items())
        self.settings.write_text(
            f'agent = "hangar"\nstate = "{self.state}"\nallow = ["*"]\n'
            "scan_s = 0.2\nstatus_s = 1\n"
            f"[broker]\nport = {broker_port}\nack_timeout_s = 2\n"
            + "".join(f'[[link]]\nport = "{link}"\n{extra}' for link in links)
        )
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "tests.end_to_end.quick_agent"]
        self.process = subprocess.Popen(
            [*command, "run", "-c", self.settings], stderr=subprocess.PIPE, text=True
        )

    def wait_for(self, *words):
        """Read its log until a line has all these words."""
        said = []
        for line in self.process.stderr:
            said.append(line)
            if all(word in line for word in words):
                return line
        raise AssertionError("".join(said))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    @contextmanager
    def running(self):
        self.start()
        try:
            yield self
        finally:
            self.process.terminate()
            self.process.communicate()
