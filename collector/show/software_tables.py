"""``windsock-collector firmware`` as two tables: versions, then drones that are not current."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table

from windsock.collector.detect.rates import LEAST_FLIGHTS, Rate
from windsock.collector.fleet.software_rows import SoftwareRow, VersionRow
from windsock.collector.show.layout import Column, day, laid_out, text

_STYLES: Final = {"overdue": "red", "notified": "yellow", "eligible": "yellow", "unknown": "cyan"}


def versions_table(rows: Sequence[VersionRow], width: int) -> Table:
    """One row a product and version, the newest first; rates with their intervals of 95 %."""
    few = any(row.crash_rate is None for row in rows)
    notes = [f"no rate below {LEAST_FLIGHTS} flights"] if few else []
    return laid_out(_VERSIONS, rows, width, notes if rows else ["no flights yet"])


def software_table(rows: Sequence[SoftwareRow], width: int) -> Table:
    """One row a drone that does not run the latest software, or whose software nobody knows."""
    shown = [row for row in rows if row.software != "current"]
    unknown = sum(row.software == "unknown" for row in rows)
    note = f"{len(rows) - len(shown)} of {len(rows)} in service are current, {unknown} unknown"
    return laid_out(_DRONES, shown, width, [note])


def _per_1000(found: Rate | None) -> str | None:
    if found is None:
        return None
    return f"{found.per_1000:.1f} ({found.lower:.1f} to {found.upper:.1f})"


_VERSIONS: Final[tuple[Column[VersionRow], ...]] = (
    Column("product", lambda row: text(row.product)),
    Column("version", lambda row: text(row.version, "bold")),
    Column("released", lambda row: text(day(row.released_us)), rank=4),
    Column("withdrawn", lambda row: text(day(row.withdrawn_us)), rank=5),
    Column("drones", lambda row: text(str(row.drones)), right=True, rank=3),
    Column("flights", lambda row: text(str(row.flights)), right=True),
    Column("crashes per 1,000", lambda row: text(_per_1000(row.crash_rate)), right=True),
    Column(
        "crash-like per 1,000",
        lambda row: text(_per_1000(row.crash_like_rate)),
        right=True,
        rank=2,
    ),
    Column("advice", lambda row: text(row.advice, "bold red")),
)
_DRONES: Final[tuple[Column[SoftwareRow], ...]] = (
    Column("drone", lambda row: text(row.serial, "bold")),
    Column("customer", lambda row: text(row.customer)),
    Column("product", lambda row: text(row.product), rank=3),
    Column("runs", lambda row: text(row.runs)),
    Column("as of", lambda row: text(day(row.seen_us)), rank=1),
    Column("switched on", lambda row: text(day(row.powered_us)), rank=4),
    Column("software", lambda row: text(row.software, _STYLES.get(row.software, "dim"))),
    Column("install", lambda row: text(row.install)),
)
