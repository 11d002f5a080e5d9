"""What a flight of 20 minutes puts on the wire, part by part.

No shared log has a flight that long with all ten signals, so its series is 1,200 rows of named
logs laid end to end; the other messages are those of a real log, each in turn.
"""

import statistics

from figure import Figure
from large_logs import missing
from rows import NAMES, header
from traffic import of_log

from windsock.protocol.envelope import encode

LIMIT_KB = 64
MINUTES = 20


def figures():
    if missing():
        print(missing())
        return
    flights = [dict(parts(name)) for name in NAMES]
    for kind in flights[0]:
        sizes = [flight.get(kind, 0) for flight in flights]
        mean = statistics.mean(sizes)
        yield Figure(f"a flight of {MINUTES} min: {kind}, mean", mean / 1000, "kB",
                     max(sizes) / 1000, "kB, the largest")  # fmt: skip
    wholes = [sum(flight.values()) / 1000 for flight in flights]
    yield Figure(f"a flight of {MINUTES} min: all, mean", statistics.mean(wholes), "kB",
                 LIMIT_KB, "kB, the limit", statistics.mean(wholes) / LIMIT_KB)  # fmt: skip
    yield Figure(f"a flight of {MINUTES} min: all, the largest", max(wholes), "kB",
                 LIMIT_KB, "kB, the limit", max(wholes) / LIMIT_KB)  # fmt: skip


def parts(name):
    """(kind, bytes) of each message of a flight."""
    for seq, (lane, message) in enumerate(of_log(name, MINUTES), 1):
        yield str(message.__struct_config__.tag), len(encode(header(lane, seq), message))
