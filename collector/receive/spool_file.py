"""``windsock-collector import spool FILE``: what a station without network had carried here.

Taken as if it had come over MQTT, acknowledged by the same digests; the answer goes back to the
station the way the file came. Importing a file again stores nothing and gives the same answer.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from windsock.collector.clock import NowUs
from windsock.collector.influx.client import StoreDown, open_store
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.receive.flights import Arrival
from windsock.collector.receive.inbox import Arrived
from windsock.collector.receive.ingest import Ingest
from windsock.collector.receive.station_clock import note_clock
from windsock.collector.settings import Settings
from windsock.config.loader import load
from windsock.protocol import topics
from windsock.protocol.acks import QUARANTINED, Ack, encode_acks
from windsock.protocol.carried import Answer, Spooled, about, check_seal, sealed
from windsock.protocol.errors import WireError
from windsock.protocol.messages import Station

TOGETHER: Final = 200
"""Batches that are stored in one transaction, at most."""
_CHUNK: Final = 1 << 20
_ACKS_A_PART: Final = 4096


class Imported(NamedTuple):
    """What became of a file."""

    agent: str
    stored: int
    quarantined: int
    answer: Path


def import_spool(settings: Settings, file: Path, answer: Path, now_us: NowUs) -> Imported:
    """Take in the batches in *file*, then write the acknowledgements to *answer*.

    Raises WireError for a file that was cut or changed or is no station's, before anything is
    stored; StoreDown where InfluxDB is away: import it again then.
    """
    seal = check_seal(_chunks(file))
    head, payloads = about("spool", Spooled, _chunks(file))
    ledger = open_ledger(settings.ledger)
    influx = settings.influx
    telemetry = Telemetry(ledger, None)
    if influx:
        telemetry = Telemetry(ledger, open_store(influx), influx.retention_days)
    try:
        acks = _take(Ingest(ledger, telemetry), head, payloads, now_us)
    finally:
        ledger.close()
    _write(answer, sealed("acks", Answer(head.agent, seal), _parts(acks)))
    quarantined = sum(ack.status == QUARANTINED for ack in acks)
    return Imported(head.agent, len(acks) - quarantined, quarantined, answer)


def _take(ingest: Ingest, head: Spooled, payloads: Iterable[bytes], now_us: NowUs) -> list[Ack]:
    """As the inbox would have it, in the order in which the station would have sent them."""
    agent, acks = head.agent, list[Ack]()
    _note_clock(ingest, head, now_us())
    for together in _together(payloads):
        arrived = [Arrived(topics.up(agent), one, retained=False, mid=0) for one in together]
        acks += ingest.take(arrived, now_us()).get(agent, [])
    return acks


def _note_clock(ingest: Ingest, head: Spooled, now_us: int) -> None:
    """What its clock was worth when the file was written; of its state, the batches tell."""
    try:
        station = msgspec.json.decode(head.status, type=Station)
    except (ValueError, RecursionError) as error:
        raise WireError(f"status: {error}") from error
    with transaction(ingest.ledger):
        note_clock(ingest.ledger, station, Arrival(head.agent, now_us), live=False)


def _together(payloads: Iterable[bytes]) -> Iterator[list[bytes]]:
    several: list[bytes] = []
    for payload in payloads:
        several.append(payload)
        if len(several) == TOGETHER:
            yield several
            several = []
    if several:
        yield several


def _parts(acks: list[Ack]) -> Iterator[bytes]:
    for start in range(0, len(acks), _ACKS_A_PART):
        yield encode_acks(acks[start : start + _ACKS_A_PART])


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    """Whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.writelines(pieces)
    part.replace(path)


def import_file(options: argparse.Namespace) -> int:
    """Take in what a station without network had carried here, and write its answer."""
    settings = load(options.config, Settings)
    settings.check(options.config)
    answer = options.answer or options.file.with_name(f"{options.file.name}.acks")
    try:
        done = import_spool(settings, options.file, answer, options.now)
    except (WireError, StoreDown) as error:
        sys.stderr.write(f"windsock-collector: {options.file}: {error}\n")
        return 1
    words = f", {done.quarantined} in quarantine" if done.quarantined else ""
    sys.stdout.write(
        f"{done.agent}: {done.stored} batches stored{words}.\n"
        f"Bring {done.answer} back to the station:"
        f" `windsock-agent acknowledge {done.answer.name} -c agent.toml`.\n"
    )
    return 0
