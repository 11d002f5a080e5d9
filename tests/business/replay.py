"""A simulated company's months through the real collector, a round every few hours of its clock.

Batches are ingested when they arrive, exports are taken in the morning of their day, and `Rounds`
judges, writes digests and sends to a file. CSMs answer what their digest spells out, and do tasks.
"""

import json
from collections import defaultdict
from datetime import UTC, date, datetime

from windsock.collector.answers.answer import apply_answer
from windsock.collector.answers.said import Answer
from windsock.collector.calls.tasks import close_task, task_rows
from windsock.collector.influx.telemetry import Telemetry
from windsock.collector.ledger import open_ledger, transaction
from windsock.collector.outside.take import take
from windsock.collector.receive.batch_file import read_batches
from windsock.collector.receive.ingest import Ingest
from windsock.collector.rounds import Rounds
from windsock.collector.settings import Cadence, File, Judge, Notify, Settings

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
MORNING = 6
"""The hour, UTC, at which other systems' exports are taken."""
PATIENCE_DAYS = 3
"""So long a CSM takes to answer what a digest spelt out."""
CADENCE = (
    Cadence(kind="call", of="distributor", every_days=60, playbook="CS: Trouble Call Distributor"),
    Cadence(kind="health-check", of="distributor", every_days=90,
            playbook="CS: Check Distributor Health"),
    Cadence(kind="health-check", of="direct", every_days=120, playbook="CS: Check Health"),
)  # fmt: skip


def settings_for(folder):
    """As an operator would have them, but for simulated flights and a fleet judged once a day."""
    return Settings(
        ledger=folder / "ledger",
        judge=Judge(simulated=True, interval_s=86_400.0),
        cadence=CADENCE,
        notify=Notify(support="support@maker.example", safety="safety@maker.example",
                      file=File(path=folder / "notices.jsonl")),
    )  # fmt: skip


def replay(folder, every_hours=3):
    """Live through the world in *folder*, a round every so often; the ledger that comes of it."""
    truth = json.loads((folder / "truth.json").read_text())
    settings = settings_for(folder)
    ledger = open_ledger(settings.ledger)
    ledger.execute("PRAGMA synchronous = OFF")
    ledger.execute("PRAGMA cache_size = -65536")  # KiB: months pass in minutes
    telemetry = Telemetry(ledger, None)
    ingest, rounds = Ingest(ledger, telemetry), Rounds(settings, ledger, telemetry)
    exports = _exports(folder / "imports")
    arrivals = read_batches(folder / "batches.msgpack")
    begin_us = first_us(truth)
    coming = next(arrivals, None)
    for hour in range(0, truth["days"] * 24, every_hours):
        now_us = begin_us + hour * HOUR_US
        while coming and coming[0] <= now_us:
            ingest.take(coming[1], coming[0])
            coming = next(arrivals, None)
        if hour % 24 == MORNING:
            for path, kind in exports.pop(hour // 24, ()):
                taken = take(ledger, kind, path.read_bytes(), path.name, now_us)
                assert not taken.errors, taken.errors
        rounds.make(now_us)
        if hour % 24 == MORNING:
            _people_work(ledger, now_us)
    return ledger


def first_us(truth):
    """Midnight, UTC, of the world's first day."""
    first = datetime.combine(date.fromisoformat(truth["first"]), datetime.min.time(), UTC)
    return int(first.timestamp()) * 1_000_000


def _exports(folder):
    days = defaultdict(list)
    for path in sorted(folder.iterdir()):
        day, _, kind = path.stem.split("-")
        days[int(day)].append((path, kind))
    return days


def _people_work(ledger, now_us):
    """Answer the calls of a digest some days after it, and do what is due."""
    until_us = now_us - PATIENCE_DAYS * DAY_US
    with transaction(ledger):
        answered = ledger.execute(
            "SELECT cases.id, calls.csm FROM calls JOIN call_cases ON call_id = calls.id"
            " JOIN cases ON cases.id = case_id WHERE cases.state = 'open' AND calls.opened_us <= ?"
            " GROUP BY cases.id", (until_us,)
        ).fetchall()  # fmt: skip
        for case in answered:
            said = Answer("acknowledge", None, "", case["csm"], "command")
            apply_answer(ledger, case["id"], said, now_us)
        for task in sorted(task_rows(ledger), key=lambda task: task.parent is None):
            if task.due_us <= until_us:
                close_task(ledger, task.task, task.csm or "nobody", now_us)
