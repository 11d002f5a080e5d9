"""Rows on their way to InfluxDB, and out of it.

What is too old is left out, what is refused is set aside.
"""

import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from windsock.collector.influx.client import Refused, TelemetryStore
from windsock.collector.influx.lines import Rows, plain, render_all, since
from windsock.collector.influx.measurements import PRECISIONS
from windsock.collector.influx.posting import write_blocks
from windsock.collector.influx.spans import Span, influxql
from windsock.collector.ledger import transaction

log = logging.getLogger("windsock.collector")

_DAY_US = 86_400_000_000
_SPANS_A_REQUEST: Final = 100
_NEWEST: Final = 10_000
"""Dead letters among which one is looked for: more than a try leaves, and read in no time."""
_DEAD_LETTER: Final = """
INSERT INTO dead_letters (at_us, error, line) SELECT :at_us, :error, :line WHERE NOT EXISTS (
    SELECT 1 FROM dead_letters WHERE id > (SELECT max(id) FROM dead_letters) - :newest
        AND line = :line AND error = :error)
"""


@dataclass
class Telemetry:
    """Writes rows to *store*, or to nowhere where there is none."""

    ledger: sqlite3.Connection
    store: TelemetryStore | None
    retention_days: int | None = None

    @property
    def goes_nowhere(self) -> bool:
        """Whether there is no store: rows need not even be drawn."""
        return self.store is None

    def write(self, rows: Sequence[Rows], now_us: int) -> int:
        """Write *rows*; how many lines there were, none where there is no store.

        Lines that the store refuses become dead letters. Raises StoreDown.
        """
        if self.store is None:
            return 0
        lines = 0
        if self.retention_days:
            oldest_us = now_us - self.retention_days * _DAY_US
            rows = [since(table, oldest_us) for table in rows]
        for precision in PRECISIONS:
            tables = [table for table in rows if table.measurement.precision == precision]
            lines += write_blocks(
                self.store, render_all(tables), precision, partial(self._dead_line, now_us)
            )
        return lines

    def erase(self, spans: Sequence[Span], now_us: int) -> None:
        """Delete the rows of *spans*. Raises StoreDown.

        A store that deletes none (InfluxDB 3 Core) keeps them, and a dead letter says which.
        """
        if self.store is None:
            return
        for start in range(0, len(spans), _SPANS_A_REQUEST):
            part = spans[start : start + _SPANS_A_REQUEST]
            try:
                self.store.erase(part)
            except Refused as error:
                if len(part) == 1:
                    self._dead_letter(now_us, influxql(part[0]), str(error))
                for span in part if len(part) > 1 else ():
                    self.erase([span], now_us)

    def _dead_line(self, now_us: int, line: str, error: str) -> None:
        self._dead_letter(now_us, plain(line), error)

    def _dead_letter(self, now_us: int, line: str, error: str) -> None:
        """Once, however often its batch is tried."""
        letter = {"at_us": now_us, "error": error, "line": line, "newest": _NEWEST}
        with transaction(self.ledger):
            if self.ledger.execute(_DEAD_LETTER, letter).rowcount > 0:
                log.warning("dead letter: %s", error)
