"""What a station says of itself."""

import shutil
from collections.abc import Sequence

from windsock.agent.clock import Clock, synchronised
from windsock.agent.settings import Settings
from windsock.agent.spool import Spool
from windsock.agent.version import agent_version
from windsock.protocol.messages import LinkState, Station


def report(
    settings: Settings,
    clock: Clock,
    spool: Spool,
    *,
    online: bool,
    links: Sequence[LinkState] = (),
) -> Station:
    """The station's state now; *online* false is what the broker says of it once it is gone."""
    batches, size = spool.depth()
    return Station(
        boot_id=clock.boot_id,
        wall_us=clock.wall_us(),
        monotonic_us=clock.monotonic_us(),
        agent_version=agent_version(),
        station_kind=settings.station,
        online=online,
        clock_synchronised=synchronised(),
        disk_free_bytes=shutil.disk_usage(settings.state).free,
        spool_batches=batches,
        spool_bytes=size,
        drones=sorted({link.drone_uid for link in links if link.drone_uid}),
        links=list(links),
    )
