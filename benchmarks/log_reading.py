"""How fast logs are read and measured, and in how much memory.

All times are process CPU time, medians of 5 runs in turns with the peer's; files are in the page
cache. "Needed" are the topics a FlightRecord is made of, with all their fields; the peer reads the
same ones. DFReader has its index in C. "Reading the file once" is `read_bytes`. Peak memory is the
largest of 3 runs.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import large_logs
from figure import Figure
from large_logs import DATAFLASH, LOGS, ULOG, large, named
from pymavlink.DFReader import DFReader_binary
from pyulog import ULog
from timing import RUNS, in_turns

from windsock.agent.intake import Handling, messages, take_in
from windsock.agent.logs.reader import read_flight_log
from windsock.agent.record.wanted import WANTED
from windsock.protocol.envelope import Header, encode

SMALL_ULOGS = (
    "collected/frv2__ekf_failure.ulg",
    "collected/pyulog__sample.ulg",
    "collected/pyulog__sample_unordered.ulg",
    "collected/surrealist__experiments_m0.ulg",  # somebody's simulation, with the most topics
)
ONE_MB = (
    LOGS / "collected/pyulog__sample_log_small.ulg",
    LOGS / "recorded/h3_v455_forced_disarm.BIN",
)
LIMIT_MB = 80
LIMIT_TIMES_READING = 6
NEEDED = sorted(WANTED)

PEAK = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "windsock.agent", "read", sys.argv[1]], check=True,
               stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""  # through a small process: a child's peak counts the pages of the one that started it


def figures():
    if reason := large_logs.missing():
        print(f"log_reading {reason}")
        return
    yield from ulogs()
    yield from dataflash_logs()
    for source in (ULOG, DATAFLASH):
        yield from record(large(source, 64))
    for source in (*ONE_MB, *((ULOG, 64), (ULOG, 300), (DATAFLASH, 64), (DATAFLASH, 300))):
        yield peak(source)


def ulogs():
    path, name = large(ULOG, 64)
    yield faster("needed topics", name, reading(path, NEEDED), pyulog(path, NEEDED), 15)
    yield faster("all topics", name, reading(path, None), pyulog(path, None), 10)
    for small in SMALL_ULOGS:
        path = LOGS / small
        yield faster("needed topics", named(path), reading(path, NEEDED), pyulog(path, NEEDED), 6)


def dataflash_logs():
    path, name = large(DATAFLASH, 64)
    yield faster("needed messages", name, reading(path, NEEDED), matching(path), 25)
    yield faster("everything", name, reading(path, None), iterating(path), 100)


def faster(what, name, ours, peer, aim):
    """How many times faster than the peer; *peer* is its name and its work."""
    peer_name, work = peer
    seconds, peer_seconds = in_turns(ours, work)
    return Figure(
        f"{what}: {name}", seconds, "s", peer_seconds, f"s {peer_name}; aim {aim} times faster",
        peer_seconds / seconds,
    )  # fmt: skip


def reading(path, wanted):
    """Our work: the file's bytes to tables, and every column of them made, scales applied."""

    def work():
        with path.open("rb", buffering=0) as file:
            log = read_flight_log(file, wanted)
        for instances in log.tables.values():
            for table in instances.values():
                for name in table.fields:
                    table[name]

    return work


def pyulog(path, names):
    return "pyulog, the same", lambda: ULog(str(path), names)


def matching(path):
    def work():
        log = DFReader_binary(str(path))
        while log.recv_match(type=NEEDED) is not None:
            pass

    return "DFReader recv_match of the same", work


def iterating(path):
    def work():
        log = DFReader_binary(str(path))
        while log.recv_msg() is not None:
            pass

    return "DFReader iterated", work


def record(made):
    """From the file to packed FlightRecords, series and windows, beside reading the file once.

    Each in a process of its own: where memory was used before, reading alone is five times
    faster, for the pages are there.
    """
    path, name = made
    runs = [(alone("packed", path), alone("read", path)) for _ in range(RUNS)]
    seconds, read_s = (statistics.median(one) for one in zip(*runs, strict=True))
    yield Figure(
        f"to records, series and windows, packed: {name}", seconds, "s", read_s,
        f"s reading the file once; limit {LIMIT_TIMES_READING} times", seconds / read_s,
    )  # fmt: skip


def alone(work, path):
    """CPU seconds of `packed` or `read` in a new process, without its start."""
    command = [sys.executable, str(Path(__file__)), work, str(path)]
    return float(subprocess.run(command, capture_output=True, check=True).stdout)


def timed(work, path):
    start = time.process_time()
    work(path)
    return time.process_time() - start


def packed(path):
    header = Header("bench", 1, 0, 1, 0, 0, "boot", "0")
    return [encode(header, message) for _, message in messages(take_in(path, Handling()), 0)]


def peak(source):
    path, name = large(*source) if isinstance(source, tuple) else (source, named(source))
    command = [sys.executable, "-c", PEAK, str(path)]
    mb = max(float(subprocess.run(command, capture_output=True, check=True).stdout)
             for _ in range(3))  # fmt: skip
    return Figure(
        f"peak memory of `windsock-agent read`: {name}", mb, "MB", LIMIT_MB, "MB, the limit",
        mb / LIMIT_MB,
    )  # fmt: skip


if __name__ == "__main__":
    print(timed({"packed": packed, "read": Path.read_bytes}[sys.argv[1]], Path(sys.argv[2])))
