"""Files that are written once: what is there already stays, edited or not."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

STAYS: Final = "is there already and stays"
CONTAINER_USER: Final = 10001
"""Whose the files are where root sets up the server: nobody works as root in a container."""
_HANDED_OVER: Final = ("mosquitto", "collector")
"""What the containers read and write."""


class InstallError(Exception):
    """What was asked for can't be set up; the message says why."""


@dataclass
class Placing:
    """Puts files into *folder* and keeps what it did, as lines to show."""

    folder: Path
    lines: list[str] = field(default_factory=list)

    @property
    def owner(self) -> tuple[int, int]:
        """User and group that read the files: whoever runs this, but never root.

        In root's stead those whose the server is already, or a number without rights.
        """
        if os.getuid() != 0:
            return os.getuid(), os.getgid()
        for path in (self.folder / name for name in _HANDED_OVER):
            if path.exists() and path.stat().st_uid != 0:
                return path.stat().st_uid, path.stat().st_gid
        return CONTAINER_USER, CONTAINER_USER

    def lacks(self, name: str) -> bool:
        """Whether there is no file *name* yet; notes that it stays where there is."""
        there = (self.folder / name).exists()
        if there:
            self.lines.append(f"{name} {STAYS}")
        return not there

    def put(self, name: str, content: str | bytes, *, secret: bool = False) -> None:
        """Write *name* if there is none; a *secret* is for its owner alone."""
        if not self.lacks(name):
            return
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        octets = content.encode() if isinstance(content, str) else content
        part = path.with_name(f".{path.name}.part")  # a cut-off file would stay for ever
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(octets)
        part.chmod(0o600 if secret else 0o644)
        part.rename(path)
        self.lines.append(f"wrote {name}")

    def put_anew(self, name: str, content: bytes) -> None:
        """Write the secret *name* in place of one that a run which was cut off left."""
        (self.folder / name).unlink(missing_ok=True)
        self.put(name, content, secret=True)

    def hand_over(self) -> None:
        """Give what the containers work with to `owner`, if it is root that runs this."""
        if os.getuid() == 0:
            user, group = self.owner
            for name in _HANDED_OVER:
                for path in _all_of(self.folder / name):
                    os.chown(path, user, group, follow_symlinks=False)


def _all_of(path: Path) -> Iterator[Path]:
    if path.exists():
        yield path
        yield from path.rglob("*")
