"""What ``windsock-collector init`` wrote, as this machine can start it."""

from pathlib import Path
from typing import ClassVar

import msgspec

from tests.servers.process import HOST, ServerProcess
from windsock.agent.settings import Settings as AgentSettings
from windsock.collector.settings import Settings
from windsock.config.loader import load


class ShippedServer(ServerProcess):
    """mosquitto in the folder that was set up, on a port of its own."""

    program: ClassVar[str] = "mosquitto"

    def configure(self) -> list[str]:
        text = (self.folder / "mosquitto.conf").read_text("utf-8")
        ours = "user root\n" + text.replace("listener 8883", f"listener {self.port} {HOST}")
        (self.folder / "test.conf").write_text(ours, "utf-8")
        return ["-c", "test.conf"]

    def reached(self, broker):
        """Settings of *broker* that reach it from here."""
        return msgspec.structs.replace(broker, host="localhost", port=self.port)


def collector_settings(folder: Path, monkeypatch) -> Settings:
    """The collector's, which is started in its folder."""
    monkeypatch.chdir(folder / "collector")
    settings = load(Path("collector.toml"), Settings)
    settings.check(Path("collector.toml"))
    return settings


def agent_settings(folder: Path, agent: str) -> AgentSettings:
    """A station's, carried to this machine's etc/windsock."""
    carried = folder / "stations" / agent
    text = (carried / "agent.toml").read_text().replace("/etc/windsock", str(carried))
    (carried / "here.toml").write_text(text)
    settings = load(carried / "here.toml", AgentSettings)
    settings.check(carried / "here.toml")
    return settings
