"""CPU time of columns: decoded, beside orjson on the same rows; written as lines, beside Point.

Ten signals at 1 Hz, made of named logs laid end to end (`rows.laid_end_to_end`); 60 rows is the
shortest series worth sending, 1,200 a flight of 20 minutes, 3,600 the longest message.
"""

import gzip

import numpy as np
import orjson
from figure import Figure
from influxdb_client import Point
from large_logs import missing
from rows import laid_end_to_end, part
from timing import in_turns

from windsock.collector.heap import keep_freed_memory
from windsock.collector.influx.digits import Steps
from windsock.collector.influx.lines import Columns, render
from windsock.collector.influx.measurements import SERIES
from windsock.collector.influx.unpacking import Packed, unpack
from windsock.protocol.columns import decode_columns
from windsock.protocol.signals import BY_NAME

SIZES = (60, 1200, 3600)
ROWS = 36_000
POINTS = 3600
WINDOW = 100
"""Messages that the collector takes in at once, at most."""


def figures():
    if missing():
        print(missing())
        return
    for size in SIZES:
        yield decoding(size)
    keep_freed_memory()  # as the collector does
    for size in SIZES[:2]:
        yield decoding_together(size)
    yield from writing()


def decoding(size):
    batch = laid_end_to_end(size)
    columns, text = list(batch.message.columns.values()), orjson.dumps(list(batch.rows()))
    times = range(ROWS // size)
    ours, theirs = in_turns(
        lambda: [decode_columns(columns, size) for _ in times],
        lambda: [orjson.loads(text) for _ in times],
    )
    return Figure(
        f"decode columns of {size} rows: CPU a row", ours / ROWS * 1e6, "us",
        theirs / ROWS * 1e6, "us, orjson of the same rows", theirs / ours,
    )  # fmt: skip


def decoding_together(size):
    """As the collector does it: the columns of all batches that came within one window."""
    batches = [part(laid_end_to_end(ROWS), first, size) for first in range(0, ROWS, size)][:WINDOW]
    packed = [Packed(list(one.message.columns.values()), [size] * 10) for one in batches]
    texts = [orjson.dumps(list(one.rows())) for one in batches]
    ours, theirs = in_turns(
        lambda: list(unpack(packed)), lambda: [orjson.loads(text) for text in texts]
    )
    rows = size * len(batches)
    return Figure(
        f"{len(batches)} batches of {size} rows together: CPU a row", ours / rows * 1e6, "us",
        theirs / rows * 1e6, "us, orjson of the same rows", theirs / ours,
    )  # fmt: skip


def writing():
    batch = laid_end_to_end(POINTS)
    message, drone = batch.message, batch.message.drone_uid
    times_us = message.start.us + message.interval_us * np.arange(POINTS)
    fields = {
        name: Steps(steps, BY_NAME[name].scale, there)
        for name, steps, there in zip(message.columns, batch.steps, batch.present, strict=True)
    }
    table = Columns(SERIES, {"drone": drone}, times_us, fields)
    rows = list(batch.rows())
    body = render(table).body
    ours, theirs, packing = in_turns(
        lambda: [render(table) for _ in range(10)],
        lambda: [point(row, drone).to_line_protocol() for row in rows],
        lambda: gzip.compress(body, 1),
    )
    ours_s, theirs_s = ours / POINTS / 10, theirs / POINTS
    yield Figure(
        "columns to line protocol, 10 fields: lines a CPU-second", 1 / ours_s, "",
        1 / theirs_s, "Point.to_line_protocol", theirs_s / ours_s,
    )  # fmt: skip
    yield Figure(
        "gzip -1 of these lines: CPU a row", packing / POINTS * 1e6, "us", ours_s * 1e6,
        "us to write them: it does not pay on a local network", packing / POINTS / ours_s,
    )  # fmt: skip
    yield Figure("lines as they are: bytes a row", len(body) / POINTS, "B",
                 len(gzip.compress(body, 1)) / POINTS, "B, gzip -1")  # fmt: skip


def point(row, drone):
    made = Point("series").tag("drone", drone).time(row["time"], "ms")
    for name, value in row.items():
        if name != "time":
            made.field(name, value)
    return made
