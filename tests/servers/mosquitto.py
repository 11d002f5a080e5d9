"""The MQTT broker."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tests.servers.process import HOST, ServerProcess


class Mosquitto(ServerProcess):
    """mosquitto on one loopback port. *config_lines* belong to that listener and override ours."""

    program: ClassVar[str] = "mosquitto"

    def __init__(
        self, folder: Path, *, persistence: bool = False, config_lines: Sequence[str] = ()
    ):
        super().__init__(folder)
        self.persistence = persistence
        self.config_lines = config_lines

    def configure(self) -> list[str]:
        lines = [
            "user root",  # else a broker started by root changes to a user who can't enter folder
            f"persistence {str(self.persistence).lower()}",
            f"persistence_location {self.folder}/",
            f"listener {self.port} {HOST}",
            "allow_anonymous true",
            *self.config_lines,
        ]
        config = self.folder / "mosquitto.conf"
        config.write_text("\n".join([*lines, ""]), "utf-8")
        return ["-c", str(config)]
