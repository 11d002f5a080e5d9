"""The drones that this station has met: which are ours to read, and which are only counted.

Nothing about a drone that is neither allowed by a setting nor claimed here leaves the station.
"""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from windsock.agent.catalogue_file import CATALOGUE, connect


class Met(NamedTuple):
    """One drone as this station knows it."""

    drone_uid: str
    vendor: str
    serial: str | None
    """Whose it is, if somebody claimed it here."""
    met: int
    """How many connections."""
    met_us: int


def noted_at(state: Path) -> bool:
    """Whether this station has noted anything yet.

    Commands ask before they open the list: root, who types them, must not be the one to make a
    database that the service's user has to write.
    """
    return (state / CATALOGUE).exists()


class Drones:
    """The list. One connection, of one thread."""

    def __init__(self, state: Path, allow: Collection[str] = ()) -> None:
        self._allow = frozenset(allow)
        self._database = connect(state / CATALOGUE)

    def meet(self, drone_uid: str, vendor: str, now_us: int) -> None:
        """Count a connection."""
        with self._database:
            self._database.execute(
                "INSERT INTO drones (drone_uid, vendor, met, met_us) VALUES (?, ?, 1, ?)"
                " ON CONFLICT DO UPDATE SET vendor = excluded.vendor, met = met + 1,"
                " met_us = excluded.met_us",
                (drone_uid, vendor, now_us),
            )

    def claim(self, drone_uid: str, serial: str) -> None:
        """Say whose autopilot this is, and so that it is ours to read."""
        with self._database:
            self._database.execute(
                "UPDATE drones SET serial = ? WHERE drone_uid = ?", (serial, drone_uid)
            )

    def allowed(self, drone_uid: str, vendor: str) -> bool:
        """Whether its logs are ours to read."""
        named = {"*", drone_uid, f"vendor:{vendor}", f"vendor:{vendor.partition(':')[0]}"}
        return bool(named & self._allow) or self.serial(drone_uid) is not None

    def serial(self, drone_uid: str) -> str | None:
        """As claimed here."""
        row = self._database.execute(
            "SELECT serial FROM drones WHERE drone_uid = ?", (drone_uid,)
        ).fetchone()
        return row[0] if row else None

    def met(self) -> list[Met]:
        """All of them, the last one met first."""
        rows = self._database.execute(
            "SELECT drone_uid, vendor, serial, met, met_us FROM drones ORDER BY met_us DESC"
        )
        return [Met(*row) for row in rows]

    def strangers(self) -> list[Met]:
        """Those that are only counted."""
        return [one for one in self.met() if not self.allowed(one.drone_uid, one.vendor)]

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()
