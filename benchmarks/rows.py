"""Rows of real flights: all ten signals of named logs, in batches as a station would send them."""

from functools import cache
from typing import NamedTuple

import msgspec
import numpy as np
from large_logs import LOGS

from windsock.agent.intake import Handling, take_in
from windsock.agent.record import series as recorded
from windsock.protocol.columns import decode_columns, encode_column
from windsock.protocol.envelope import SERIES, Header, encode
from windsock.protocol.signals import BY_NAME

NAMES = (
    "collected/dronekitla__log171.bin",
    "collected/pbarker__1.BIN",
    "collected/delorean__data_00000097.BIN",
    "collected/delorean__data_00000122.BIN",
    "collected/frv2__ekf_failure.ulg",
    "collected/joey__2014-10-18_21-19-07.bin",
    "recorded/a1_normal_box.BIN",
    "recorded/d4_gusts14.BIN",
    "recorded/p1_plane_auto.BIN",
)
"""Logs with a flight of a minute or more and all ten signals."""
AGENT, VERSION = "station-1", "0.1.0"


class Batch(NamedTuple):
    """Some rows of a flight: the message, and its values (columns, rows) where present."""

    message: object
    steps: np.ndarray
    present: np.ndarray

    def payload(self, seq=4200):
        """What is published."""
        return encode(header(SERIES, seq), self.message)

    def rows(self):
        """As JSON has them: the time in milliseconds, then each signal or null."""
        start_ms, step_ms = self.message.start.us // 1000, self.message.interval_us // 1000
        scales = [BY_NAME[name].scale for name in self.message.columns]
        values = (self.steps / np.array(scales)[:, None]).T.tolist()
        for index, (row, there) in enumerate(zip(values, self.present.T.tolist(), strict=True)):
            cells = [value if ok else None for value, ok in zip(row, there, strict=True)]
            yield {"time": start_ms + index * step_ms,
                   **dict(zip(self.message.columns, cells, strict=True))}  # fmt: skip


def header(lane, seq):
    """A header as long as a station's that has been up for a week."""
    return Header(AGENT, 0xBA98_7654_3210, lane, seq, 1_795_467_700_000_000,
                  600_000_000_000, "5d2b5ae4", VERSION)  # fmt: skip


@cache
def flights(name, interval_us):
    """The flights of a log that have all ten signals, whole, as one batch each."""
    kept = recorded.SERIES_INTERVAL_US, recorded.CHUNK_ROWS
    recorded.SERIES_INTERVAL_US, recorded.CHUNK_ROWS = interval_us, 20_000
    try:
        found = take_in(LOGS / name, Handling("full")).series
    finally:
        recorded.SERIES_INTERVAL_US, recorded.CHUNK_ROWS = kept
    return [
        Batch(one, *decode_columns(list(one.columns.values()), one.rows))
        for one in found
        if len(one.columns) == len(BY_NAME)
    ]


def batches(name, interval_us, rows):
    """Each *rows* rows of the log's flights; what is left over at their ends is left out."""
    for flight in flights(name, interval_us):
        for first in range(0, flight.message.rows - rows + 1, rows):
            yield part(flight, first, rows)


def part(flight, first, rows):
    """*rows* rows of a flight from *first* on, encoded as the agent does."""
    some = slice(first, first + rows)
    steps, present = flight.steps[:, some], flight.present[:, some]
    columns = {
        name: encode_column(values, there, alone=True)
        for name, values, there in zip(flight.message.columns, steps, present, strict=True)
    }
    message = flight.message
    shift_us = first * message.interval_us
    start = msgspec.structs.replace(
        message.start,
        **{name: getattr(message.start, name) + shift_us
           for name in ("us", "earliest_us", "latest_us") if getattr(message.start, name)},
    )  # fmt: skip
    changed = {"start_boot_us": message.start_boot_us + shift_us, "rows": rows}
    return Batch(msgspec.structs.replace(message, start=start, columns=columns, **changed),
                 steps, present)  # fmt: skip


def laid_end_to_end(rows):
    """One flight of *rows* rows at 1 Hz made of all named ones, one after the other."""
    parts = [flight for name in NAMES for flight in flights(name, 1_000_000)]
    steps = np.concatenate([one.steps for one in parts], axis=1)
    present = np.concatenate([one.present for one in parts], axis=1)
    repeats = -(-rows // steps.shape[1])
    whole = Batch(parts[0].message, np.tile(steps, repeats), np.tile(present, repeats))
    return part(whole, 0, rows)
