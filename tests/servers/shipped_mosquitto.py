"""The broker as it is shipped: config/mosquitto, TLS, users, ACL."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import windsock.config
from tests.servers.process import HOST, ServerProcess
from windsock.collector.install.certificates import Issued, authority, for_server
from windsock.collector.install.passwords import password_line

SHIPPED = Path(windsock.config.__file__).parent / "mosquitto"
NOW_US = 1_790_000_000_000_000
"""September 2026; certificates are valid for many years from then on."""


class ShippedMosquitto(ServerProcess):
    """mosquitto with ``config/mosquitto`` as it is, but for the port and the user it runs as.

    *users* can connect with the password ``of-NAME``; `ca_file` says whom to trust.
    """

    program: ClassVar[str] = "mosquitto"

    def __init__(self, folder: Path, users: Iterable[str] = ("collector", "station-7")):
        super().__init__(folder)
        self.ca_file = folder / "ca.pem"
        self.users = tuple(users)

    def prepare(self) -> None:
        """What is not shipped: certificates and users."""
        ours = authority(NOW_US)
        self.ca_file.write_bytes(ours.certificate)
        self.certify(for_server(["localhost", HOST], ours, NOW_US))
        lines = [password_line(user, f"of-{user}") for user in self.users]
        (self.folder / "passwords").write_text("\n".join([*lines, ""]))

    def certify(self, issued: Issued) -> None:
        """Be *issued* from the next start on."""
        (self.folder / "server.pem").write_bytes(issued.certificate)
        (self.folder / "server.key").write_bytes(issued.key)

    def password_file(self, user: str) -> Path:
        """As the settings of *user* name it."""
        path = self.folder / f"{user}.password"
        path.write_text(f"of-{user}\n")
        return path

    def configure(self) -> list[str]:
        if not (self.folder / "passwords").exists():
            self.prepare()
        shutil.copy(SHIPPED / "acl", self.folder)
        shipped = (SHIPPED / "mosquitto.conf").read_text("utf-8")
        assert shipped.count("listener 8883\n") == 1
        # A root that starts it would become a user who can't enter the folder of a test.
        text = "user root\n" + shipped.replace("listener 8883", f"listener {self.port} {HOST}")
        (self.folder / "mosquitto.conf").write_text(text, "utf-8")
        return ["-c", "mosquitto.conf"]
