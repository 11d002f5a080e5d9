"""What a station keeps on disk: the spool, and apart from it the catalogue and the downloads."""

from windsock.agent.catalogue import Catalogue, open_catalogue
from windsock.agent.catalogue_file import CATALOGUE, connect
from windsock.agent.clock import Clock
from windsock.agent.drones.downloads import Budget, Downloads
from windsock.agent.settings import Settings
from windsock.agent.spool import Identity, Spool
from windsock.agent.spool_file import SPOOL, beside, open_spool
from windsock.config.lock import AlreadyRunningError, only_one
from windsock.protocol.envelope import FLIGHTS
from windsock.protocol.messages import Damage

RUN_LOCK = "run.lock"
"""In the state folder: held by the service."""
_MB = 1_000_000


def open_stores(settings: Settings, identity: Identity, clock: Clock) -> tuple[Spool, Catalogue]:
    """Spool and catalogue in the state folder; a spool that lost batches is filled again.

    Raises sqlite3.OperationalError or OSError where the disk is at fault (`agent/trouble`).
    """
    catalogue = open_catalogue(settings.state / CATALOGUE, clock)
    spool = _limited(open_spool(settings.state / SPOOL, identity, clock), settings)
    if catalogue.damage:
        spool.add([(FLIGHTS, Damage(what="catalogue", detail=catalogue.damage))])
    if spool.replaced:
        queue_again(settings, catalogue, clock)
        spool.replaced = False
    return spool, catalogue


def stores_beside(settings: Settings, identity: Identity, clock: Clock) -> tuple[Spool, Catalogue]:
    """Both for another thread, or beside another process: who opened them first has mended them.

    To replace a file under somebody's hands would lose what he writes next.
    """
    catalogue = Catalogue(connect(settings.state / CATALOGUE))
    return spool_beside(settings, identity, clock), catalogue


def stores_for_command(
    settings: Settings, identity: Identity, clock: Clock
) -> tuple[Spool, Catalogue]:
    """Both for a command, which mends them only where no service has them open."""
    settings.state.mkdir(parents=True, exist_ok=True)
    try:
        with only_one(settings.state / RUN_LOCK, "the agent"):
            return open_stores(settings, identity, clock)
    except AlreadyRunningError:
        return stores_beside(settings, identity, clock)


def spool_beside(settings: Settings, identity: Identity, clock: Clock) -> Spool:
    """The spool for a port's thread: `open_stores` was called before in this process."""
    return _limited(beside(settings.state / SPOOL, identity, clock), settings)


def _limited(spool: Spool, settings: Settings) -> Spool:
    spool.max_bytes = settings.spool.max_mb * _MB
    return spool


def queue_again(settings: Settings, catalogue: Catalogue, clock: Clock) -> None:
    """Batches were lost: every log that is here is to be queued again."""
    catalogue.forget_queued()
    downloads = open_downloads(settings, clock)
    downloads.queue_again()
    downloads.close()


def open_downloads(settings: Settings, clock: Clock) -> Downloads:
    """Logs on their way from drones, in the catalogue's database."""
    budget = Budget(settings.downloads.keep_mb, settings.downloads.free_mb)
    return Downloads(settings.state, budget, clock)
