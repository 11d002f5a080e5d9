"""The figures of `/metrics`, from the ledger and the pulse."""

import sqlite3
from collections.abc import Iterator
from typing import Final

from windsock.collector.monitor.exposition import Figure, Kind, Sample
from windsock.collector.monitor.pulse import Pulse
from windsock.collector.receive.tallies import totals

_US: Final = 1e6
# A seq may be anything up to 2**63 - 1: `sum` would raise, `total` and the cast stop there.
_GAPS: Final = """
SELECT CASE WHEN reason IS NULL THEN 'open'
            WHEN reason = 'quarantined' THEN 'quarantined'
            WHEN reason LIKE 'restored%' THEN 'restored' ELSE 'dropped' END AS why,
    CAST(total(last_seq - first_seq + 1) AS INTEGER)
FROM gaps GROUP BY 1
"""


def figures(ledger: sqlite3.Connection, pulse: Pulse, now_us: int) -> Iterator[Figure]:
    """All of them."""
    yield from _of_ledger(ledger)
    yield from _of_pulse(pulse, now_us)


def _of_ledger(ledger: sqlite3.Connection) -> Iterator[Figure]:
    tallies = totals(ledger)
    yield _labelled("batches_total", "counter", "Batches that came, by what became of them.", {
        "outcome": {name.removeprefix("batches "): number for name, number in tallies.items()
                    if name.startswith("batches ")}})  # fmt: skip
    yield _one("rows_written_total", "counter", "Rows written to InfluxDB for batches.",
               tallies["rows written"])  # fmt: skip
    found = {"open": 0, "quarantined": 0, "dropped": 0, "restored": 0}
    found |= {row[0]: row[1] for row in ledger.execute(_GAPS)}
    yield _labelled(
        "gap_batches", "gauge", "Batches that never came, by reason.", {"reason": found}
    )
    for table, words in (
        ("quarantine", "Batches in quarantine."),
        ("dead_letters", "Lines that InfluxDB refused for good."),
    ):
        number = ledger.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - put together of our own words
        yield _one(table, "gauge", words, number)
    outbox = {"waiting": 0, "parked": 0} | {
        row[0]: row[1]
        for row in ledger.execute(
            "SELECT state, count(*) FROM outbox WHERE state <> 'sent' GROUP BY state"
        )
    }
    yield _labelled("outbox", "gauge", "Notices not sent, by state.", {"state": outbox})
    unjudged = ledger.execute("SELECT count(*) FROM unjudged").fetchone()[0]
    yield _one("flights_unjudged", "gauge", "Flights that wait for judgement.", unjudged)


def _of_pulse(pulse: Pulse, now_us: int) -> Iterator[Figure]:
    yield _one("broker_connected", "gauge", "1 while connected to the broker.", pulse.connected)
    yield _one("batches_in_hand", "gauge", "Batches that came and are not acknowledged.",
               pulse.in_hand)  # fmt: skip
    yield _one("lag_seconds", "gauge", "How long the oldest batch in hand has waited.",
               _since(pulse.in_hand_since_us, now_us) or 0)  # fmt: skip
    yield _one("influx_up", "gauge", "0 while InfluxDB takes nothing.",
               pulse.influx_down_since_us is None)  # fmt: skip
    if pulse.delay_us is not None:
        yield _one("batch_delay_seconds", "gauge",
                   "From a station's clock to the ledger, of the last batch.",
                   pulse.delay_us / _US)  # fmt: skip
    if pulse.round_us is not None:
        yield _one("last_round_timestamp_seconds", "gauge",
                   "When the last round of judging ended, UTC.", pulse.round_us / _US)  # fmt: skip


def _since(moment_us: int | None, now_us: int) -> float | None:
    return None if moment_us is None else (now_us - moment_us) / _US


def _one(name: str, kind: Kind, words: str, value: float) -> Figure:
    return Figure(f"windsock_collector_{name}", kind, words, (Sample({}, value),))


def _labelled(name: str, kind: Kind, words: str, values: dict[str, dict[str, int]]) -> Figure:
    samples = tuple(
        Sample({label: key}, number) for label, of_label in values.items()
        for key, number in of_label.items()
    )  # fmt: skip
    return Figure(f"windsock_collector_{name}", kind, words, samples)
