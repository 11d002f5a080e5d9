"""What a station keeps on disk: the spool, and apart from it the catalogue and the downloads."""

from windsock.agent.catalogue import Catalogue, open_catalogue
from windsock.agent.clock import Clock
from windsock.agent.drones.downloads import Budget, Downloads
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity, Spool, open_spool

CATALOGUE = "catalogue.sqlite"
"""In the state folder."""


def open_stores(settings: Settings, identity: Identity, clock: Clock) -> tuple[Spool, Catalogue]:
    """Spool and catalogue in the state folder; a spool that was lost is filled again."""
    spool = open_spool(settings.state / "spool.sqlite", identity, clock)
    catalogue = open_catalogue(settings.state / CATALOGUE)
    if spool.replaced:
        catalogue.forget_queued()
        downloads = open_downloads(settings, clock)
        downloads.queue_again()
        downloads.close()
    return spool, catalogue


def open_downloads(settings: Settings, clock: Clock) -> Downloads:
    """Logs on their way from drones, in the catalogue's database."""
    budget = Budget(settings.downloads.keep_mb, settings.downloads.free_mb)
    return Downloads(settings.state, budget, clock)
