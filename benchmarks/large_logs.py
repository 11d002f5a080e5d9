"""Large logs made of one real log: its data section again and again, the time stamps moved on.

Definitions, parameters, infos and subscriptions stay once, so message ids keep their meaning. Each
file is built once, into `build/bench/`, and kept only if pyulog or DFReader counts as many of each
message as the log has times the copies.
"""

import struct
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pymavlink.DFReader import DFReader_binary
from pyulog import ULog

HERE = Path(__file__).parent
LOGS = HERE.parents[1] / "shared/logs"
BUILT = HERE.parent / "build/bench"
ULOG = LOGS / "recorded/px4_g1_two_flights_hwprofile_1.ulg"
DATAFLASH = LOGS / "recorded/p1_plane_auto.BIN"

PAUSE_US = 100_000  # between two copies
ULOG_HEADER, ULOG_OPENED_AT = 16, 8  # some messages are older than the file
ULOG_REPEATED = b"DLOSC"  # data, text, dropouts, syncs, tagged text
ULOG_STAMP_AT = {ord("D"): 5, ord("L"): 4, ord("C"): 6}
FMT, FMT_SIZE, FMT_LENGTH_AT, FMT_TEXTS_AT = 128, 89, 4, slice(5, 89)
DATAFLASH_ONCE = {b"FMT", b"FMTU", b"UNIT", b"MULT", b"PARM"}
DATAFLASH_STAMP_AT = 3


class LargeLog(NamedTuple):
    """A file of about the asked size; `name` says of what it was made."""

    path: Path
    name: str


class Section(NamedTuple):
    """A log's data section, (n,) bytes, where its stamps are and how long one copy lasts.

    `end` is the file offset behind the last whole message.
    """

    end: int
    repeated: np.ndarray
    stamps_at: np.ndarray
    span_us: int


def missing():
    """One line on why there is nothing to measure, or None."""
    return None if LOGS.is_dir() else "skipped: no shared logs: they go to ../shared/logs"


def named(path):
    """A log's name in a figure: its folder and file."""
    return f"shared/logs/{path.relative_to(LOGS)}"


def large(source, megabytes):
    """The log at *source* as often as it takes to be nearest to *megabytes* (of 2**20 bytes)."""
    copies = max(1, round(megabytes * 2**20 / source.stat().st_size))
    path = BUILT / f"{source.stem}_x{copies}{source.suffix}"
    if not path.exists():
        BUILT.mkdir(parents=True, exist_ok=True)
        one, part = (path.with_name(prefix + path.name) for prefix in ("one_", "part_"))
        is_ulog = source.suffix == ".ulg"
        build(source, ulog_section if is_ulog else dataflash_section, {one: 1, part: copies})
        verify(one, copies, part, ulog_counts if is_ulog else dataflash_counts)
        one.unlink()
        part.rename(path)
    size = path.stat().st_size / 2**20
    return LargeLog(path, f"{copies} x {named(source)}, {size:.0f} MB")


def build(source, section_of, copies_of):
    """Write each path of *copies_of*, without what is cut off at the end of *source*."""
    data = source.read_bytes()
    section = section_of(data)
    for path, copies in copies_of.items():
        with path.open("wb") as file:
            file.write(data[: section.end])
            for copy in range(1, copies):
                file.write(moved(section, copy * section.span_us))


def moved(section, shift_us):
    """The section's bytes with all stamps later by *shift_us*."""
    data = section.repeated.copy()
    places = section.stamps_at[:, None] + np.arange(8)
    data[places] = (data[places].view("<i8") + shift_us).view(np.uint8)
    return data.tobytes()


def ulog_section(data):
    """Everything that is no definition, parameter, info or subscription."""
    messages = []
    start = ULOG_HEADER
    while start + 3 <= len(data):
        size, kind = struct.unpack_from("<HB", data, start)
        end = start + 3 + size
        if kind in ULOG_REPEATED and end <= len(data):
            messages.append((start, end, ULOG_STAMP_AT.get(kind)))
        start = end
    return section(data, messages, *struct.unpack_from("<q", data, ULOG_OPENED_AT))


def dataflash_section(data):
    """Everything that is no definition and no parameter."""
    sizes, once, stamped = {FMT: FMT_SIZE}, {FMT}, set()
    messages = []
    start = 0
    while start + 3 <= len(data):
        if data[start : start + 2] != b"\xa3\x95":
            raise ValueError("the log is damaged or padded")
        kind = data[start + 2]
        end = start + sizes[kind]
        if kind == FMT:
            defined, sizes[defined] = data[start + 3], data[start + FMT_LENGTH_AT]
            texts = data[start:end][FMT_TEXTS_AT]
            if texts[:4].rstrip(b"\0") in DATAFLASH_ONCE:
                once.add(defined)
            if texts[4:5] == b"Q" and texts[20:].startswith(b"TimeUS"):
                stamped.add(defined)
        if kind not in once and end <= len(data):
            messages.append((start, end, DATAFLASH_STAMP_AT if kind in stamped else None))
        start = end
    return section(data, messages)


def section(data, messages, opened_us=None):
    """The messages, (start, end, place of the stamp or None) each, without those between them."""
    repeated = np.frombuffer(b"".join(data[start:end] for start, end, _ in messages), np.uint8)
    starts = np.cumsum([0] + [end - start for start, end, _ in messages[:-1]])
    stamped = [place is not None for _, _, place in messages]
    stamps_at = starts[stamped] + [place for _, _, place in messages if place is not None]
    stamps = repeated[stamps_at[:, None] + np.arange(8)].view("<i8")
    span_us = int(stamps.max() - (stamps.min() if opened_us is None else opened_us)) + PAUSE_US
    return Section(messages[-1][1], repeated, stamps_at, span_us)


def verify(one, copies, path, counts_of):
    once, once_only = counts_of(one)
    many, many_only = counts_of(path)
    if many != Counter({name: copies * count for name, count in once.items()}):
        raise ValueError(f"{path} does not hold {copies} times what {one} does")
    if many_only != once_only:
        raise ValueError(f"{path} repeats the definitions of {one}")


def ulog_counts(path):
    """Messages by topic and instance, text included; then parameters and subscriptions."""
    log = ULog(str(path))
    counts = Counter(
        {(one.name, one.multi_id): len(one.data["timestamp"]) for one in log.data_list}
    )
    counts["text"] = len(log.logged_messages)
    ids = {one.msg_id: one.name for one in log.data_list}
    return counts, (log.initial_parameters, len(log.changed_parameters), ids)


def dataflash_counts(path):
    """Messages by type, then those that come once."""
    log = DFReader_binary(str(path))
    names = {number: one.name for number, one in log.formats.items()}
    counts = {names[number]: count for number, count in enumerate(log.counts) if count}
    once = {name.decode() for name in DATAFLASH_ONCE}
    repeated = Counter({name: count for name, count in counts.items() if name not in once})
    log.close()
    return repeated, {name: counts[name] for name in once & counts.keys()}
