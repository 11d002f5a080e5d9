"""Logs that came whole from drones, into the spool by the importer like any other."""

from windsock.agent.clock import Clock
from windsock.agent.drones.met import Drones
from windsock.agent.importer import Importer, Outcome
from windsock.agent.intake import Handling
from windsock.agent.settings import Settings
from windsock.agent.stores import open_downloads


class Handover:
    """What downloads put down and the importer takes up. Of one thread."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._positions = settings.positions
        self._downloads = open_downloads(settings, clock)
        self._drones = Drones(settings.state)

    def take(self, importer: Importer) -> list[Outcome]:
        """Queue what is there; the file of a queued log may go when room is needed."""
        outcomes = []
        for log in self._downloads.whole():
            serial = self._drones.serial(log.drone_uid)
            handling = Handling(self._positions, serial, log.drone_uid)
            outcomes.append(importer.import_file(log.file, handling))
            self._downloads.queued(log.id)
        return outcomes

    def reconcile(self) -> None:
        """Make files and database agree, once at the start."""
        self._downloads.reconcile()

    def close(self) -> None:
        """Let go of the database."""
        self._downloads.close()
        self._drones.close()
