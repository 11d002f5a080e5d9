"""``gaps`` and ``quarantine`` as a terminal shows them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from windsock.collector.delivery.dissect import fault, hexdump, parts
from windsock.collector.delivery.gap_rows import GapRow, lost_by_restore
from windsock.collector.delivery.quarantine import Kept, QuarantineRow, Retried
from windsock.collector.show.layout import Column, laid_out, text


def gaps_table(rows: Sequence[GapRow], width: int) -> Table:
    """One row a gap."""
    open_ones = [row for row in rows if row.reason is None]
    notes = [] if rows else ["nothing is missing"]
    if open_ones:
        notes.append(f"{sum(row.batches for row in open_ones)} batches may still come")
    restored = lost_by_restore(list(rows))
    if restored:
        notes.append(
            f"{', '.join(restored)}: sent after the backup that was restored; on the station"
            " `windsock-agent import --again -c agent.toml LOGS` sends logs once more"
        )
    return laid_out(_GAPS, rows, width, notes)


def quarantine_table(rows: Sequence[QuarantineRow], width: int) -> Table:
    """One row a batch."""
    notes = ["`quarantine show ID` for its bytes"] if rows else ["the quarantine is empty"]
    return laid_out(_QUARANTINE, rows, width, notes)


def retried_table(rows: Sequence[Retried], width: int) -> Table:
    """One row a batch."""
    return laid_out(_RETRIED, rows, width, [] if rows else ["the quarantine is empty"])


def dissected(kept: Kept) -> Iterator[Text]:
    """One batch: what it is, why it is here, its parts, its bytes and where it is wrong."""
    row, payload = kept
    error = fault(payload)
    yield text(f"{row.id}: {row.size_bytes:,} bytes on {row.topic}, {_moment(row.received_us)}")
    yield text(f"then: {row.reason}", "yellow")
    if error is None:
        yield text(f"now:  the envelope can be read; `quarantine retry {row.id}`", "green")
    else:
        place = "" if error.at is None else f", at byte {error.at}"
        yield text(f"now:  {error.reason}{place}", "red")
    yield Text()
    for part in parts(payload):
        yield text(f"{part.first:>7} - {part.last - 1:<7} {part.says}")
    yield Text()
    shown = -1
    for line in hexdump(payload, error.at if error else None):
        if line.offset > shown + 1 and shown >= 0:
            yield text("   ...", "dim")
        shown = line.offset + 15
        mark, style = (">", "bold red") if line.marked else (" ", "")
        yield text(f"{mark} {line.offset:07x}  {line.octets:<47}  {line.text}", style)
    if len(payload) > shown + 1:
        yield text("   ...", "dim")


def _moment(moment_us: int | None) -> str | None:
    if moment_us is None:
        return None
    return f"{datetime.fromtimestamp(moment_us / 1e6, UTC):%Y-%m-%d %H:%M:%S}"


_GAPS: Final[Sequence[Column[GapRow]]] = (
    Column("station", lambda row: text(row.agent)),
    Column("epoch", lambda row: text(row.epoch), rank=3),
    Column("lane", lambda row: text(row.lane)),
    Column("numbers", lambda row: text(f"{row.first_seq} - {row.last_seq}"), right=True, rank=2),
    Column("batches", lambda row: text(str(row.batches)), right=True),
    Column("station seen", lambda row: text(_moment(row.station_seen_us)), rank=1),
    Column("what", lambda row: text(row.reason or "may still come",
                                    "" if row.reason else "yellow")),
)  # fmt: skip
_QUARANTINE: Final[Sequence[Column[QuarantineRow]]] = (
    Column("id", lambda row: text(str(row.id)), right=True),
    Column("came", lambda row: text(_moment(row.received_us)), rank=1),
    Column("station", lambda row: text(row.agent or row.topic)),
    Column("bytes", lambda row: text(f"{row.size_bytes:,}"), right=True, rank=2),
    Column("what", lambda row: text(row.reason)),
)
_RETRIED: Final[Sequence[Column[Retried]]] = (
    Column("id", lambda row: text(str(row.id)), right=True),
    Column("outcome", lambda row: text(row.outcome,
                                       "green" if row.outcome == "stored" else "yellow")),
    Column("what", lambda row: text(row.reason)),
)  # fmt: skip
