"""Bytes a row of what is published, beside what others would publish of the same rows.

Ten signals of real and recorded flights, whole payloads with envelope, header and keys: 60 rows
at 1 Hz, 100 rows at 10 Hz. Peers write doubles that hold the same decimals.
"""

import gzip
import json
import statistics
import struct
import zlib

import msgpack
from figure import Figure
from large_logs import missing
from rich.table import Table
from rows import NAMES, batches

CASES = (("1 Hz x 60", 1_000_000, 60, 14), ("10 Hz x 100", 100_000, 100, 9))


def figures():
    if missing():
        print(missing())
        return
    for case, interval_us, count, limit in CASES:
        sizes = {
            name: [[len(make(batch)) / count for make in PEERS.values()]
                   for batch in batches(name, interval_us, count)]
            for name in NAMES
        }  # fmt: skip
        means = {
            name: [statistics.mean(column) for column in zip(*of_log, strict=True)]
            for name, of_log in sizes.items()
        }
        SEEN[case] = means
        ours, *peers = [statistics.mean(one) for one in zip(*means.values(), strict=True)]
        yield Figure(f"payload bytes a row, 10 signals, {case}", ours, "B", limit, "B, the limit",
                     ours / limit)  # fmt: skip
        worst = max(of_log[0] for of_log in means.values())
        yield Figure(f"{case}, the worst of {len(NAMES)} logs", worst, "B", limit, "B, the limit",
                     worst / limit)  # fmt: skip
        for name, peer in zip(list(PEERS)[1:], peers, strict=True):
            yield Figure(f"{case}, beside it", ours, "B", peer, f"B, {name}", ours / peer)


SEEN = {}


def tables():
    """Each log by itself."""
    for case, means in SEEN.items():
        table = Table(title=f"payload bytes a row, {case}")
        for column in ("log", *PEERS):
            table.add_column(column)
        for name, of_log in means.items():
            table.add_row(name, *(f"{size:.1f}" for size in of_log))
        yield table


def json_rows(batch):
    return json.dumps(list(batch.rows()), separators=(",", ":")).encode()


def gzipped_lines(batch):
    lines = []
    for row in batch.rows():
        fields = ",".join(f"{k}={v}" for k, v in row.items() if k != "time" and v is not None)
        lines.append(f"series,drone={batch.message.drone_uid} {fields} {row['time']}")
    return gzip.compress("\n".join(lines).encode(), 9)


def msgpack_rows(batch):
    return msgpack.packb(list(batch.rows()))


def sparkplug(batch):
    """One Sparkplug B payload: a metric for each value, by alias, with its time and datatype.

    Fields of org.eclipse.tahu.protobuf.Payload: timestamp 1, metrics 2, seq 3; of Metric: alias
    2, timestamp 3, datatype 4, double_value 13. Deflated as its clients may.
    """
    metrics = b""
    for row in batch.rows():
        for alias, (name, value) in enumerate(row.items()):
            if name != "time" and value is not None:
                metric = (
                    b"\x10" + varint(alias) + b"\x18" + varint(row["time"]) + b"\x20\x0a\x69"
                    + struct.pack("<d", value)
                )  # fmt: skip
                metrics += b"\x12" + varint(len(metric)) + metric
    return zlib.compress(
        b"\x08" + varint(batch.message.start.us // 1000) + metrics + b"\x18\x01", 9
    )


def varint(number):
    octets = bytearray()
    while number > 0x7F:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*octets, number])


PEERS = {
    "windsock": lambda batch: batch.payload(),
    "JSON": json_rows,
    "line protocol, gzip": gzipped_lines,
    "Sparkplug-B-like, deflated": sparkplug,
    "msgpack": msgpack_rows,
}
