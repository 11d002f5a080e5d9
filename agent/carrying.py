"""What waits, into a file, and the acknowledgements out of another: a station without network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from windsock.agent.clock import Clock
from windsock.agent.settings import Settings
from windsock.agent.spool import Spool
from windsock.agent.station import Condition, report
from windsock.protocol.acks import decode_acks
from windsock.protocol.carried import Answer, Spooled, about, check_seal, sealed
from windsock.protocol.errors import WireError

_CHUNK: Final = 1 << 20
_ALL: Final = 2**31


def export(spool: Spool, settings: Settings, clock: Clock, path: Path) -> tuple[int, int]:
    """Write all that waits to *path*; how many batches and bytes.

    Nothing goes from the spool: that is what the collector's answer is for. The file appears whole
    or not at all.
    """
    batches = spool.head(_ALL)
    station = report(settings, clock, Condition(*spool.depth()), online=False)
    head = Spooled(settings.agent, msgspec.json.encode(station), len(batches))
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        for piece in sealed("spool", head, _payloads(spool, batches)):
            file.write(piece)
        size = file.tell()
    part.replace(path)
    return len(batches), size


def acknowledge(spool: Spool, agent: str, path: Path) -> tuple[int, int]:
    """Delete what the collector's answer at *path* says it has; how many went, and are left.

    Raises WireError for a file that was cut or changed, is no answer, or is another station's.
    """
    check_seal(chunks(path))
    answer, parts = about("acks", Answer, chunks(path))
    if answer.agent != agent:
        raise WireError(f"an answer to station {answer.agent!r}, this one is {agent!r}")
    gone = sum(len(spool.remove(decode_acks(part))) for part in parts)
    return gone, spool.depth()[0]


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _payloads(spool: Spool, batches: list[int]) -> Iterator[bytes]:
    for batch in batches:
        try:
            yield spool.payload(batch)
        except KeyError:  # sent by the service meanwhile, or changed by the disk
            continue
