"""What a station keeps on disk: the spool, and the catalogue apart from it."""

from windsock.agent.catalogue import Catalogue, open_catalogue
from windsock.agent.clock import Clock
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
    return spool, catalogue
